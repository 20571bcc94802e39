"""Which debts points pay, and from which lots: the oldest first, each to the budget it is owed to. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from points.ledger.draws import Spendable


@dataclass(frozen=True, slots=True)
class OpenDebt:
    """What a resident still owes to one budget since reversal `reversal_id`."""

    reversal_id: UUID
    budget_id: UUID
    remaining: int


@dataclass(frozen=True, slots=True)
class Payback:
    """`points` of one lot pay one debt."""

    reversal_id: UUID
    budget_id: UUID
    lot_id: UUID
    points: int


def repay(debts: Sequence[OpenDebt], lots: Sequence[Spendable]) -> tuple[Payback, ...]:
    """Let `lots`, in the order given, pay `debts`, in the order given, until one of the two is used up."""
    left = {(debt.reversal_id, debt.budget_id): debt.remaining for debt in debts}
    paid: list[Payback] = []
    for lot in lots:
        points = lot.remaining
        for (reversal_id, budget_id), owed in left.items():
            part = min(points, owed)
            if part:
                paid.append(Payback(reversal_id, budget_id, lot.lot_id, part))
                left[reversal_id, budget_id] = owed - part
                points -= part
    return tuple(paid)


def forgiven(debts: Sequence[OpenDebt], points: int | None) -> tuple[OpenDebt, ...]:
    """Return what ends of `debts`, in the order given, when `points` are forgiven; all of them when it is None."""
    ended: list[OpenDebt] = []
    for debt in debts:
        part = debt.remaining if points is None else min(debt.remaining, points)
        if part:
            ended.append(OpenDebt(debt.reversal_id, debt.budget_id, part))
        if points is not None:
            points -= part
    return tuple(ended)
