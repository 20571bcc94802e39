"""What an order to take credits back is about, the states it goes through, and what it asks of each credit. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from points.earning.adjustments.values import AdjustmentKind, Change, Nothing, Resaved
from points.programmes.policy import SpentPoints


class Cause(StrEnum):
    """Why credits were wrong. Stored."""

    CERTIFICATE = "certificate"
    RETAILER = "retailer"
    FIGURES = "figures"
    FRAUD = "fraud"


class State(StrEnum):
    """Where an order stands. Stored.

    `finding` looks for its activities, `trying` works out what taking them back would take, `taking` takes it, and
    `looking` looks once more for what has come in meanwhile.
    """

    DRAFT = "draft"
    FINDING = "finding"
    TRYING = "trying"
    PREVIEWED = "previewed"
    ORDERED = "ordered"
    TAKING = "taking"
    LOOKING = "looking"
    DONE = "done"
    CANCELLED = "cancelled"


AT_WORK: Final = (State.FINDING, State.TRYING, State.ORDERED, State.TAKING, State.LOOKING)
"""States in which a worker has something to do."""

ENDED: Final = frozenset({State.DONE, State.CANCELLED})

STANDING: Final = (State.ORDERED, State.TAKING, State.LOOKING, State.DONE)
"""States in which what an order about a retailer's sales of some time revokes is refused as well, if it comes now."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which activities an order is about. Ends are exclusive.

    Of a certificate, those that name it, from a day on; of a retailer, what was sold between two times, or of that
    `activity_ids` only; of figures, those that name a footprint or a baseline, each with what it is worked out with
    instead, or with None where nothing of it stays; of fraud, what `resident_ids` did, until a time if there is one,
    and `activity_ids`.
    """

    certificate_id: UUID | None = None
    from_day: date | None = None
    until_day: date | None = None
    retailer_id: UUID | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None
    resident_ids: tuple[UUID, ...] = ()
    activity_ids: tuple[UUID, ...] = ()
    footprints: Mapping[UUID, UUID | None] = field(default_factory=dict)
    baselines: Mapping[UUID, UUID | None] = field(default_factory=dict)

    def scans(self, cause: Cause) -> bool:
        """Say whether activities have to be searched; else they are all named."""
        return bool(self.resident_ids) if cause is Cause.FRAUD else not self.activity_ids

    def revokes(self, retailer_id: UUID | None, at: datetime) -> bool:
        """Say whether it is about everything that a retailer sold at a time."""
        if retailer_id is None or retailer_id != self.retailer_id or self.from_at is None or self.until_at is None:
            return False
        return not self.activity_ids and self.from_at <= at < self.until_at


@dataclass(frozen=True, slots=True)
class Revocation:
    """An order about everything a retailer sold at a time: what it is about, and since and until when it stood."""

    scope: Scope
    ordered_at: datetime
    lifted_at: datetime | None

    def stood(self, sold_at: datetime, now: datetime) -> tuple[datetime, datetime]:
        """Return since and until when it kept out what was sold at a moment."""
        return max(self.ordered_at, sold_at), self.lifted_at or now


def kept_out(revocations: Iterable[Revocation], retailer_id: UUID, sold_at: datetime, now: datetime) -> timedelta:
    """Return for how long orders kept out what a retailer sold at a moment; days in which several did count once."""
    total, last = timedelta(), sold_at
    meant = (each for each in revocations if each.scope.revokes(retailer_id, sold_at))
    for since, until in sorted(each.stood(sold_at, now) for each in meant):
        if until > last:
            total, last = total + (until - max(since, last)), until
    return total


SCOPE: Final = TypeAdapter(Scope)


@dataclass(frozen=True, slots=True)
class Counterpart:
    """An activity that an order is about, by what it was worked out with."""

    activity_id: UUID
    resident_id: UUID
    footprint_id: UUID
    baseline_id: UUID


@dataclass(frozen=True, slots=True)
class Order:
    """What makes the same change of every activity of one order. `reason` is told to residents, on their receipts."""

    clawback_id: UUID
    scope: Scope
    spent: SpentPoints | None
    reason: str
    effective_at: datetime

    def change(self, credit: Counterpart) -> Change:
        """Return what the order asks of one credit, under a key of its own, so that it is asked once."""
        kept = keep(self.scope, credit)
        return Change(
            key=f"clawback:{self.clawback_id.hex}:{credit.activity_id.hex}",
            activity_id=credit.activity_id,
            kind=AdjustmentKind.CORRECTION if isinstance(kept, Resaved) else AdjustmentKind.CLAWBACK,
            keep=kept,
            reason=self.reason,
            order_id=self.clawback_id,
            effective_at=self.effective_at,
            spent=self.spent,
        )


def keep(scope: Scope, credit: Counterpart) -> Nothing | Resaved:
    """Return what stays of a credit: what the right figures give where all its wrong ones have one, else nothing."""
    wrong_footprint = credit.footprint_id in scope.footprints
    wrong_baseline = credit.baseline_id in scope.baselines
    footprint_id = scope.footprints.get(credit.footprint_id)
    baseline_id = scope.baselines.get(credit.baseline_id)
    if not (wrong_footprint or wrong_baseline):
        return Nothing()
    if (wrong_footprint and footprint_id is None) or (wrong_baseline and baseline_id is None):
        return Nothing()
    return Resaved(footprint_id=footprint_id, baseline_id=baseline_id)


@dataclass(frozen=True, slots=True)
class Figures:
    """What an order takes, or took. All are whole and not negative.

    Of `points`, `pending` could not be spent yet, `available` could, `expired` had lapsed, `owed` were spent and are
    the residents' debt, `borne` were spent and are the programme's loss.
    """

    residents: int = 0
    activities: int = 0
    grams: int = 0
    points: int = 0
    pending: int = 0
    available: int = 0
    expired: int = 0
    owed: int = 0
    borne: int = 0

    @property
    def spent(self) -> int:
        """Points that were spent already."""
        return self.owed + self.borne


FIGURES: Final = TypeAdapter(Figures)


@dataclass(frozen=True, slots=True)
class Standing:
    """Points of a resident: pending, what can be spent or is held, and what is owed."""

    pending: int = 0
    kept: int = 0
    owed: int = 0


def divided(figures: Figures, before: Standing, after: Standing) -> Figures:
    """Return `figures` of one resident with where the points came from, by what the resident had before and after.

    Holds past their time come back on the way and may pay an older debt; that is none of what was taken. What neither
    was spent nor left an account of theirs had expired.
    """
    repaid = before.owed + figures.owed - after.owed
    pending, available = before.pending - after.pending, before.kept - after.kept - repaid
    expired = figures.points - figures.spent - pending - available
    return replace(figures, pending=pending, available=available, expired=expired)
