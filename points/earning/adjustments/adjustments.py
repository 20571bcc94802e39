"""Making credits worth less, and trying out what that would take: a batch at a time, each change once.

What is taken back is taken by a new entry, and the activity stays as it was: row and adjustments together say what it
is worth now. Keys are claimed here when the residents are locked already, since only then is it known what can be done;
that makes no circle, for nobody who holds such a key waits for a resident.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points import ledger
from points.earning.activities import Reason, Refusal
from points.earning.adjustments.cases import Sources, open_cases, sources_of
from points.earning.adjustments.keeping import Figures
from points.earning.adjustments.plans import Case, Plan, plan
from points.earning.adjustments.takings import take_back
from points.earning.adjustments.values import Adjusted, Change, Done
from points.ledger import ClaimState
from points.programmes.queries import rulebook as read_rulebook

_ANSWERS: Final = TypeAdapter(tuple[Adjusted, ...])


@dataclass(frozen=True, slots=True)
class Order:
    """Changes that are made together, all or none, once under one key."""

    use: ledger.KeyUse
    changes: tuple[Change, ...]

    @property
    def order_id(self) -> UUID:
        """What the key leads to."""
        assert self.use.entry_id is not None
        return self.use.entry_id


async def adjust(
    session: AsyncSession, programme_id: UUID, changes: Sequence[Change], *, now: datetime
) -> list[Adjusted | Refusal]:
    """Take back what each change takes, once; return what it took or why it can not be done, in order.

    The number of statements does not depend on the number of changes. Each change is worked out on what those before it
    in the batch leave.

    Raises:
        UnknownProgrammeError: when there is no such programme.
    """
    if not changes:
        return []
    rulebook = await read_rulebook(session, programme_id)
    sources = await sources_of(session, rulebook, [each.activity_id for each in changes], changes)
    cases = await open_cases(session, sources)
    orders = [Order(_use_of(each), (each,)) for each in changes]
    found = await carry_out(session, sources, cases, orders, now=now)
    return [each.adjusted[0] if isinstance(each, Done) else each for each in found]


async def preview(
    session: AsyncSession, programme_id: UUID, changes: Sequence[Change], *, now: datetime
) -> list[Adjusted | Refusal]:
    """Return what `adjust` would return, and leave everything as it is.

    It is the same work in a savepoint that is given up, so that the figures are the same, spent points among them. The
    ids it tells stand for nothing.

    Raises:
        UnknownProgrammeError: when there is no such programme.
    """
    savepoint = await session.begin_nested()
    try:
        return await adjust(session, programme_id, changes, now=now)
    finally:
        await savepoint.rollback()


async def carry_out(
    session: AsyncSession, sources: Sources, cases: Mapping[UUID, Case], orders: Sequence[Order], *, now: datetime
) -> list[Done | Refusal]:
    """Carry out orders on `cases`, whose residents are locked; return what became of each, in order."""
    programme_id = sources.rulebook.programme_id
    standing = await ledger.find(session, programme_id, [each.use for each in orders])
    open_ = {index: order for index, order in enumerate(orders) if standing[index] is None}
    planned = work_out(cases, open_, sources.figures)
    accepted = {index: orders[index].use for index, found in planned.items() if not isinstance(found, Refusal)}
    claimed = dict(zip(accepted, await ledger.claim(session, programme_id, list(accepted.values())), strict=True))
    fresh = {index: orders[index] for index, each in claimed.items() if each.state is ClaimState.FRESH}
    if len(fresh) < len(accepted):  # a key came twice in this batch, or of another resident at this very moment
        planned |= work_out(cases, fresh, sources.figures)
    plans = {index: found for index in fresh if not isinstance(found := planned[index], Refusal)}
    done = await take_back(session, programme_id, plans, {index: each.order_id for index, each in fresh.items()}, now)
    answers = {orders[index].use.key: {"adjusted": _dumped(each)} for index, each in done.items()}
    await ledger.answer(session, programme_id, answers)
    firsts = {orders[index].use.key: each for index, each in done.items()}
    return [
        done.get(index) or _otherwise(order.use, standing[index] or claimed.get(index), planned.get(index), firsts)
        for index, order in enumerate(orders)
    ]


def work_out(
    cases: Mapping[UUID, Case], orders: Mapping[int, Order], figures: Figures
) -> dict[int, tuple[Plan, ...] | Refusal]:
    """Return what each order takes, each on what those before it leave; nothing if it can not be done whole."""
    left = dict(cases)
    planned: dict[int, tuple[Plan, ...] | Refusal] = {}
    for index, order in orders.items():
        attempt = dict(left)
        plans = [plan(attempt, change, figures) for change in order.changes]
        refusal = next((each for each in plans if isinstance(each, Refusal)), None)
        planned[index] = refusal or tuple(each for each in plans if isinstance(each, Plan))
        if refusal is None:
            left = attempt
    return planned


def _use_of(change: Change) -> ledger.KeyUse:
    told = (change.activity_id, int(change.kind), change.keep, change.order_id)
    return ledger.KeyUse(change.key, ledger.input_hash(*told), new_id())


def _dumped(done: Done) -> object:
    return _ANSWERS.dump_python(done.adjusted, mode="json")


def _otherwise(
    use: ledger.KeyUse,
    claimed: ledger.Claimed | None,
    planned: tuple[Plan, ...] | Refusal | None,
    firsts: Mapping[str, Done],
) -> Done | Refusal:
    """Return what became of an order that was not carried out now."""
    if claimed is None and isinstance(planned, Refusal):
        return planned
    if claimed is not None and claimed.state is ClaimState.REPLAYED:
        answer = (claimed.answer or {}).get("adjusted")
        adjusted = firsts[use.key].adjusted if answer is None else _ANSWERS.validate_python(answer)
        assert claimed.entry_id is not None
        return Done(claimed.entry_id, tuple(replace(each, replayed=True) for each in adjusted), replayed=True)
    return Refusal(
        Reason.REPORTED_DIFFERENTLY,
        "This was asked before, about something else; what was done then stands. Send a new one under a number of its "
        "own.",
    )
