"""Goods that came back: what their sale had credited is taken back, once, by the rules of the sale's own day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points import ledger
from points.earning.activities import Reason, Refusal, SaleLine
from points.earning.adjustments.adjustments import Order, carry_out
from points.earning.adjustments.cases import Sources, open_cases, sources_of
from points.earning.adjustments.plans import Case, too_many
from points.earning.adjustments.return_lines import (
    Returned,
    ReturnLine,
    ReturnOutcome,
    allot,
    allot_anonymous,
    goods_of,
    out_of_time,
    unfit,
)
from points.earning.adjustments.return_queries import lower
from points.earning.adjustments.sought import ReportedReturn, Sought, came_back, seek
from points.earning.adjustments.values import AdjustmentKind, Change, Done, Nothing, UnitsTaken
from points.earning.appraisals import UnitKey, unit_key
from points.earning.evidence import unit_claims
from points.earning.guards.needs import BroughtBack
from points.earning.guards.review_queries import reviews_of
from points.earning.guards.screening import note_returned
from points.earning.guards.tables import ReviewState
from points.errors import StateConflictError
from points.programmes.queries import rulebook as read_rulebook
from points.residents.recognition import TillKeys

_REASON: Final = "Units came back to the retailer."
_HELD: Final = Refusal(
    Reason.HELD_FOR_REVIEW,
    "The sale is held for review and has credited nothing yet; send the return again once it is decided.",
)
_REFUSED: Final = Refusal(
    Reason.NO_SUCH_SALE, "The sale was refused after a review and has credited nothing; there is nothing to take back."
)
_SOLD_ELSEWHERE: Final = Refusal(
    Reason.NO_SUCH_SALE,
    "The unit was sold with another line, which named its serial; send the return with that line in `bought`, or "
    "without `bought`.",
)
_DIFFERENTLY: Final = Refusal(
    Reason.REPORTED_DIFFERENTLY,
    "This line of this return was reported before with another product, quantity, time or sale; that stands.",
)

Told = tuple[str, bytes]
"""The key of a return and what came with it."""

Allotment = list[tuple[UUID, int]]
"""How many units come back of which receipt; empty where the sale was nobody's yet."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a batch is judged by: credits as they stand, and the sales among those it names that a review refused."""

    sources: Sources
    cases: Mapping[UUID, Case]
    refused: frozenset[UUID]
    now: datetime


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
    await _still(session, programme_id, sought.values())
    once = {each.told: each for each in sought.values()}
    found = await ledger.find(session, programme_id, [each.use for each in once.values()])
    repeated = {each.use.key for each, stands in zip(once.values(), found, strict=True) if stands is not None}
    stopped = await _refused(
        session, programme_id, {sale for each in once.values() for sale in each.sales} - cases.keys()
    )
    allotted = _allot(once, repeated, _Judged(sources, cases, stopped, now))
    orders = {
        told: Order(each.use, _changes(each, allotment))
        for told, each in once.items()
        if not isinstance(allotment := allotted[told], Refusal)
    }
    done = dict(zip(orders, await carry_out(session, sources, cases, list(orders.values()), now=now), strict=True))
    await _lower(session, programme_id, once, done)
    await _settle(session, programme_id, once, done)
    await note_returned(session, sources.rulebook, _brought_back(once, allotted, done, cases))
    refused = {told: each for told, each in allotted.items() if isinstance(each, Refusal)}
    return {told: _outcome(each, done.get(told) or refused[told]) for told, each in once.items()}


async def _still(session: AsyncSession, programme_id: UUID, sought: Iterable[Sought]) -> None:
    """See to it that units are what they were before their residents were locked; from then on they stay so."""
    named = [each for each in sought if each.key is not None]
    read = {each.unit.key: each.unit for each in named if each.unit is not None}
    if named and await unit_claims.standing(session, programme_id, {each.key for each in named if each.key}) != read:
        raise StateConflictError("A label's unit was sold at this very moment; send the return again.")


async def _settle(
    session: AsyncSession, programme_id: UUID, once: Mapping[Told, Sought], done: Mapping[Told, Done | Refusal]
) -> None:
    """Have units that came back be nobody's until they are sold again; give back what was claimed for nothing."""
    back = {
        unit.key: unit
        for told, outcome in done.items()
        if isinstance(outcome, Done) and not outcome.replayed
        for unit in came_back(once[told], outcome)
    }
    await unit_claims.save(session, programme_id, list(back.values()))
    fresh = {each.key for each in once.values() if each.key is not None and each.fresh}
    await ledger.unclaim(session, programme_id, [unit_key(each) for each in sorted(fresh - back.keys())])


async def _refused(session: AsyncSession, programme_id: UUID, uncredited: set[UUID]) -> frozenset[UUID]:
    """Return which of the sales that have credited nothing never will, unless their review is opened again."""
    found = await reviews_of(session, programme_id, uncredited) if uncredited else {}
    return frozenset(sale_id for sale_id, each in found.items() if each.state == ReviewState.REFUSED)


