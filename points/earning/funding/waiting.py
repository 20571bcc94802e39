"""Points that wait for their budget: what waits, and what of a budget is spoken for by it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Final
from uuid import UUID

from points.programmes.policy import Rulebook, Shortage


class State(IntEnum):
    """What became of points that waited. Stored: numbers are never used again."""

    WAITING = 1
    GRANTED = 2
    LAPSED = 3
    CANCELLED = 4


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one budget still has to pay for one activity, under the times it would have had.

    `earlier_id` is the entry that granted some of it, where a clawback had kept the rest and was given back.
    """

    activity_id: UUID
    budget_id: UUID
    resident_id: UUID
    points: int
    effective_at: datetime
    matures_at: datetime
    expires_at: datetime
    day: date
    earlier_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Reopening:
    """What may wait again for one budget for one activity, which had granted `granted` points of what waited."""

    activity_id: UUID
    budget_id: UUID
    most: int
    granted: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """What waits already: of whole budgets, where None is more than was counted; and of residents, by their day."""

    budgets: Mapping[UUID, int | None]
    days: Mapping[tuple[UUID, date], int]

    def open(self, left: Mapping[UUID, int]) -> dict[UUID, int]:
        """Return what of `left` is not spoken for: who waits is paid before whoever comes now."""
        return {budget_id: self._open(budget_id, points) for budget_id, points in left.items()}

    def _open(self, budget_id: UUID, points: int) -> int:
        waiting = self.budgets.get(budget_id, 0)
        return 0 if waiting is None else max(0, points - waiting)


NOBODY: Final = Spoken({}, {})
"""Nothing waits."""


def may_wait(rulebook: Rulebook) -> bool:
    """Tell whether a programme has ever let points wait; if not, nobody needs to look."""
    return any(each.terms.shortage is Shortage.WAIT_FOR_FUNDING for each in rulebook.policies)


def payable(queue: Sequence[Waiting], left: Mapping[UUID, int]) -> list[Waiting]:
    """Return what of `queue`, oldest first, `left` covers: each budget up to the first award it can not pay whole."""
    rest, stopped, paid = dict(left), set[UUID](), list[Waiting]()
    for each in sorted(queue, key=lambda award: (award.activity_id, award.budget_id)):
        if each.budget_id in stopped or rest.get(each.budget_id, 0) < each.points:
            stopped.add(each.budget_id)
            continue
        rest[each.budget_id] -= each.points
        paid.append(each)
    return paid


def parted(queue: Iterable[Waiting], now: datetime) -> tuple[list[Waiting], list[Waiting]]:
    """Return what still lives at `now`, and what has lapsed while it waited."""
    live: list[Waiting] = []
    lapsed: list[Waiting] = []
    for each in queue:
        (lapsed if each.expires_at <= now else live).append(each)
    return live, lapsed
