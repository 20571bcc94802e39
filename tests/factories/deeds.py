"""Things that are done in one database transaction, each with the world it is done in and what must come of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import singledispatch
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.idempotency import Answer
from core import db
from points.earning.activities import Held, Receipt, Refusal
from points.earning.adjustments.return_lines import Returned
from points.earning.adjustments.values import Adjusted
from points.earning.evidence.receipt_claims import ClaimedLine
from points.earning.reviews import Decided
from points.ledger import Posted
from points.programmes.policy import Terms
from points.programmes.tables import Programme
from points.rewards.redemptions import Redeemed, Refused
from tests.factories.labels import Labelled, make_labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents

Act = Callable[[AsyncSession], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done, and what is told of it: the first time that it is done, and when it is asked for again."""

    programme: Programme
    act: Act
    first: object
    again: object


Making = Callable[[], Awaitable[Deed]]


@dataclass(frozen=True, slots=True)
class World:
    """A programme of two residents, and a product of which one unit saves 1,000 g and is worth 10 points."""

    programme: Programme
    ann: UUID
    bob: UUID
    product: Labelled

    @property
    def id(self) -> UUID:
        """The programme's id."""
        return self.programme.programme_id


async def make_world(terms: Terms = AT_ONCE, **budgets: int) -> World:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=terms, **budgets)
        ann, bob = await make_residents(session, programme, 2)
        return World(programme, ann, bob, await make_labelled(session))


async def done(deed: Deed) -> object:
    """Do it in a database transaction of its own, and return what is told."""
    async with db.transaction() as session:
        result = await deed.act(session)
    return told(result)


@singledispatch
def told(result: object) -> object:
    """Return what counts in a result, without ids and without whether it was there before."""
    return result


@told.register(list)
def _(results: list[object]) -> object:
    return [told(each) for each in results]


@told.register
def _(receipt: Receipt) -> object:
    return (receipt.grams, receipt.points)


@told.register
def _(held: Held) -> object:
    return str(held.rule)


@told.register(Refusal)
@told.register(Refused)
def _(refused: Refusal | Refused) -> object:
    return str(refused.reason)


@told.register
def _(returned: Returned) -> object:
    return _sums(returned.adjusted)


@told.register
def _(adjusted: Adjusted) -> object:
    return _sums([adjusted])


@told.register
def _(line: ClaimedLine) -> object:
    return told(line.outcome)


@told.register
def _(decided: Decided) -> object:
    return None if decided.state is None else decided.state.name


@told.register
def _(redeemed: Redeemed) -> object:
    return (redeemed.state, redeemed.code)


@told.register
def _(_posted: Posted) -> object:
    return "posted"


@told.register
def _(answer: Answer) -> object:
    return answer.status


def _sums(adjusted: Sequence[Adjusted]) -> tuple[int, int, int]:
    """Return grams and points that were taken back, and how many of the points are owed."""
    return (
        sum(each.grams for each in adjusted),
        sum(each.points for each in adjusted),
        sum(each.owed for each in adjusted),
    )
