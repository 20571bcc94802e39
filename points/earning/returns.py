"""Goods that came back: what their sale had credited is taken back, once, by the rules of the sale's own day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points import ledger
from points.earning.activities import Reason, Refusal, SaleLine
from points.earning.adjustments.adjustments import Order, carry_out
from points.earning.adjustments.allotments import Allotment
from points.earning.adjustments.cases import Sources, open_cases, sources_of
from points.earning.adjustments.endings import Batch, settle, still
from points.earning.adjustments.judging import Judged, allot
from points.earning.adjustments.plans import Case
from points.earning.adjustments.return_lines import (
    Returned,
    ReturnLine,
    ReturnOutcome,
    goods_of,
    longest_window,
)
from points.earning.adjustments.return_queries import Wanted, lower, sold_to
from points.earning.adjustments.seeking import ReportedReturn, seek
from points.earning.adjustments.sought import Sought, Told
from points.earning.adjustments.values import AdjustmentKind, Change, Done, Nothing, UnitsTaken
from points.earning.guards.needs import BroughtBack
from points.earning.guards.review_queries import reviews_of
from points.earning.guards.screening import note_returned
from points.earning.guards.tables import ReviewState
from points.errors import StateConflictError
from points.programmes.queries import rulebook as read_rulebook
from points.residents.recognition import TillKeys

_REASON: Final = "Units came back to the retailer."
_DIFFERENTLY: Final = Refusal(
    Reason.REPORTED_DIFFERENTLY,
    "This line of this return was reported before with another product, quantity, time or sale; that stands.",
)


def return_of(line: SaleLine) -> ReturnLine:
    """Return a sale line with a negative quantity as the return it is: of the member's latest sales of the product."""
    return ReturnLine(line.receipt, line.line, None, line.member_code, line.code, -line.quantity, line.sold_at)


async def record_returns(
    session: AsyncSession, programme_id: UUID, reported: Sequence[ReportedReturn], *, keys: TillKeys, now: datetime
) -> list[ReturnOutcome]:
    """Take back what the sales of returned goods had credited; return what became of each line, in order.

    A line is taken whole or refused whole, and once, however often and however late it is sent again. The number of
    statements does not depend on the number of lines.

    Raises:
        StateConflictError: when an anonymous sale was claimed, or a label's unit sold, at this very moment. Nothing was
            done; send it again.
        UnknownProgrammeError: when there is no such programme.
    """
    if not reported:
        return []
    rulebook = await read_rulebook(session, programme_id)
    named = [goods_of(line) for _, line in reported]
    goods = {index: each for index, each in enumerate(named) if not isinstance(each, Refusal)}
    sought = await seek(session, rulebook, {index: reported[index] for index in goods}, goods, keys)
    sources = await sources_of(session, rulebook, {each for one in sought.values() for each in one.named})
    outcomes = await _record(session, sources, sought, now)
    return [each if isinstance(each, Refusal) else outcomes[sought[index].told] for index, each in enumerate(named)]


async def _record(
    session: AsyncSession, sources: Sources, sought: Mapping[int, Sought], now: datetime
) -> dict[Told, ReturnOutcome]:
    """Take back what is sought, each return once; return what became of each."""
    programme_id = sources.rulebook.programme_id
    cases = await open_cases(session, sources)
    await still(session, programme_id, sought.values())
    once = {each.told: each for each in sought.values()}
    found = await ledger.find(session, programme_id, [each.use for each in once.values()])
    repeated = {each.use.key for each, stands in zip(once.values(), found, strict=True) if stands is not None}
    stopped = await _refused(
        session, programme_id, {sale for each in once.values() for sale in each.sales} - cases.keys()
    )
    cases |= await _instead(session, sources, cases, once.values(), now)
    allotted = allot(once, repeated, Judged(sources.rulebook, cases, stopped, now))
    orders = {
        told: Order(each.use, _changes(each, allotment))
        for told, each in once.items()
        if not isinstance(allotment := allotted[told], Refusal)
    }
    done = dict(zip(orders, await carry_out(session, sources, cases, list(orders.values()), now=now), strict=True))
    await _lower(session, programme_id, once, done)
    batch = Batch(once, allotted, done, cases)
    await settle(session, programme_id, batch)
    await note_returned(session, sources.rulebook, _brought_back(batch))
    refused = {told: each for told, each in allotted.items() if isinstance(each, Refusal)}
    return {told: _outcome(each, done.get(told) or refused[told]) for told, each in once.items()}


