"""An order, a chunk at a time: finding what it is about, trying it out, taking it, and looking once more.

Each chunk is one database transaction that also moves the order's cursor: what a crash leaves is gone on with from
there, and nothing is done twice, since each activity is claimed for the order besides. A chunk holds all that is left
of each of its residents. Only a resident's own lots decide what of theirs is owed, so the preview, which tries each
chunk out by itself, says of everybody what the run does, if nothing happens in between.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points import ledger
from points.earning.activities import Refusal
from points.earning.adjustments.adjustments import adjust
from points.earning.adjustments.values import Adjusted
from points.earning.clawbacks import order_queries, queries, troubles
from points.earning.clawbacks.clawbacks import end_if_undone
from points.earning.clawbacks.last_looks import credited
from points.earning.clawbacks.queries import Result
from points.earning.clawbacks.revocations import stands
from points.earning.clawbacks.tables import Clawback
from points.earning.clawbacks.values import (
    AT_WORK,
    ENDED,
    FIGURES,
    SCOPE,
    Cause,
    Counterpart,
    Figures,
    Order,
    Standing,
    State,
    divided,
)
from points.programmes.policy import SpentPoints
from points.residents import notices
from points.residents.notice_queries import NewNotice, Subject
from points.residents.notice_wording import NoticeKind

SCANNED: Final = 50_000
"""Activities that are looked over in one database transaction."""
TAKEN: Final = 200
"""Activities that are taken back in one database transaction, or a few more: all of the last resident.

Few, because the budgets they go back to are locked until its end, and everybody who earns waits for those.
"""

_FIRST: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Advance:
    """Whether there may be more to do, whose credits changed, and whether somebody's request was in the way."""

    left: bool
    touched: frozenset[UUID] = frozenset()
    hindered: bool = False


async def advance(
    session: AsyncSession, programme_id: UUID, clawback_id: UUID, *, now: datetime, taken: int = TAKEN
) -> Advance:
    """Do one chunk of what an order has to do next.

    Where another worker is doing one, there is nothing left to do here: that one goes on. Where only the order's row is
    locked, by an operator's request, nobody would: there is as much left as before, and the caller comes again soon.
    """
    if not await queries.alone(session, clawback_id):
        return Advance(left=False)
    order = await queries.locked(session, programme_id, clawback_id, skip=True)
    if order is None:
        seen = await order_queries.order(session, programme_id, clawback_id)
        return Advance(left=seen is not None and seen.state in AT_WORK, hindered=True)
    return await _advance(session, order, now, taken)


async def _advance(session: AsyncSession, order: Clawback, now: datetime, taken: int) -> Advance:
    """Do the chunk of an order that is locked."""
    order.touched_at = now
    aside = await troubles.aside(session, order, now)
    if troubles.NOBODY in aside or len(aside) >= troubles.ASIDE:
        return Advance(left=False)
    if order.state != State.TAKING:
        await troubles.over(session, order)
    match State(order.state):
        case State.FINDING:
            await _find(session, order, then=State.TRYING)
        case State.TRYING:
            await _try_out(session, order, now, taken)
        case State.ORDERED:
            order.state, order.cursor = State.TAKING, None
        case State.TAKING:
            return await _take(session, order, now, taken, aside)
        case State.LOOKING:
            await _find(session, order, then=State.DONE)
            await _conclude(session, order, now)
        case _:
            return Advance(left=False)
    return Advance(left=order.state not in {State.PREVIEWED, *ENDED})


async def _find(session: AsyncSession, order: Clawback, *, then: State) -> None:
    """Look over the next activities; at their end, go on to `then`."""
    scope, late = SCOPE.validate_python(order.scope), then is State.DONE
    if order.cursor is None and scope.activity_ids:
        await queries.add_named(session, order, scope, late=late)
    seen = None
    if scope.scans(Cause(order.cause)):
        seen = await queries.scan(session, order, scope, order.cursor or _FIRST, rows=SCANNED, late=late)
        order.scanned_until = max(seen.last or _FIRST, order.scanned_until or _FIRST)
    if seen is None or seen.looked_at < SCANNED:
        order.state, order.cursor = then, None
    else:
        order.cursor = seen.last


async def _try_out(session: AsyncSession, order: Clawback, now: datetime, rows: int) -> None:
    """Work out what the next residents would be taken, and leave them as they are."""
    credits_ = await queries.next_credits(session, order, order.cursor or _FIRST, rows=rows, undone=False)
    if not credits_:
        total = await order_queries.totals(session, order.programme_id, order.clawback_id, phase=order_queries.TRIED)
        order.previewed = FIGURES.dump_python(total)
        order.state, order.cursor, order.previewed_at = State.PREVIEWED, None, now
        return
    asked = order_of(order, now)
    savepoint = await session.begin_nested()
    try:
        results, figures = await _change(session, order.programme_id, asked, credits_, now)
    finally:
        await savepoint.rollback()
    await queries.keep_results(session, order, results, taken=False)
    await queries.keep_figures(session, order, figures, taken=False)
    order.cursor = max(figures)


