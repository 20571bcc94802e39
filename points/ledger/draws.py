"""Which lots pay, and which get back what was not spent: by priority, then expiry, then id. Pure.

Drawing order is the order of `(priority, expires_at, lot_id)`, lowest first. What stays spent is always the first in
that order, so that to settle 40 of a hold, or to settle 60 of it and refund 20, leaves every lot with the same points.
"""

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
    """What one lot pays, or gets back."""

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


def give_back(draws: Sequence[Draw], amount: int) -> tuple[Draw, ...]:
    """Return what each lot of `draws`, which are in drawing order, gets back of `amount`: the last drawn come first.

    Raises:
        ValueError: when more is to be given back than was drawn.
    """
    given: list[Draw] = []
    for each in reversed(draws):
        back = min(each.amount, amount)
        amount -= back
        if back:
            given.append(Draw(each.lot_id, back))
    if amount:
        raise ValueError(f"{amount} points more are to be given back than were drawn.")
    return tuple(given)
