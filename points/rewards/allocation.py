"""Who gets what when there may not be enough for all: first come, first served, by the order asked in. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Refusal(StrEnum):
    """Why a redemption did not happen. Stable: the app shows a text for each."""

    SOLD_OUT = "sold_out"
    NOT_ENOUGH_POINTS = "not_enough_points"
    REWARD_CLOSED = "reward_closed"
    UNKNOWN_REWARD = "unknown_reward"
    KEY_REUSED = "key_reused"
    RESERVATION_LAPSED = "reservation_lapsed"
    UNKNOWN_REDEMPTION = "unknown_redemption"
    ALREADY_FULFILLED = "already_fulfilled"


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward's price in points, and when it can be had: `opens_at` <= now < `closes_at`, if that is set."""

    reward_id: UUID
    points: int
    opens_at: datetime
    closes_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Tell whether it can be had at `now`."""
        return self.opens_at <= now and (self.closes_at is None or now < self.closes_at)


@dataclass(frozen=True, slots=True)
class Wish:
    """One resident asks for one unit of a reward, under the id the redemption will have."""

    redemption_id: UUID
    resident_id: UUID
    reward_id: UUID


def allocate(
    wishes: Sequence[Wish],
    offers: Mapping[UUID, Offer],
    stock: Mapping[UUID, int],
    funds: Mapping[UUID, int],
    *,
    now: datetime,
) -> list[Refusal | None]:
    """Return why each wish is refused, or None when stock (by reward) and funds (by resident) cover it, in order.

    What one wish takes the next ones do not find; what a refused one did not take, they do.
    """
    left, purse = Counter(stock), Counter(funds)
    verdicts: list[Refusal | None] = []
    for wish in wishes:
        offer = offers.get(wish.reward_id)
        verdict = Refusal.UNKNOWN_REWARD if offer is None else _refusal(wish, offer, left, purse, now)
        if offer is not None and verdict is None:
            left[wish.reward_id] -= 1
            purse[wish.resident_id] -= offer.points
        verdicts.append(verdict)
    return verdicts


def _refusal(wish: Wish, offer: Offer, left: Counter[UUID], purse: Counter[UUID], now: datetime) -> Refusal | None:
    if not offer.is_open(now):
        return Refusal.REWARD_CLOSED
    if left[wish.reward_id] < 1:
        return Refusal.SOLD_OUT
    return Refusal.NOT_ENOUGH_POINTS if purse[wish.resident_id] < offer.points else None