async def _take(session: AsyncSession, order: Clawback, now: datetime, rows: int, aside: Collection[UUID]) -> Advance:
    """Take back what the next residents were credited wrongly, and tell them; whoever is left aside has to wait."""
    credits_ = await queries.next_credits(session, order, order.cursor or _FIRST, rows=rows, undone=True, aside=aside)
    if not credits_:
        return await _turn_over(session, order, aside)
    results, figures = await _change(session, order.programme_id, order_of(order, now), credits_, now)
    await queries.keep_results(session, order, results, taken=True)
    await queries.keep_figures(session, order, figures, taken=True)
    told = [
        NewNotice(resident_id, each.grams, each.points, each.owed, each.borne)
        for resident_id, each in figures.items()
        if each.grams or each.points
    ]
    await notices.tell(session, order.programme_id, _subject(order), told, now=now)
    await troubles.over(session, order, figures.keys())
    order.cursor = max(figures)
    return Advance(left=True, touched=frozenset(each.resident_id for each in told))


async def _turn_over(session: AsyncSession, order: Clawback, aside: Collection[UUID]) -> Advance:
    """Go back to the first resident where some had failed; once nobody but those left aside is left, wait for them.

    The last look comes after every batch that did not see the order yet: those after it are kept out.
    """
    if order.stuck_since is not None and order.cursor is not None:
        order.cursor = None
        return Advance(left=True)
    await troubles.over_but(session, order, aside)
    if not aside:
        if stands(order):
            await credited(session, order.programme_id, SCOPE.validate_python(order.scope).retailer_id)
        order.state, order.cursor = State.LOOKING, None
    return Advance(left=not aside)


async def _conclude(session: AsyncSession, order: Clawback, now: datetime) -> None:
    """End an order whose last look found nothing; take what it found."""
    if order.state != State.DONE:
        return
    if await queries.next_credits(session, order, _FIRST, rows=1, undone=True):
        order.state = State.TAKING
    else:
        order.ended_at = now
        await end_if_undone(session, order, now)


async def _change(
    session: AsyncSession, programme_id: UUID, order: Order, credits_: Sequence[Counterpart], now: datetime
) -> tuple[list[Result], dict[UUID, Figures]]:
    """Change credits as the order asks; return what became of each, and of each resident."""
    resident_ids = {each.resident_id for each in credits_}
    await ledger.lock(session, programme_id, resident_ids)
    before = await queries.standings(session, programme_id, resident_ids)
    outcomes = await adjust(session, programme_id, [order.change(each) for each in credits_], now=now)
    after = await queries.standings(session, programme_id, resident_ids)
    done = list(zip(credits_, outcomes, strict=True))
    figures = {
        resident_id: divided(each, before.get(resident_id, Standing()), after.get(resident_id, Standing()))
        for resident_id, each in _sums(done).items()
    }
    return [_result(credit, outcome) for credit, outcome in done], figures


def _sums(done: Sequence[tuple[Counterpart, Adjusted | Refusal]]) -> Mapping[UUID, Figures]:
    sums: dict[UUID, Figures] = {}
    for credit, outcome in done:
        so_far = sums.get(credit.resident_id, Figures(residents=1))
        if isinstance(outcome, Adjusted):
            so_far = replace(
                so_far,
                activities=so_far.activities + 1,
                grams=so_far.grams + outcome.grams,
                points=so_far.points + outcome.points,
                owed=so_far.owed + outcome.owed,
                borne=so_far.borne + outcome.borne,
            )
        sums[credit.resident_id] = so_far
    return sums


def _result(credit: Counterpart, outcome: Adjusted | Refusal) -> Result:
    if isinstance(outcome, Refusal):
        return Result(credit, None, None, None, f"{outcome.reason}: {outcome.detail}")
    return Result(credit, outcome.grams, outcome.points, outcome.adjustment_id, None)


def order_of(order: Clawback, now: datetime) -> Order:
    """Return what an order asks of each credit; it counts from when it was ordered."""
    return Order(
        clawback_id=order.clawback_id,
        scope=SCOPE.validate_python(order.scope),
        spent=SpentPoints(order.spent_points) if order.spent_points else None,
        reason=f"{order.reason_zh} / {order.reason_en}",
        effective_at=order.ordered_at or now,
    )


def _subject(order: Clawback) -> Subject:
    scope = SCOPE.validate_python(order.scope)
    replacements = (*scope.footprints.values(), *scope.baselines.values())
    corrected = order.cause == Cause.FIGURES and all(each is not None for each in replacements)
    kind = NoticeKind.CORRECTION if corrected else NoticeKind.CLAWBACK
    return Subject(kind, order.clawback_id, order.reason_zh, order.reason_en)
