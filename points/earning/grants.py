"""From what an activity is worth to what it is credited: caps first, then budgets, every cut named. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from core.values import unguarded
from points.campaigns.rules import Bonus, OpenCampaign, Verdict, evaluate
from points.earning.activities import CampaignAward, Cut, Kind
from points.earning.appraisals import Candidate
from points.earning.guards.allowances import UNSHARED, Allowance, Limit
from points.programmes.policy import Rulebook, Shortage, Terms

_SCANNED: Final = frozenset({Kind.SCAN, Kind.UNIT})


@dataclass(slots=True)
class Sum:
    """What a resident has gathered in a day or a month; grows as a batch is granted."""

    grams: int = 0
    points: int = 0
    discoveries: int = 0

    def add(self, grams: int, points: int, discoveries: int) -> None:
        """Add what one more activity was granted."""
        self.grams += grams
        self.points += points
        self.discoveries += discoveries


@unguarded
@dataclass(frozen=True, slots=True)
class Room:
    """A resident's day and the month around it, which its days share; and what caps shared with others leave."""

    day: Sum
    month: Sum
    shared: Allowance = UNSHARED

    def add(self, grams: int, points: int, discoveries: int) -> None:
        """Add what one more activity was granted."""
        self.day.add(grams, points, discoveries)
        self.month.add(grams, points, discoveries)
        self.shared.add(grams, points)


@unguarded
@dataclass(frozen=True, slots=True)
class Used:
    """What a resident had before the batch, on a day and in its month; whether they owe points, and have units."""

    resident_id: UUID
    day: date
    day_grams: int
    day_points: int
    month_grams: int
    month_points: int
    discoveries: int
    owes: bool
    has_units: bool


@dataclass(slots=True)
class Rooms:
    """Every resident's room, by day."""

    _days: dict[tuple[UUID, date], Sum] = field(default_factory=dict)
    _months: dict[tuple[UUID, int, int], Sum] = field(default_factory=dict)

    @classmethod
    def after(cls, used: Iterable[Used], waiting: Mapping[tuple[UUID, date], int] | None = None) -> "Rooms":
        """Return the rooms of residents who have used some of theirs, also by points that wait for their budgets."""
        rooms = cls()
        for each in used:
            rooms._days[each.resident_id, each.day] = Sum(each.day_grams, each.day_points, each.discoveries)
            month = (each.resident_id, each.day.year, each.day.month)
            rooms._months[month] = Sum(each.month_grams, each.month_points)
        for (resident_id, day), points in (waiting or {}).items():
            room = rooms.of(resident_id, day)
            room.day.points += points
            room.month.points += points
        return rooms

    def of(self, resident_id: UUID, day: date, shared: Allowance = UNSHARED) -> Room:
        """Return the room of a resident on a day; whole where nothing was used."""
        on_day = self._days.setdefault((resident_id, day), Sum())
        return Room(on_day, self._months.setdefault((resident_id, day.year, day.month), Sum()), shared)


@unguarded
@dataclass(frozen=True, slots=True)
class Payment:
    """Points one budget pays."""

    budget_id: UUID
    points: int


@unguarded
@dataclass(frozen=True, slots=True)
class Grant:
    """What an activity is credited: grams, all points and who pays them, and what was cut."""

    grams: int
    points: int
    payments: tuple[Payment, ...]
    awards: tuple[CampaignAward, ...]
    cuts: tuple[Cut, ...]
    discoveries: int
    waiting: tuple[Payment, ...] = ()


@unguarded
@dataclass(frozen=True, slots=True)
class Credit:
    """A candidate with what it was granted, under the id of its entry."""

    activity_id: UUID
    candidate: Candidate
    grant: Grant


def grant(
    candidate: Candidate, campaigns: Sequence[OpenCampaign], rulebook: Rulebook, budgets: dict[UUID, int], room: Room
) -> Grant:
    """Return what a candidate is credited; `room` and `budgets` are drawn down for those who come after it.

    Grams are capped first. Points follow from the grams that are left, by the rate of the activity's own time; they
    are paid before the campaigns, which come in their order, each from its own budget.
    """
    grams, gram_cuts = _grams(candidate, room)
    budget_id, due, base_cuts = _base(candidate, grams, rulebook, room)
    paying = [verdict for verdict in _verdicts(candidate, campaigns, due, grams) if verdict.points]
    wanted = [(budget_id, due), *((verdict.budget_id, verdict.points) for verdict in paying)]
    paid, waiting, point_cuts = _pay(wanted, budgets, candidate.policy.terms, room)
    discoveries = int(is_discovery(candidate) and due > 0)
    points = sum(paid)
    room.add(grams, points + sum(waiting), discoveries)
    return Grant(
        grams=grams,
        points=points,
        payments=_payments(wanted, paid),
        awards=tuple(
            CampaignAward(verdict.campaign_id, verdict.points, points)
            for verdict, points in zip(paying, paid[1:], strict=True)
        ),
        cuts=(*gram_cuts, *base_cuts, *point_cuts),
        discoveries=discoveries,
        waiting=_payments(wanted, waiting),
    )


