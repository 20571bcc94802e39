"""Which sale a scanned unit belongs to, in whichever order the two are reported. Pure.

A sale that names the unit's serial settles it. A sale that does not is matched with units of its resident and product,
the oldest first, as many as it has; a unit scanned later is one of the sale's. That is a guess, and the sale that names
the serial corrects it: the one that had been matched takes another unit instead.

A unit that came back is nobody's until a sale made after that names it. Whoever scans it meanwhile gets nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from points.earning.activities import Evidence, Kind, Reason, Refusal, Sale
from points.earning.appraisals import Candidate, UnitKey, sale_key
from points.earning.evidence.units import BROUGHT_BACK, Unit, may_be_of, stands_for

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

_ALL_BACK: Final = Refusal(
    Reason.ALREADY_RETURNED,
    "As many units of this product came back by their labels after this sale; there is nothing left of it to credit.",
)

_Shelf = tuple[UUID, str]
"""A resident and a product."""


@dataclass(slots=True)
class Matching:
    """Units and sales of everybody in a batch; grows as the batch is matched. `changed` are the units to be written."""

    changed: dict[UnitKey, Unit] = field(default_factory=dict)
    _units: dict[UnitKey, Unit] = field(default_factory=dict)
    _loose: dict[_Shelf, list[Unit]] = field(default_factory=lambda: defaultdict(list))
    _sales: dict[_Shelf, list[OpenSale]] = field(default_factory=lambda: defaultdict(list))
    _reported: Mapping[UUID, Evidence] = field(default_factory=dict)

    @classmethod
    def of(cls, named: Iterable[Unit], loose: Iterable[Unit], sales: Iterable[tuple[_Shelf, OpenSale]]) -> "Matching":
        """Return what stands before the batch: units it names, units without a sale, and sales with theirs."""
        matching = cls(_units={unit.key: unit for unit in named})
        for unit in loose:
            matching._loose[unit.resident_id, unit.key[0]].append(unit)
        for shelf, sale in sales:
            matching._sales[shelf].append(sale)
        return matching

    def match(self, candidates: Mapping[UUID, Candidate], reported: Mapping[UUID, Evidence]) -> dict[UUID, Match]:
        """Return what becomes of candidates; sales first, for what they say outweighs what a scan says.

        Where no unit is named and none waits for its sale, nothing is said: all are credited as they are.
        """
        found: dict[UUID, Match] = {}
        if not self._units and not self._loose and all(each.serial is None for each in candidates.values()):
            return found
        self._reported = reported
        for activity_id, candidate in candidates.items():
            if candidate.kind in SOLD:
                found[activity_id] = self._sale(activity_id, candidate)
        for activity_id, candidate in candidates.items():
            if candidate.kind is Kind.UNIT and candidate.unit is not None:
                found[activity_id] = self._scan(activity_id, candidate, candidate.unit)
        return found

    def _sale(self, activity_id: UUID, candidate: Candidate) -> Confirmed | Refusal:
        units: list[Unit] = []
        superseded: list[UUID] = []
        guessed = candidate.quantity
        if candidate.unit is not None:
            standing = self._units.get(candidate.unit)
            if standing is not None and standing.named:
                self._own_absent(candidate, candidate.unit, self._key(activity_id))
                detail = f"Unit {candidate.unit[1]} was sold before; report a further unit without its serial."
                return Refusal(Reason.UNIT_ALREADY_CLAIMED, detail)
            if standing is not None and standing.came_back_after(candidate.effective_at):
                return self._late(activity_id, candidate, candidate.unit)
            credited = None if standing is None else self._taken_over(standing)
            if credited is not None and credited.resident_id == candidate.resident_id:
                units.append(credited)
            elif credited is not None:
                superseded.append(credited.activity_id)
            self._set(_unit(candidate, candidate.unit, activity_id, sale_id=activity_id, named=True))
            guessed -= 1
        match = self._guessed(activity_id, candidate, guessed)
        if isinstance(match, Refusal):
            return match
        return replace(match, units=(*units, *match.units), superseded=tuple(superseded))

    def _late(self, activity_id: UUID, candidate: Candidate, unit: UnitKey) -> Confirmed | Refusal:
        """Return what becomes of a sale of a unit that came back after it: what else it sold was sold all the same.

        What came back of an anonymous line is not in its quantity any more once it is somebody's.
        """
        evidence = self._reported.get(activity_id)
        absent = self._own_absent(candidate, unit, self._key(activity_id))
        back = 0 if isinstance(evidence, Sale) and evidence.returned and not absent else 1
        if candidate.quantity == back:
            detail = f"Unit {unit[1]} came back after this sale; there is nothing left of it to credit."
            return Refusal(Reason.ALREADY_RETURNED, detail)
        return self._guessed(activity_id, candidate, candidate.quantity - back, back)

    def _guessed(self, activity_id: UUID, candidate: Candidate, most: int, back: int = 0) -> Confirmed | Refusal:
        """Match a sale with up to `most` units of its resident; what is left of it waits for labels to be scanned.

        Those among them that came back before it was told, as `back` others did, are not credited.
        """
        key = self._key(activity_id)
        taken = self._oldest(candidate, most, key)
        absent, units = [each for each in taken if each.is_absent], [each for each in taken if not each.is_absent]
        if candidate.quantity == back + len(absent):
            self._tie(absent, key, None)
            return _ALL_BACK
        self._tie(absent, key, BROUGHT_BACK)
        for unit in units:
            self._set(replace(unit, sale_id=activity_id))
        shelf = self._sales[candidate.resident_id, candidate.gtin]
        shelf.append(OpenSale(activity_id, candidate.effective_at, most - len(taken)))
        return Confirmed(tuple(units), back=back + len(absent))

    def _own_absent(self, candidate: Candidate, unit: UnitKey, key: str) -> bool:
        """Tell whether the unit that a sale names came back by its label alone, which is then of that sale.

        Where another sale had been refused for it by a guess, that one is credited when it is sent or claimed again.
        """
        loose = self._loose[candidate.resident_id, candidate.gtin]
        named = [each for each in loose if stands_for(each, unit)]
        own = [each for each in named if may_be_of(replace(each, sale_key=None), candidate, key)][:1]
        loose[:] = [each for each in loose if each not in own]
        self._tie(own, key, None)
        return bool(own)

    def _tie(self, absent: Iterable[Unit], key: str, sale_id: UUID | None) -> None:
        """Have units stand for one of that sale only; of a sale that is refused they say so as often as it is sent."""
        for each in absent:
            self._set(replace(each, sale_id=sale_id, sale_key=key))

    def _key(self, activity_id: UUID) -> str:
        evidence = self._reported.get(activity_id)
        return sale_key(evidence.retailer_id, evidence.receipt, evidence.line) if isinstance(evidence, Sale) else ""

    def _taken_over(self, standing: Unit) -> Unit | None:
        """Return the unit that was credited for what is now known to be of another sale, and that no sale confirms.

        Where a sale had been matched with it by a guess, that sale takes another unit of its resident in its place.
        """
        loose = self._loose[standing.resident_id, standing.key[0]]
        if standing.is_back or standing.is_sold_again:
            return None  # what it had been credited is taken back; it is sold again
        if standing.sale_id is None:
            loose[:] = [unit for unit in loose if unit.key != standing.key]
            return standing
        if there := [each for each in loose if not each.is_absent]:
            instead = min(there, key=_age)
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
        back_at = None if standing is None else standing.back_at
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

    def _oldest(self, candidate: Candidate, most: int, key: str) -> list[Unit]:
        """Take up to `most` units that the sale may be of; first those that are known to have come back of it."""
        loose = self._loose[candidate.resident_id, candidate.gtin]
        near = [unit for unit in loose if _near(candidate, unit.effective_at)]
        fitting = [unit for unit in near if not unit.is_absent or may_be_of(unit, candidate, key)]
        taken = sorted(fitting, key=lambda unit: (unit.sale_key is None, _age(unit)))[:most]
        loose[:] = [unit for unit in loose if unit not in taken]
        return taken

    def _set(self, unit: Unit) -> None:
        self._units[unit.key] = self.changed[unit.key] = unit


def open_to(unit: Unit, resident_id: UUID) -> bool:
    """Tell whether a unit is sold again to nobody known, and the resident is not who had it before that."""
    return unit.is_sold_again and unit.resident_id != resident_id


def whose(unit: Unit, resident_id: UUID) -> PartOf | Refusal:
    """Return what a resident is told who scans a unit that counted before."""
    if unit.is_back or (unit.is_sold_again and unit.resident_id == resident_id):
        return RETURNED
    if unit.is_sold_again:
        return TAKEN
    return PartOf(unit.activity_id) if unit.resident_id == resident_id else TAKEN


def _unit(
    candidate: Candidate, key: UnitKey, activity_id: UUID, *, sale_id: UUID | None = None, named: bool = False
) -> Unit:
    grams = candidate.saving.grams
    return Unit(key, candidate.resident_id, activity_id, grams, candidate.effective_at, sale_id, named)


def _near(candidate: Candidate, moment: datetime) -> bool:
    return abs(candidate.effective_at - moment) <= timedelta(days=candidate.policy.terms.matching_days)


def _age(unit: Unit) -> tuple[datetime, UnitKey]:
    return unit.effective_at, unit.key