async def _instead(
    session: AsyncSession, sources: Sources, cases: Mapping[UUID, Case], sought: Iterable[Sought], now: datetime
) -> dict[UUID, Case]:
    """Return the other sales of residents whose sales lines may be of, where guesses took some of those before.

    Their residents are locked already. Asks nothing where no guess took anything.
    """
    window = longest_window(sources.rulebook)
    wanted = {
        Wanted(case.resident_id, each.retailer_id, each.gtin, case.effective_at - window, now)
        for each in sought
        for case in (cases[sale] for sale in each.sales if sale in cases)
        if case.retailer_id == each.retailer_id
        if case.guessed_until is not None or (each.where is not None and any(it.guessed for it in each.where.stays))
    }
    found = await sold_to(session, sources.rulebook.programme_id, list(wanted))
    others = {activity_id for ids in found for activity_id in ids} - cases.keys()
    return await open_cases(session, await sources_of(session, sources.rulebook, others)) if others else {}


async def _refused(session: AsyncSession, programme_id: UUID, uncredited: set[UUID]) -> frozenset[UUID]:
    """Return which of the sales that have credited nothing never will, unless their review is opened again."""
    found = await reviews_of(session, programme_id, uncredited) if uncredited else {}
    return frozenset(sale_id for sale_id, each in found.items() if each.state == ReviewState.REFUSED)


def _changes(each: Sought, allotment: Allotment) -> tuple[Change, ...]:
    # What goes in place of another had other units: of those that came back of it, this is none.
    sold = next((it.activity_id for it in allotment if it.activity_id != each.label and not it.in_place), None)
    return tuple(
        Change(
            key=each.use.key,
            activity_id=it.activity_id,
            kind=AdjustmentKind.RETURN,
            keep=UnitsTaken(it.units) if it.units else Nothing(),
            reason=_REASON,
            order_id=each.use.entry_id,
            effective_at=each.line.returned_at,
            serial=each.serial if it.activity_id == sold else None,
            guessed_until=it.guessed_until,
            instead_of=it.instead_of,
        )
        for it in allotment
    )


async def _lower(
    session: AsyncSession, programme_id: UUID, once: Mapping[Told, Sought], done: Mapping[Told, Done | Refusal]
) -> None:
    units: dict[tuple[str, int], int] = {}
    for told, outcome in done.items():
        anonymous = once[told].anonymous
        if anonymous is not None and isinstance(outcome, Done) and not outcome.replayed:
            units[anonymous.key] = units.get(anonymous.key, 0) + once[told].line.quantity
    if not await lower(session, programme_id, units):
        raise StateConflictError("A sale was claimed with its receipt at this very moment; send the return again.")


def _brought_back(batch: Batch) -> list[BroughtBack]:
    """Return what guards count: units of each receipt that came back now, and of labels alone for their retailer only.

    What a resident scans is not among what they bought, and what comes back of it is not held against them.
    """
    return [
        BroughtBack(
            None if it.activity_id == each.label else batch.cases[it.activity_id].resident_id,
            each.retailer_id,
            it.units,
            each.line.returned_at,
        )
        for each, allotment, _ in batch.taken()
        for it in allotment
        if it.activity_id != each.label or len(allotment) == 1
    ]


def _outcome(each: Sought, outcome: Done | Refusal) -> ReturnOutcome:
    if isinstance(outcome, Refusal):
        return _DIFFERENTLY if outcome.reason is Reason.REPORTED_DIFFERENTLY else outcome
    return Returned(
        outcome.order_id, each.retailer_id, each.gtin, each.line.quantity, outcome.adjusted, outcome.replayed
    )
