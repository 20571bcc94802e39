"""What the caps that people share still leave, drawn down as a batch is granted. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from points.earning.activities import Cut


@dataclass(slots=True)
class Limit:
    """What one cap leaves of grams or points; whoever shares the cap shares this."""

    cut: Cut
    left: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """The shared caps that one activity falls under: its household's and its retailer's."""

    grams: tuple[Limit, ...] = ()
    points: tuple[Limit, ...] = ()

    def add(self, grams: int, points: int) -> None:
        """Count what was credited."""
        for limit in self.grams:
            limit.left -= grams
        for limit in self.points:
            limit.left -= points


UNSHARED: Final = Allowance()
"""Of an activity that no shared cap is about."""


@dataclass(frozen=True, slots=True)
class CapUse:
    """A shared cap and what is left under it before the batch; `subject` and `period` tell whose and when."""

    cut: Cut
    subject: UUID
    period: int
    left: int
    of_points: bool = False


@dataclass(slots=True)
class Allowances:
    """Every activity's allowance. One set for one pass over a batch: a second pass begins with a fresh one."""

    _of: dict[UUID, Allowance]

    @classmethod
    def after(cls, uses: Mapping[UUID, Iterable[CapUse]]) -> "Allowances":
        """Return the allowances of activities, each under its caps."""
        limits: dict[tuple[Cut, UUID, int], Limit] = {}
        allowed = {}
        for activity_id, caps in uses.items():
            shared = [
                (use.of_points, limits.setdefault((use.cut, use.subject, use.period), Limit(use.cut, use.left)))
                for use in caps
            ]
            allowed[activity_id] = Allowance(
                grams=tuple(limit for of_points, limit in shared if not of_points),
                points=tuple(limit for of_points, limit in shared if of_points),
            )
        return cls(allowed)

    def of(self, activity_id: UUID) -> Allowance:
        """Return what an activity falls under; nothing where no shared cap is set."""
        return self._of.get(activity_id, UNSHARED)
