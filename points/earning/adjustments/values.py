"""What is asked to become of a credit, and what became of it. Pure.

An activity is never changed. What it is worth now is its row plus its adjustments.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from points.programmes.policy import SpentPoints


class AdjustmentKind(IntEnum):
    """Why a credit is worth something else than when it was given. Stored: numbers are never used again."""

    RETURN = 1
    CLAWBACK = 2
    CORRECTION = 3
    SUPERSEDED = 4
    FUNDED = 5
    REOPENED = 6
    """A clawback or a correction turned out wrong, and what it took is given back."""


@dataclass(frozen=True, slots=True)
class UnitsKept:
    """`units` of the activity stay, however many there are now; where fewer are left, nothing happens."""

    units: int

    def __post_init__(self) -> None:
        if self.units < 0:
            raise ValueError(f"units must be at least 0, not {self.units}.")


@dataclass(frozen=True, slots=True)
class UnitsTaken:
    """`units` go, counted from what is left at that moment; refused whole where fewer are left."""

    units: int

    def __post_init__(self) -> None:
        if self.units < 1:
            raise ValueError(f"units must be at least 1, not {self.units}.")


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing of the credit stays."""


@dataclass(frozen=True, slots=True)
class Resaved:
    """The saving is worked out again with another footprint or baseline; it can only become less."""

    footprint_id: UUID | None = None
    baseline_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.footprint_id is None and self.baseline_id is None:
            raise ValueError("Name the footprint_id or the baseline_id to work it out with.")


Keep = UnitsKept | UnitsTaken | Nothing | Resaved


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of one activity, once under `key`.

    `reason` is told to the resident. `order_id` is what orders it: a clawback, or the return it is part of.
    `spent` says who bears points that are already spent; None: what the policy of the activity's time says. `serial` is
    the label unit of a return, where that is known. `guessed_until`: the return did not say that it was of this
    activity, and may be of any sale made by then; `instead_of` is the one it was of, of which guesses had taken those
    units before.
    """

    key: str
    activity_id: UUID
    kind: AdjustmentKind
    keep: Keep
    reason: str
    order_id: UUID | None
    effective_at: datetime
    spent: SpentPoints | None = None
    serial: str | None = None
    guessed_until: datetime | None = None
    instead_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class Adjusted:
    """What one change took, and what stays of the activity after it. All figures are whole and not negative.

    `grams` and `points` are what was taken back, `units` how many units went; of `points`, `owed` were spent already
    and are the resident's debt, `borne` were spent and are the programme's loss. `units_left`, `grams_left` and
    `points_left` are what the activity is worth now. `retailer_id` is who sold it, None of a scan; of what went with a
    sale, `label_grams` and `label_points` were credited for its units' labels, when their resident scanned them.
    """

    adjustment_id: UUID
    activity_id: UUID
    resident_id: UUID
    kind: AdjustmentKind
    units: int
    grams: int
    points: int
    owed: int
    borne: int
    units_left: int
    grams_left: int
    points_left: int
    replayed: bool = False
    retailer_id: UUID | None = None
    label_grams: int = 0
    label_points: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an order; `replayed` when it had been carried out before. `order_id` is what its key led to."""

    order_id: UUID
    adjusted: tuple[Adjusted, ...]
    replayed: bool = False
