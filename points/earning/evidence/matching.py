"""Which sale a scanned unit belongs to, in whichever order the two are reported. Pure.

A sale that names the unit's serial settles it. A sale that does not is matched with units of its resident and product,
the oldest first, as many as it has; a unit scanned later is one of the sale's. That is a guess, and the sale that names
the serial corrects it: the one that had been matched takes another unit instead.

A unit that came back is nobody's until a sale made after that names it. Whoever scans it meanwhile gets nothing. A sale
made before that credits nothing for it, unless its return had to guess what it was of: then another sale of the same
resident has lost a unit in its place.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from points.earning.activities import Kind, Reason, Refusal
from points.earning.appraisals import Candidate
from points.earning.evidence.units import NOBODY, Stay, Unit, stay_after
from points.earning.keys import UnitKey

SOLD = frozenset({Kind.SALE, Kind.CLAIMED})
"""Kinds of evidence that a sale took place."""


@dataclass(slots=True)
class OpenSale:
    """A sale, and how many of its units nobody scanned yet."""

    activity_id: UUID
    effective_at: datetime
    left: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """To be credited. What `units` saved by their own evidence is not credited again by the sale that confirms them.

    `superseded` are credits of units that, as it turns out, somebody else had bought. `back` of its units had come back
    before the sale was told, and are not credited.
    """

    units: tuple[Unit, ...] = ()
    superseded: tuple[UUID, ...] = ()
    back: int = 0


@dataclass(frozen=True, slots=True)
class PartOf:
    """A scanned unit that had been credited already, by this activity."""

    activity_id: UUID


Match = Confirmed | PartOf | Refusal

TAKEN: Final = Refusal(
    Reason.UNIT_ALREADY_CLAIMED,
    "This label was claimed by somebody else; keep the till's receipt, and ask the shop to report the sale.",
)

RETURNED: Final = Refusal(
    Reason.ALREADY_RETURNED,
    "This unit came back to the shop, and no sale of it to you is known since. If you bought it after that, claim the "
    "sale with the code on the till's receipt, or ask the shop to report it with the label's serial.",
)

_Shelf = tuple[UUID, str]
"""A resident and a product."""


@dataclass(slots=True)
class Matching:
    """Units and sales of everybody in a batch; grows as the batch is matched.

    `changed` are the units to be written; `settled` the stays whose return had guessed, by their unit and the moment
    guessed, as they are now that their sale is known.
    """

    changed: dict[UnitKey, Unit] = field(default_factory=dict)
    settled: dict[tuple[UnitKey, datetime], Stay] = field(default_factory=dict)
    _units: dict[UnitKey, Unit] = field(default_factory=dict)
    _stays: dict[UnitKey, list[Stay]] = field(default_factory=dict)
    _loose: dict[_Shelf, list[Unit]] = field(default_factory=lambda: defaultdict(list))
    _sales: dict[_Shelf, list[OpenSale]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(
        cls,
        named: Iterable[Unit],
        stays: Mapping[UnitKey, Iterable[Stay]],
        loose: Iterable[Unit],
        sales: Iterable[tuple[_Shelf, OpenSale]],
    ) -> "Matching":
        """Return what stands before the batch: units it names and where they were, units without a sale, and sales."""
        known = {key: list(each) for key, each in stays.items()}
        matching = cls(_units={unit.key: unit for unit in named}, _stays=known)
        for unit in loose:
            matching._loose[unit.resident_id, unit.key[0]].append(unit)
        for shelf, sale in sales:
            matching._sales[shelf].append(sale)
        return matching

    def match(self, candidates: Mapping[UUID, Candidate]) -> dict[UUID, Match]:
        """Return what becomes of candidates; sales first, for what they say outweighs what a scan says.

        Where no unit is named and none waits for its sale, nothing is said: all are credited as they are.
        """
        found: dict[UUID, Match] = {}
        if not self._units and not self._loose and all(each.serial is None for each in candidates.values()):
            return found
        for activity_id, candidate in candidates.items():
            if candidate.kind in SOLD:
                found[activity_id] = self._sale(activity_id, candidate)
        for activity_id, candidate in candidates.items():
            if candidate.kind is Kind.UNIT and candidate.unit is not None:
                found[activity_id] = self._scan(activity_id, candidate, candidate.unit)
        return found

    def _sale(self, activity_id: UUID, candidate: Candidate) -> Confirmed | Refusal:
        if candidate.unit is None:
            return self._guessed(activity_id, candidate, candidate.quantity)
        standing = self._units.get(candidate.unit)
        if standing is not None and standing.is_sold_at(candidate.effective_at):
            return _sold_before(candidate.unit)
        if standing is not None and (standing.came_back_after(candidate.effective_at) or self._went(candidate)):
            return self._late(activity_id, candidate, candidate.unit)
        credited = None if standing is None else self._taken_over(standing)
        self._set(_unit(candidate, candidate.unit, activity_id, sale_id=activity_id, named=True))
        match = self._guessed(activity_id, candidate, candidate.quantity - 1)
        if credited is None:
            return match
        if credited.resident_id == candidate.resident_id:
            return replace(match, units=(credited, *match.units))
        return replace(match, superseded=(credited.activity_id,))

    def _late(self, activity_id: UUID, candidate: Candidate, unit: UnitKey) -> Confirmed | Refusal:
        """Return what becomes of a sale of a unit that came back after it: what else it sold was sold all the same."""
        back = self._left_out(candidate, unit)
        if back is None:
            return _sold_before(unit)
        if candidate.quantity == back:
            detail = f"Unit {unit[1]} came back after this sale; there is nothing left of it to credit."
            return Refusal(Reason.ALREADY_RETURNED, detail)
        return replace(self._guessed(activity_id, candidate, candidate.quantity - back), back=back)

    def _went(self, candidate: Candidate) -> bool:
        """Tell whether its unit came back of this very sale, perhaps at once, while that was nobody's."""
        stays = self._stays.get(candidate.unit or ("", ""), ())
        return any(each.sold_at == candidate.effective_at and each.resident_id == NOBODY for each in stays)

    def _left_out(self, candidate: Candidate, unit: UnitKey) -> int | None:
        """Return how many units of a sale are not credited, one of which came back after it; None where others had it.

        One, but where it went already: of the line itself while that was nobody's; or where the return had guessed, and
        taken another sale of the resident. There is one sale in that case it can make up for. A unit that others had
        after this sale came back of it before, which was not told yet.
        """
        stays = self._stays.get(unit, [])
        stay = next((each for each in stays if each.sold_at == candidate.effective_at), None)
        stay = stay or stay_after(stays, candidate.effective_at)
        if stay is None:
            return None
        whose = stay.resident_id in {NOBODY, candidate.resident_id}
        if whose and stay.guessed and not stay.settled and stay.retailer_id == candidate.retailer_id:
            settled = replace(stay, sold_at=candidate.effective_at, settled=True)
            self.settled[unit, stay.sold_at] = stays[stays.index(stay)] = settled
            return 0
        if whose and stay.sold_at == candidate.effective_at:
            return 0
        return None if candidate.effective_at < stay.sold_at else 1

    def _guessed(self, activity_id: UUID, candidate: Candidate, most: int) -> Confirmed:
        """Match a sale with up to `most` units of its resident; what is left of it waits for labels to be scanned."""
        units = self._oldest(candidate, most)
        for unit in units:
            self._set(replace(unit, sale_id=activity_id))
        shelf = self._sales[candidate.resident_id, candidate.gtin]
        shelf.append(OpenSale(activity_id, candidate.effective_at, most - len(units)))
        return Confirmed(tuple(units))

    def _taken_over(self, standing: Unit) -> Unit | None:
        """Return the unit that was credited for what is now known to be of another sale, and that no sale confirms.

        Where a sale had been matched with it by a guess, that sale takes another unit of its resident in its place.
        """
        loose = self._loose[standing.resident_id, standing.key[0]]
        if standing.is_back or standing.named:
            return None  # what it had been credited is taken back; it is sold again
        if standing.sale_id is None:
            loose[:] = [unit for unit in loose if unit.key != standing.key]
            return standing
        if loose:
            instead = min(loose, key=_age)
            loose.remove(instead)
            self._set(replace(instead, sale_id=standing.sale_id))
            return instead
        for sale in self._sales[standing.resident_id, standing.key[0]]:
            sale.left += sale.activity_id == standing.sale_id
        return None

    def _scan(self, activity_id: UUID, candidate: Candidate, key: UnitKey) -> Match:
        standing = self._units.get(key)
        if standing is not None and not open_to(standing, candidate.resident_id):
            return whose(standing, candidate.resident_id)
        resale = None if standing is None else standing.resale
        back_at = resale.sold_at if resale is not None else None if standing is None else standing.back_at
        near = [
            sale
            for sale in self._sales[candidate.resident_id, candidate.gtin]
            if sale.left and _near(candidate, sale.effective_at)
        ]
        if not near:
            self._set(replace(_unit(candidate, key, activity_id), back_at=back_at))
            return Confirmed()
        sale = min(near, key=lambda each: (each.effective_at, each.activity_id))
        sale.left -= 1
        self._set(replace(_unit(candidate, key, sale.activity_id, sale_id=sale.activity_id), back_at=back_at))
        return PartOf(sale.activity_id)

    def _oldest(self, candidate: Candidate, most: int) -> list[Unit]:
        loose = self._loose[candidate.resident_id, candidate.gtin]
        near = [unit for unit in loose if _near(candidate, unit.effective_at)]
        taken = sorted(near, key=_age)[:most]
        loose[:] = [unit for unit in loose if unit not in taken]
        return taken

    def _set(self, unit: Unit) -> None:
        self._units[unit.key] = self.changed[unit.key] = unit


