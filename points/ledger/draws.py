"""Which lots pay: first-expiring-first. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Spendable:
    """What is left in one lot."""

    lot_id: UUID
    remaining: int


@dataclass(frozen=True, slots=True)
class Draw:
    """What one lot pays."""

    lot_id: UUID
    amount: int


def draw(lots: Sequence[Spendable], amount: int) -> tuple[tuple[Draw, ...], tuple[Spendable, ...]] | None:
    """Take `amount` from `lots` in the order given; return the draws and what is left, or None if it is not there."""
    draws: list[Draw] = []
    for index, lot in enumerate(lots):
        taken = min(lot.remaining, amount)
        amount -= taken
        draws.append(Draw(lot.lot_id, taken))
        if amount == 0:
            rest = Spendable(lot.lot_id, lot.remaining - taken)
            left = (*([rest] if rest.remaining else []), *lots[index + 1 :])
            return tuple(draws), left
    return None
