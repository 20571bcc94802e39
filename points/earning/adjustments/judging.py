"""Which sale each return of a batch is of, as things stand, or why it can not be taken. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from points.earning.activities import Reason, Refusal
from points.earning.adjustments.allotments import Allotment, Allotted, Left
from points.earning.adjustments.plans import Case, too_many
from points.earning.adjustments.return_lines import no_such_sale, out_of_time, unfit
from points.earning.adjustments.sought import Sought, Told
from points.earning.evidence.units import Stay
from points.earning.keys import UnitKey
from points.programmes.policy import Rulebook

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
_ANOTHER_UNIT: Final = Refusal(
    Reason.NO_SUCH_SALE,
    "The serials of all units of that line are known, and this is none of them; send the return with the line that "
    "sold this unit, or without the serial.",
)
_ANOTHERS: Final = Refusal(
    Reason.NO_SUCH_SALE,
    "As far as is known, the unit was sold to somebody else or elsewhere, and has not come back since. Name the line "
    "that sold it in `bought`; or if it came back and was sold again, send that first, then this again, under a new "
    "Idempotency-Key.",
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a batch is judged by: credits as they stand, and the sales among those it names that a review refused."""

    rulebook: Rulebook
    cases: Mapping[UUID, Case]
    refused: frozenset[UUID]
    now: datetime


def allot(once: Mapping[Told, Sought], repeated: set[str], judged: Judged) -> dict[Told, Allotment | Refusal]:
    """Return what each return is of, after those before it; nothing where its key is in use: its claim will say so.

    Those that name what they are of come first: the others have to guess.
    """
    left = Left.of(judged.cases)
    in_use = set(repeated)
    back: set[UnitKey] = set()
    allotted: dict[Told, Allotment | Refusal] = {}
    for told, each in sorted(once.items(), key=lambda it: it[1].guessed):
        found: Allotment | Refusal = []
        if each.use.key not in in_use:
            found = too_many(1, 0) if each.key in back else _units(each, judged, left)
            if isinstance(found, list):
                found = [*found, *_label(each, judged, left, found)]
        if not isinstance(found, Refusal):
            in_use.add(each.use.key)
            back |= set() if each.key is None else {each.key}
            left.take(found, each.serial)
        allotted[told] = found
    return allotted


def _units(each: Sought, judged: Judged, left: Left) -> Allotment | Refusal:
    line, rulebook = each.line, judged.rulebook
    if (refusal := out_of_time(line, rulebook, judged.now) or each.stranger) is not None:
        return refusal
    if each.anonymous is not None:
        return (
            _not_of(each, each.anonymous.sold_at, judged.cases)
            or _another_unit(each, each.anonymous.quantity, each.serials)
            or left.anonymous(line, each.gtin, each.anonymous, rulebook)
        )
    candidates = [judged.cases[activity_id] for activity_id in each.sales if activity_id in judged.cases]
    if each.sales and not candidates:
        return _REFUSED if judged.refused.issuperset(each.sales) else _HELD
    if not each.guessed:
        refusals = (
            unfit(case, line, each.gtin)
            or _not_of(each, case.effective_at, judged.cases)
            or _another_unit(each, case.quantity, each.serials | left.serials[case.activity_id])
            for case in candidates
        )
        return next((no for no in refusals if no), None) or (
            left.named(line, candidates[0]) if candidates else no_such_sale(line)
        )
    sale = None if each.where is None else each.where.sale_at(line.returned_at)
    if sale is not None and sale not in each.sales:
        return _ANOTHERS
    return left.latest(line, there, sale) if (there := fitting(each, judged.cases)) else _none_left(each)


def fitting(each: Sought, cases: Mapping[UUID, Case]) -> list[Case]:
    """Return which of the sales that a line may be of it can be of."""
    return [
        case
        for case in (cases[activity_id] for activity_id in each.sales if activity_id in cases)
        if unfit(case, each.line, each.gtin) is None and _not_of(each, case.effective_at, cases) is None
    ]


def _none_left(each: Sought) -> Refusal:
    unit, line = None if each.where is None else each.where.unit, each.line
    is_back = unit is not None and unit.is_back and unit.effective_at <= line.returned_at
    return too_many(line.quantity, 0) if is_back else no_such_sale(line)


def moved(each: Sought, sold_at: datetime, cases: Mapping[UUID, Case]) -> dict[datetime, Stay] | None:
    """Return which guessed stays of its unit are of others if this is of a sale made then; None if it can not be."""
    if each.where is None:
        return {}
    residents = {stay.resident_id for stay in each.where.stays}
    others = [
        case.effective_at
        for case in cases.values()
        if case.resident_id in residents and (case.retailer_id, case.gtin) == (each.retailer_id, each.gtin)
    ]
    return each.where.moved(sold_at, each.line.returned_at, others)


def _not_of(each: Sought, sold_at: datetime, cases: Mapping[UUID, Case]) -> Refusal | None:
    """Return why the unit that is named can not come back of a sale made then, if it is known to be of another."""
    if each.where is None:
        return None
    if moved(each, sold_at, cases) is None:
        return too_many(each.line.quantity, 0)
    return _SOLD_ELSEWHERE if each.where.was_sold_elsewhere(sold_at, each.line.returned_at, each.sales) else None


def _another_unit(each: Sought, units: int, serials: frozenset[str]) -> Refusal | None:
    """Return why the unit that is named is none of a line's `units`, if all of those are known by their serials."""
    is_other = each.serial is not None and each.serial not in serials
    return _ANOTHER_UNIT if is_other and len(serials) >= units else None


def _label(each: Sought, judged: Judged, left: Left, found: Allotment) -> Allotment:
    """Return what goes besides the sale: the credit of the label whose unit came back with it.

    Where an order took that, no unit goes, and yet its label says that it came back: it is not given back after that.
    """
    case = judged.cases.get(each.label) if each.label is not None else None
    if case is None or case.activity_id in {it.activity_id for it in found} or unfit(case, each.line, each.gtin):
        return []
    return [Allotted(case.activity_id, min(1, left.units[case.activity_id]))]
