"""From what is asked to become of credits to what is taken back of which award. Pure.

Several changes to one activity are worked out one after the other, each on what the one before it leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from points.earning.activities import Kind, Reason, Refusal
from points.earning.adjustments.keeping import Credited, Figures, Standing, kept, matched_left, rebased
from points.earning.adjustments.values import Change, Nothing, Resaved, UnitsTaken
from points.earning.guards.needs import TallyKey
from points.programmes.policy import SpentPoints

_GUESSED: Final = (
    " A return without a receipt was counted here. If it was of a sale that was not sent yet, send that sale first, "
    "then this return again, under a new Idempotency-Key."
)


@dataclass(frozen=True, slots=True)
class Award:
    """Points of an activity that came in one entry, as lot `award_id`: what each budget still has in it."""

    award_id: UUID
    payments: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Case:
    """A credit as it stands, with what is needed to work out anything less of it.

    `awards` are its own first, then those paid later; `matched` are the label units its sale confirmed, in their order.
    `counted_in` are the counters of its retailer's caps that its grams use up. Of the `quantity` units sold, those with
    `serials` came back by returns that named both. `guessed` units went by returns that did not name it, the first at
    `guessed_since`, the last at `guessed_until`; of them, `instead` went as named returns of other receipts.
    """

    activity_id: UUID
    resident_id: UUID
    retailer_id: UUID | None
    kind: Kind
    gtin: str
    quantity: int
    day: date
    effective_at: datetime
    spent: SpentPoints
    return_days: int
    credited: Credited
    standing: Standing
    awards: tuple[Award, ...]
    matched: tuple[UUID, ...]
    counted_in: tuple[TallyKey, ...] = ()
    serials: frozenset[str] = frozenset()
    guessed: int = 0
    guessed_since: datetime | None = None
    guessed_until: datetime | None = None
    instead: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """What a change takes of one award: one entry, and one row."""

    case: Case
    award_id: UUID
    units: int
    grams: int
    payments: Mapping[UUID, int]
    resaved: Resaved | None

    @property
    def points(self) -> int:
        """Points over all budgets."""
        return sum(self.payments.values())


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one change takes, and the case it leaves; the first part is of the activity's own award."""

    change: Change
    parts: tuple[Part, ...]
    left: Case


def plan(cases: dict[UUID, Case], change: Change, figures: Figures) -> Plan | Refusal:
    """Return what a change takes; `cases` is brought up to it, for the changes that come after."""
    case = cases.get(change.activity_id)
    if case is None:
        return Refusal(Reason.NO_SUCH_RECEIPT, f"The programme has no receipt {change.activity_id}.")
    if isinstance(change.keep, UnitsTaken) and change.keep.units > case.standing.units:
        return too_many(change.keep.units, case.standing.units)
    basis = rebased(case.standing.basis, change.keep, figures) if isinstance(change.keep, Resaved) else None
    if isinstance(change.keep, Resaved) and basis is None:
        return Refusal(Reason.NO_FOOTPRINT, "The registry has no footprint or baseline of the id to work it out with.")
    left = replace(case, standing=kept(case.credited, case.standing, change.keep, basis))
    parts = _parts(case, left.standing, change)
    left = replace(left, awards=_awards_left(case.awards, parts))
    cases[case.activity_id] = left
    if not isinstance(change.keep, Resaved | Nothing):
        parts += _companions(cases, left, change)
    return Plan(change, tuple(parts), left)


def too_many(wanted: int, left: int, *, guessed: bool = False) -> Refusal:
    """Return the refusal of more units than are left; `guessed`: returns that did not name the line took some of it."""
    more = _GUESSED if guessed else ""
    if left == 0:
        detail = f"All units of this line came back before; nothing is left to return.{more}"
        return Refusal(Reason.ALREADY_RETURNED, detail)
    detail = f"{wanted} units can not come back: {left} are left of this line. Send the return with at most {left}."
    return Refusal(Reason.MORE_THAN_BOUGHT, f"{detail}{more}")


def _parts(case: Case, standing: Standing, change: Change) -> list[Part]:
    """Return what goes, of the awards that were paid last first; grams and units go with the activity's own."""
    going = {budget: paid - standing.payments.get(budget, 0) for budget, paid in case.standing.payments.items()}
    taken: dict[UUID, dict[UUID, int]] = {}
    for award in reversed(case.awards):
        payments = {budget: min(there, going.get(budget, 0)) for budget, there in award.payments.items()}
        taken[award.award_id] = {budget: points for budget, points in payments.items() if points}
        going = {budget: points - payments.get(budget, 0) for budget, points in going.items()}
    own = Part(
        case=case,
        award_id=case.activity_id,
        units=case.standing.units - standing.units,
        grams=case.standing.grams - standing.grams,
        payments=taken.get(case.activity_id, {}),
        resaved=change.keep if isinstance(change.keep, Resaved) else None,
    )
    later = [
        Part(case, award.award_id, 0, 0, taken[award.award_id], None)
        for award in case.awards
        if award.award_id != case.activity_id and taken[award.award_id]
    ]
    return [own, *later]


def _awards_left(awards: tuple[Award, ...], parts: list[Part]) -> tuple[Award, ...]:
    taken = {part.award_id: part.payments for part in parts}
    return tuple(
        Award(
            award.award_id,
            {budget: there - taken.get(award.award_id, {}).get(budget, 0) for budget, there in award.payments.items()},
        )
        for award in awards
    )


def _companions(cases: dict[UUID, Case], left: Case, change: Change) -> list[Part]:
    """Return what goes of the label units a sale confirmed, when fewer units stay than were matched."""
    parts: list[Part] = []
    for activity_id in left.matched[matched_left(len(left.matched), left.standing.units) :]:
        case = cases.get(activity_id)
        if case is None or not case.standing.units:
            continue
        standing = kept(case.credited, case.standing, Nothing())
        gone = _parts(case, standing, change)
        cases[activity_id] = replace(case, standing=standing, awards=_awards_left(case.awards, gone))
        parts += gone
    return parts