def _allot(once: Mapping[Told, Sought], repeated: set[str], judged: _Judged) -> dict[Told, Allotment | Refusal]:
    """Return what each return is of, after those before it; nothing where its key is in use: its claim will say so."""
    left = {case.activity_id: case.standing.units for case in judged.cases.values()}
    unclaimed: dict[tuple[str, int], int] = {}
    in_use = set(repeated)
    back: set[UnitKey] = set()
    allotted: dict[Told, Allotment | Refusal] = {}
    for told, each in once.items():
        found: Allotment | Refusal = []
        if each.use.key not in in_use:
            found = too_many(1, 0) if each.key in back else _units(each, judged, left, unclaimed)
            if isinstance(found, list):
                found += _label(each, judged, left, found)
        if not isinstance(found, Refusal):
            in_use.add(each.use.key)
            back |= set() if each.key is None else {each.key}
            left |= {activity_id: left[activity_id] - units for activity_id, units in found}
        allotted[told] = found
    return allotted


def _units(
    each: Sought, judged: _Judged, left: Mapping[UUID, int], unclaimed: dict[tuple[str, int], int]
) -> Allotment | Refusal:
    rulebook, cases = judged.sources.rulebook, judged.cases
    if (refusal := out_of_time(each.line, rulebook, judged.now) or each.stranger) is not None:
        return refusal
    if each.anonymous is not None:
        return _not_of(each, each.anonymous.sold_at) or allot_anonymous(
            each.line, each.gtin, each.anonymous, unclaimed, rulebook
        )
    if each.unit is not None and each.line.bought is None and not (each.unit.is_back or each.unit.is_sold_again):
        return _of_unit(each, cases, left)
    candidates = [cases[activity_id] for activity_id in each.sales if activity_id in cases]
    if each.sales and not candidates:
        return _REFUSED if judged.refused.issuperset(each.sales) else _HELD
    if each.line.bought is None:
        fitting = [case for case in candidates if unfit(case, each.line, each.gtin) is None]
        is_back = each.unit is not None and each.unit.is_back
        return too_many(each.line.quantity, 0) if is_back and not fitting else allot(each.line, fitting, left)
    refusals = (unfit(case, each.line, each.gtin) or _not_of(each, case.effective_at) for case in candidates)
    return next((no for no in refusals if no), None) or allot(each.line, candidates, left)


def _not_of(each: Sought, sold_at: datetime) -> Refusal | None:
    """Return why the unit that is named can not come back from a line sold then, if it is known to be of another."""
    unit = each.unit
    if unit is None:
        return None
    if unit.came_back_after(sold_at):
        return too_many(each.line.quantity, 0)
    return _SOLD_ELSEWHERE if unit.named and unit.known_sale_id not in each.sales else None


def _of_unit(each: Sought, cases: Mapping[UUID, Case], left: Mapping[UUID, int]) -> Allotment | Refusal:
    """Return what a return is of by the unit it names: that unit's sale at this retailer, or the label's own credit."""
    if each.unit is not None and each.unit.came_back_after(each.line.returned_at):
        return too_many(each.line.quantity, 0)  # what it is of now was sold after that
    found = [cases[activity_id] for activity_id in each.credits if activity_id in cases]
    found = [case for case in found if case.retailer_id in {None, each.retailer_id}]
    return next((no for case in found if (no := unfit(case, each.line, each.gtin))), None) or allot(
        each.line, found, left
    )


def _label(each: Sought, judged: _Judged, left: Mapping[UUID, int], found: Allotment) -> Allotment:
    """Return what goes besides the line that was named: the credit of the label whose unit came back with it.

    Where an order took that, no unit goes, and yet its label says that it came back: it is not given back after that.
    """
    case = judged.cases.get(each.label) if each.label is not None else None
    if case is None or case.activity_id in dict(found) or unfit(case, each.line, each.gtin):
        return []
    return [(case.activity_id, min(1, left[case.activity_id]))]


def _changes(each: Sought, allotment: Allotment) -> tuple[Change, ...]:
    sold = next((activity_id for activity_id, _ in allotment if activity_id != each.label), None)
    serial = None if each.key is None else each.key[1]
    return tuple(
        Change(
            key=each.use.key,
            activity_id=activity_id,
            kind=AdjustmentKind.RETURN,
            keep=UnitsTaken(units) if units else Nothing(),
            reason=_REASON,
            order_id=each.use.entry_id,
            effective_at=each.line.returned_at,
            serial=serial if activity_id == sold else None,
        )
        for activity_id, units in allotment
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


def _brought_back(
    once: Mapping[Told, Sought],
    allotted: Mapping[Told, Allotment | Refusal],
    done: Mapping[Told, Done | Refusal],
    cases: Mapping[UUID, Case],
) -> list[BroughtBack]:
    """Return what guards count: units of each receipt that came back now, and of labels alone for their retailer only.

    What a resident scans is not among what they bought, and what comes back of it is not held against them.
    """
    return [
        BroughtBack(
            None if activity_id == each.label else case.resident_id, each.retailer_id, units, each.line.returned_at
        )
        for told, outcome in done.items()
        if isinstance(outcome, Done) and not outcome.replayed
        if not isinstance(allotment := allotted[told], Refusal)
        for each in (once[told],)
        for activity_id, units in allotment
        if activity_id != each.label or len(allotment) == 1
        for case in (cases[activity_id],)
    ]


def _outcome(each: Sought, outcome: Done | Refusal) -> ReturnOutcome:
    if isinstance(outcome, Refusal):
        return _DIFFERENTLY if outcome.reason is Reason.REPORTED_DIFFERENTLY else outcome
    return Returned(
        outcome.order_id, each.retailer_id, each.gtin, each.line.quantity, outcome.adjusted, outcome.replayed
    )