def is_discovery(candidate: Candidate) -> bool:
    """Tell whether the candidate is a bare scan that by the policy proves no saving."""
    return candidate.kind is Kind.SCAN and candidate.policy.terms.scan_evidence_bp == 0


def _grams(candidate: Candidate, room: Room) -> tuple[int, tuple[Cut, ...]]:
    caps, wanted = candidate.policy.terms.caps, candidate.saving.grams
    if _within(wanted, caps.grams_per_day - room.day.grams, caps.grams_per_month - room.month.grams, room.shared.grams):
        return wanted, ()
    left, cut = min(
        (max(0, caps.grams_per_day - room.day.grams), Cut.GRAMS_PER_DAY),
        (max(0, caps.grams_per_month - room.month.grams), Cut.GRAMS_PER_MONTH),
        *((max(0, limit.left), limit.cut) for limit in room.shared.grams),
    )
    return (wanted, ()) if wanted <= left else (left, (cut,))


def _within(wanted: int, day: int, month: int, shared: Iterable[Limit]) -> bool:
    """Tell whether caps leave room for all of `wanted`, as they nearly always do."""
    return wanted <= day and wanted <= month and all(wanted <= limit.left for limit in shared)


def _base(candidate: Candidate, grams: int, rulebook: Rulebook, room: Room) -> tuple[UUID, int, tuple[Cut, ...]]:
    """Return the budget that pays before any campaign, and the points due: by the rate, or for a discovery."""
    if not is_discovery(candidate):
        return rulebook.base_budget_id, candidate.rate.points_for(grams, candidate.policy.terms.points_rounding), ()
    terms = candidate.policy.terms
    if room.day.discoveries >= terms.discoveries_per_day:
        return rulebook.engagement_budget_id, 0, (Cut.DISCOVERIES_PER_DAY,)
    return rulebook.engagement_budget_id, terms.discovery_points, ()


def _verdicts(candidate: Candidate, campaigns: Sequence[OpenCampaign], due: int, grams: int) -> tuple[Verdict, ...]:
    if not campaigns:
        return ()
    return evaluate(
        [each for each in campaigns if not _paid_before(candidate, each)],
        category_id=candidate.category_id,
        gtin=candidate.gtin,
        kind="scan" if candidate.kind in _SCANNED else "sale",
        effective_at=candidate.effective_at,
        base_points=due,
        grams=grams,
    )


def _paid_before(candidate: Candidate, campaign: OpenCampaign) -> bool:
    """Tell whether a fixed bonus went to a unit's scan already, which the sale confirms: one purchase, one bonus."""
    takes = campaign.rule.conditions.evidence
    return bool(candidate.matched) and isinstance(campaign.rule, Bonus) and (not takes or "scan" in takes)


def _pay(
    wanted: Sequence[tuple[UUID, int]], budgets: dict[UUID, int], terms: Terms, room: Room
) -> tuple[list[int], list[int], tuple[Cut, ...]]:
    """Pay (budget, points) in order, as far as caps and budgets reach; draw down `budgets`; name what cut.

    Where the terms say so, what only the budget cut waits: it counts under the caps as if it were paid.
    """
    caps, waits = terms.caps, terms.shortage is Shortage.WAIT_FOR_FUNDING
    allowed, cap = min(
        (max(0, caps.points_per_day - room.day.points), Cut.POINTS_PER_DAY),
        (max(0, caps.points_per_month - room.month.points), Cut.POINTS_PER_MONTH),
        *((max(0, limit.left), limit.cut) for limit in room.shared.points),
    )
    paid: list[int] = []
    waiting: list[int] = []
    cuts: set[Cut] = set()
    for budget_id, points in wanted:
        left = budgets.get(budget_id, 0)
        amount = min(points, left, allowed)
        if left < points:
            cuts.add(Cut.BUDGET)
        if allowed < points:
            cuts.add(cap)
        budgets[budget_id] = left - amount
        waiting.append(min(points, allowed) - amount if waits else 0)
        allowed -= amount + waiting[-1]
        paid.append(amount)
    return paid, waiting, tuple(sorted(cuts))


def _payments(wanted: Sequence[tuple[UUID, int]], points: Sequence[int]) -> tuple[Payment, ...]:
    return tuple(Payment(budget_id, each) for (budget_id, _), each in zip(wanted, points, strict=True) if each)
