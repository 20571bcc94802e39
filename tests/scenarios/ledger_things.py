"""What the model of the ledger is made of: lots, holds, debts, and what is to be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from core.ids import new_id
from points.ledger import Bearer, Posted, Reinstatement, Rejected, Rejection

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class Lot:
    lot_id: UUID
    who: int
    grams: int
    paid: list[tuple[int, int]]
    """Budget and points: what can still be taken back; of grams, `kept_grams`."""
    effective_at: datetime
    matures_at: datetime
    expires_at: datetime
    priority: int
    mature: bool
    remaining: int
    expired: int = 0
    kept_grams: int = 0
    losses: list[tuple[UUID, int, int]] = field(default_factory=list)
    """Reversal, budget and points: what the programme bears until points of this very lot are refunded."""

    @property
    def order(self) -> tuple[int, datetime, UUID]:
        return self.priority, self.expires_at, self.lot_id


Draws = list[tuple[Lot, int]]


@dataclass
class Hold:
    who: int
    amount: int
    expires_at: datetime
    draws: Draws
    """In drawing order; what is given back is not in it any more."""
    state: str = "open"
    spent: int = 0


@dataclass
class Debt:
    reversal_id: UUID
    who: int
    budget: int
    points: int


@dataclass(frozen=True)
class Taken:
    """What is to be taken back of an award."""

    entry_id: UUID
    lot: Lot
    grams: int
    payments: tuple[tuple[int, int], ...]
    effective_at: datetime
    bearer: Bearer


@dataclass
class Reversal:
    """What was taken back, and what came of it since: what budgets have got back, and what had lapsed.

    `others_until` is when the last of the other lots lapses that gave to it.
    """

    taken: Taken
    lapsed: int
    got: dict[int, int] = field(default_factory=dict)
    others_until: datetime = _NEVER

    def gave(self, lot: Lot) -> None:
        """Let points of a lot have gone to what was taken."""
        if lot is not self.taken.lot:
            self.others_until = max(self.others_until, lot.expires_at)

    def asked(self, resident_id: UUID, expires_at: datetime) -> Reinstatement:
        """Return what has to be asked for to have it given back."""
        taken = self.taken
        return Reinstatement(new_id(), taken.entry_id, resident_id, taken.grams, self.lapsed, expires_at)


def refused(outcomes: Sequence[Posted | Rejected]) -> list[Rejection | None]:
    return [each.reason if isinstance(each, Rejected) else None for each in outcomes]
