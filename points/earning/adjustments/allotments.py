"""How many units of which sales a return takes: of the line it names, or of its resident's latest ones first. Pure.

A return that names no sale is a guess, and gives way: where another return can only be of a sale of which nothing is
left since, the guess was of another sale of that resident, which loses a unit in its place.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from points.earning.activities import Kind, Refusal
from points.earning.adjustments.plans import Case, too_many
from points.earning.adjustments.return_lines import ReturnLine, other_product, untimely
from points.earning.evidence.anonymous_lines import AnonymousLine
from points.programmes.policy import Rulebook


@dataclass(frozen=True, slots=True)
class Allotted:
    """Units that come back of one receipt; 0 where only its label says so.

    `guessed_until`: the return did not say that it was this one; it may be of any sale made by then. `in_place`: it can
    not be of this one, but of others, of which guesses had taken those units before; `instead_of` is the very one it is
    of. Where it guesses itself that stays a guess, only another return's.
    """

    activity_id: UUID
    units: int
    guessed_until: datetime | None = None
    instead_of: UUID | None = None
    in_place: bool = False


Allotment = list[Allotted]
"""Empty where the sale was nobody's yet."""

_Span = tuple[datetime, datetime]
"""When the first and the last were of something."""


@dataclass(slots=True)
class Left:
    """What is left of everything a batch names, after the returns before.

    `units` are those of each receipt; `guesses` how many of those it has lost were guessed, and may be another's;
    `spans` when the first and the last of those guesses were; `serials` which units came back of it by returns that
    named both; `unclaimed` the units of anonymous lines.
    """

    cases: Mapping[UUID, Case]
    units: dict[UUID, int] = field(default_factory=dict)
    guesses: dict[UUID, int] = field(default_factory=dict)
    spans: dict[UUID, _Span] = field(default_factory=dict)
    serials: dict[UUID, frozenset[str]] = field(default_factory=dict)
    unclaimed: dict[tuple[str, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, cases: Mapping[UUID, Case]) -> "Left":
        """Return what is left before the batch."""
        left = cls(cases, {each.activity_id: each.standing.units for each in cases.values()})
        left.serials = {each.activity_id: each.serials for each in cases.values()}
        left.guesses = {each.activity_id: each.guessed for each in cases.values()}
        left.spans = {
            each.activity_id: (each.guessed_since or each.guessed_until, each.guessed_until)
            for each in cases.values()
            if each.guessed_until is not None
        }
        for instead_of, units in ((of, units) for each in cases.values() for of, units in each.instead.items()):
            left.guesses[instead_of] = left.guesses.get(instead_of, 0) - units
        return left

    def take(self, allotment: Iterable[Allotted], serial: str | None = None) -> None:
        """Let fewer be left; `serial` is the unit that came back with them, if that is known."""
        for each in allotment:
            self.units[each.activity_id] -= each.units
            if serial is not None and each.guessed_until is None and not each.in_place:
                self.serials[each.activity_id] |= {serial}
            if each.guessed_until is not None:
                self.guesses[each.activity_id] += each.units
                first, last = self.spans.get(each.activity_id, (each.guessed_until, each.guessed_until))
                self.spans[each.activity_id] = min(first, each.guessed_until), max(last, each.guessed_until)
            if each.instead_of is not None:
                self.guesses[each.instead_of] -= each.units

    def named(self, line: ReturnLine, case: Case) -> Allotment | Refusal:
        """Return units of the very sale a line names, or in their place of others."""
        return self._of(line, [case], None)

    def latest(self, line: ReturnLine, cases: Sequence[Case], likely: UUID | None) -> Allotment | Refusal:
        """Return units of sales a line may be of, the `likely` one and then the latest first, or in place of others."""
        ordered = sorted(_latest_first(cases), key=lambda case: case.activity_id != likely)
        return self._of(line, ordered, line.returned_at)

    def _of(self, line: ReturnLine, cases: Sequence[Case], guessed_until: datetime | None) -> Allotment | Refusal:
        """Return all of a line's units, or none of them; what guesses took before is made up for by other sales."""
        own = self._first(cases, line.quantity)
        there = sum(units for _, units in own)
        taken = [
            (case.activity_id, min(units, line.quantity))
            for case in cases
            if (units := self.guesses[case.activity_id]) > 0
        ]
        others, until = self._others(cases)
        instead = self._first(_latest_first(others), min(line.quantity - there, sum(units for _, units in taken)))
        spare = sum(units for _, units in instead)
        if there + spare < line.quantity:
            return too_many(line.quantity, there + spare, guessed=bool(taken))
        return [
            *(Allotted(case.activity_id, units, guessed_until) for case, units in own),
            *(
                Allotted(other, units, self._then(other, until, guessed_until), meant, in_place=True)
                for other, of, units in _paired(instead, taken)
                for meant in [of if guessed_until is None else None]
            ),
        ]

    def _others(self, cases: Sequence[Case]) -> tuple[list[Case], datetime | None]:
        """Return the sales that guesses may have been of which took some of `cases`, and until when they were made.

        Where another guess took of one of those, that may have been of one more.
        """
        reached = {each.activity_id: each for each in cases}
        span = self._span(reached)
        while span is not None:
            new = {
                each.activity_id: each
                for each in self.cases.values()
                if each.activity_id not in reached and _may_be_meant(each, cases[0], span)
            }
            if not new:
                break
            reached |= new
            span = self._span(reached)
        return list(reached.values())[len(cases) :], None if span is None else span[1]

    def _span(self, taken: Iterable[UUID]) -> _Span | None:
        """Return when the first and the last of the guesses were that took some of receipts and may be of others."""
        spans = [self.spans[each] for each in taken if each in self.spans and self.guesses[each] > 0]
        return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None

    def _then(self, other: UUID, until: datetime | None, guessed_until: datetime | None) -> datetime | None:
        """Return by when a guess was that turns out to be of a sale: while it could be returned.

        Two guesses that gave way to each other may each be of what the other may be.
        """
        if guessed_until is not None:
            return max(until or guessed_until, guessed_until)
        return until and min(until, _returnable_until(self.cases[other]))

    def anonymous(self, line: ReturnLine, gtin: str, sold: AnonymousLine, rulebook: Rulebook) -> Allotment | Refusal:
        """Return that no receipt is touched, since nobody has claimed the sale: fewer units of it are left to claim."""
        policy = rulebook.policy_at(sold.sold_at)
        days = policy.terms.return_days if policy is not None else 0
        if sold.gtin != gtin:
            return other_product(sold.gtin, gtin)
        if (refusal := untimely(sold.sold_at, days, line)) is not None:
            return refusal
        left = self.unclaimed.setdefault(sold.key, sold.quantity - sold.returned)
        if line.quantity > left:
            return too_many(line.quantity, left)
        self.unclaimed[sold.key] = left - line.quantity
        return []

    def _first(self, cases: Iterable[Case], wanted: int) -> list[tuple[Case, int]]:
        found: list[tuple[Case, int]] = []
        for case in cases:
            if units := min(wanted, self.units[case.activity_id]):
                found.append((case, units))
                wanted -= units
        return found


def _latest_first(cases: Iterable[Case]) -> list[Case]:
    return sorted(cases, key=lambda each: (each.effective_at, each.activity_id), reverse=True)


def _may_be_meant(other: Case, taken: Case, span: _Span) -> bool:
    """Tell whether a guess in `span` may have been of a sale: of the same resident, there, and while it was in time."""
    alike = (other.resident_id, other.retailer_id, other.gtin) == (taken.resident_id, taken.retailer_id, taken.gtin)
    first, last = span
    in_time = other.effective_at <= last and first <= _returnable_until(other)
    return alike and other.kind in {Kind.SALE, Kind.CLAIMED} and in_time


def _returnable_until(case: Case) -> datetime:
    return case.effective_at + timedelta(days=case.return_days)


def _paired(instead: Sequence[tuple[Case, int]], taken: Sequence[tuple[UUID, int]]) -> list[tuple[UUID, UUID, int]]:
    """Return which units go in place of which, as (activity, the one that was meant, units)."""
    units = [each.activity_id for each, number in instead for _ in range(number)]
    meant = [activity_id for activity_id, number in taken for _ in range(number)]
    pairs = Counter(zip(units, meant, strict=False))
    return [(other, of, number) for (other, of), number in pairs.items()]