def open_to(unit: Unit, resident_id: UUID) -> bool:
    """Tell whether a unit is sold again to nobody known, and the resident is not who had it before that."""
    return unit.resale is not None and unit.resident_id != resident_id


def whose(unit: Unit, resident_id: UUID) -> PartOf | Refusal:
    """Return what a resident is told who scans a unit that counted before."""
    if unit.is_back:
        return RETURNED
    return PartOf(unit.activity_id) if unit.resident_id == resident_id else TAKEN


def _sold_before(unit: UnitKey) -> Refusal:
    detail = (
        f"Another sale named unit {unit[1]}, and no return of it is known. If it came back, send its return first, "
        "then this sale again; else report it without the serial."
    )
    return Refusal(Reason.UNIT_ALREADY_CLAIMED, detail)


def _unit(
    candidate: Candidate, key: UnitKey, activity_id: UUID, *, sale_id: UUID | None = None, named: bool = False
) -> Unit:
    grams = candidate.saving.grams
    return Unit(key, candidate.resident_id, activity_id, grams, candidate.effective_at, sale_id, named)


def _near(candidate: Candidate, moment: datetime) -> bool:
    return abs(candidate.effective_at - moment) <= timedelta(days=candidate.policy.terms.matching_days)


def _age(unit: Unit) -> tuple[datetime, UnitKey]:
    return unit.effective_at, unit.key
