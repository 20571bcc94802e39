"""What stays of a credit when some of its units go, or its figures were wrong. Pure, and all of it in integers.

What stays follows from how many units stay and by which figures, not from the way there: partial returns add up to the
whole in any order. Nothing ever becomes more here, so what was cut by a cap or an empty budget stays cut.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from labels.savings import BaselineFact, Basis, FootprintFact, Saving, saving
from points.campaigns.rules import Bonus, Multiply
from points.earning.adjustments.values import Keep, Nothing, Resaved, UnitsKept, UnitsTaken
from points.programmes.policy import PointsRounding, Rate


@dataclass(frozen=True, slots=True)
class Matched:
    """A label unit that was credited before its sale: `grams` by its own evidence, worked out by `basis`.

    Where it was worked out with the very footprint or baseline of its sale, whatever corrects that corrects both: the
    label then leaves its sale what it saves by the right figure, whichever of the two is corrected first.
    """

    grams: int
    evidence_bp: int
    basis: Basis
    same_footprint: bool
    same_baseline: bool

    def grams_by(self, held: Basis) -> int:
        """Return what it is credited when its sale is worked out by `held`; never more than it was."""
        footprint = held.footprint if self.same_footprint else self.basis.footprint
        baseline = held.baseline if self.same_baseline else self.basis.baseline
        return min(self.grams, _saved(replace(self.basis, footprint=footprint, baseline=baseline), 1, self.evidence_bp))


@dataclass(frozen=True, slots=True)
class Credited:
    """How a credit was worked out: what never changes about it.

    `matched` are the label units of this sale that were credited before it, in their order; the sale was credited what
    they left. `base_budget_id` pays before any campaign; `rules` pay from the budgets they stand under.
    `discovery_points` is what a discovery pays, None where points follow from grams.
    """

    evidence_bp: int
    rate: Rate
    rounding: PointsRounding
    discovery_points: int | None
    matched: tuple[Matched, ...]
    base_budget_id: UUID
    rules: Mapping[UUID, Multiply | Bonus]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a credit is worth at some moment: units, grams, points by the budget that paid them, by which figures."""

    units: int
    grams: int
    payments: Mapping[UUID, int]
    basis: Basis

    @property
    def points(self) -> int:
        """Points over all budgets."""
        return sum(self.payments.values())


@dataclass(frozen=True, slots=True)
class Figures:
    """Footprints and baselines by their id, to work a saving out with."""

    footprints: Mapping[UUID, FootprintFact]
    baselines: Mapping[UUID, BaselineFact]


def rebased(basis: Basis, keep: Resaved, figures: Figures) -> Basis | None:
    """Return `basis` with what `keep` names put in its place; None when there is no such footprint or baseline."""
    footprint: FootprintFact | None = basis.footprint
    baseline: BaselineFact | None = basis.baseline
    if keep.footprint_id is not None:
        footprint = figures.footprints.get(keep.footprint_id)
    if keep.baseline_id is not None:
        baseline = figures.baselines.get(keep.baseline_id)
    return None if footprint is None or baseline is None else replace(basis, footprint=footprint, baseline=baseline)


def kept(credited: Credited, standing: Standing, keep: Keep, basis: Basis | None = None) -> Standing:
    """Return what stays after a change; `basis` is what a `Resaved` works out with.

    A campaign's award stays in the part its rule pays for the points that stay. A fixed bonus stays whole while a unit
    stays and the grams that stay are still enough for it, else one would buy ten, return nine and keep it.
    """
    units = units_after(standing.units, keep)
    held = basis or standing.basis
    if units == standing.units and held is standing.basis:
        return standing
    grams = min(standing.grams, saving_left(credited, held, units))
    payments = payments_due(credited, units, grams)
    left = {budget_id: min(paid, payments.get(budget_id, 0)) for budget_id, paid in standing.payments.items()}
    return replace(standing, units=units, grams=grams, payments=left, basis=held)


def units_after(units: int, keep: Keep) -> int:
    """Return how many of `units` stay; never below 0, however many are taken."""
    match keep:
        case Nothing():
            return 0
        case UnitsKept(units=wanted):
            return min(units, wanted)
        case UnitsTaken(units=taken):
            return max(0, units - taken)
        case Resaved():
            return units


def saving_left(credited: Credited, basis: Basis, units: int) -> int:
    """Return the grams `units` of the line save, less what its matched label units are credited by the same figures.

    Units that were not matched go first, then the matched ones, last one first. Should a label unit ever have been
    credited more than its sale gives for it, what stays does not grow when that unit goes.
    """
    if not units:
        return 0
    labels = [each.grams_by(basis) for each in credited.matched]
    most = max(units, len(labels))
    return min(
        max(0, _saved(basis, count, credited.evidence_bp) - sum(labels[:count])) for count in range(units, most + 1)
    )


def payments_due(credited: Credited, units: int, grams: int) -> dict[UUID, int]:
    """Return what each budget pays for `grams` while `units` stay, before caps and shortages."""
    if not units:
        return {}
    due = credited.discovery_points
    if due is None:
        due = credited.rate.points_for(grams, credited.rounding)
    awards = {
        budget_id: rule.award(due)
        for budget_id, rule in credited.rules.items()
        if grams >= rule.conditions.minimum_grams
    }
    return {credited.base_budget_id: due, **awards}


def matched_left(matched: int, units: int) -> int:
    """Return how many of `matched` label units stay when `units` of their sale do."""
    return min(matched, units)


def _saved(basis: Basis, quantity: int, evidence_bp: int) -> int:
    saved = saving(basis, quantity=quantity, evidence_bp=evidence_bp)
    return saved.grams if isinstance(saved, Saving) else 0
