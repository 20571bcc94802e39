"""Where the points of a reversal come from, and which budgets get them back. Pure.

1. The award's own lot: what remains in it, pending or mature; then what of it has expired, which comes back from there.
2. The resident's other lots that can be spent, in drawing order.
3. What is missing then is owed, or borne by the programme.

Budgets get back what was found in the order in which they had paid: what is missing is missing from the last ones.
Several reversals in one batch are as one after the other: each finds the lots as those before it left them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from points.ledger.accounts import AccountKind


@dataclass(slots=True)
class Stock:
    """What is in one lot; grows less as reversals take from it."""

    lot_id: UUID
    resident_id: UUID
    priority: int
    expires_at: datetime
    mature: bool
    remaining: int
    expired: int = 0
    """What has been moved to the account `expired`; known for awards' own lots only."""

    def lapsed(self, now: datetime) -> bool:
        """Tell whether what remains can not be spent any more, swept or not."""
        return self.mature and self.expires_at <= now

    def spendable(self, now: datetime) -> bool:
        """Tell whether what remains can be spent."""
        return self.mature and self.expires_at > now


@dataclass(frozen=True, slots=True)
class Taking:
    """`points` of one lot, out of the account in which they are."""

    lot_id: UUID
    account: AccountKind
    points: int
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class Leg:
    """`points` out of an account, back to a budget."""

    account: AccountKind
    budget_id: UUID
    points: int


def recover(points: int, own: Stock | None, lots: Iterable[Stock], now: datetime) -> tuple[Taking, ...]:
    """Take up to `points` from the award's `own` lot and then from `lots`, in the order given; draw them down."""
    takings = _from_own(points, own, now) if own else []
    points -= sum(taking.points for taking in takings)
    for lot in lots:
        part = min(points, lot.remaining)
        if part and lot is not own and lot.spendable(now):
            lot.remaining -= part
            points -= part
            takings.append(Taking(lot.lot_id, AccountKind.RESIDENT, part))
    return tuple(takings)


def _from_own(points: int, own: Stock, now: datetime) -> list[Taking]:
    account = AccountKind.RESIDENT if own.mature else AccountKind.PENDING
    left = min(points, own.remaining)
    own.remaining -= left
    expired = min(points - left, own.expired)
    own.expired -= expired
    takings = [
        Taking(own.lot_id, account, left, own.lapsed(now)),
        Taking(own.lot_id, AccountKind.EXPIRED, expired, lapsed=True),
    ]
    return [taking for taking in takings if taking.points]


def divide(
    takings: Sequence[Taking], payments: Sequence[tuple[UUID, int]]
) -> tuple[tuple[Leg, ...], tuple[tuple[UUID, int], ...]]:
    """Return which account gives what back to which budget, and what each budget then misses.

    Budgets are filled in the order given; one that is named twice counts once, where it comes first.
    """
    missing: dict[UUID, int] = {}
    for budget_id, points in payments:
        missing[budget_id] = missing.get(budget_id, 0) + points
    legs: dict[tuple[AccountKind, UUID], int] = {}
    for taking in takings:
        left = taking.points
        for budget_id, short in missing.items():
            part = min(left, short)
            if part:
                legs[taking.account, budget_id] = legs.get((taking.account, budget_id), 0) + part
                missing[budget_id] = short - part
                left -= part
    return (
        tuple(Leg(account, budget_id, points) for (account, budget_id), points in legs.items()),
        tuple((budget_id, short) for budget_id, short in missing.items() if short),
    )
