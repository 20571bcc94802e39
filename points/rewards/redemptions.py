"""Exchanging points for rewards: reserve (points held, voucher taken), then settle or release.

Never oversold: whoever takes a voucher holds its reward's lock. Never charged for nothing: points are held only for who
has a voucher. A reservation that nobody came back for is swept.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points import ledger
from points.errors import NotFoundError
from points.rewards import queries
from points.rewards.allocation import Offer, Refusal, Wish, allocate

RESERVATION: Final = timedelta(minutes=15)
"""How long points stay held. The sweep comes earlier, so that a voucher never outlives its hold."""

FORGOTTEN_AFTER: Final = timedelta(minutes=5)

_MAY_CHANGE: Final = frozenset({Refusal.SOLD_OUT, Refusal.NOT_ENOUGH_POINTS})
_REASONS: Final = {
    ledger.Rejection.NO_SUCH_HOLD: Refusal.UNKNOWN_REDEMPTION,
    ledger.Rejection.HOLD_EXPIRED: Refusal.RESERVATION_LAPSED,
}


@dataclass(frozen=True, slots=True)
class RedemptionRequest:
    """A resident asks for one unit of a reward, once under `key` of their own."""

    resident_id: UUID
    reward_id: UUID
    key: str


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A redemption as it stands: reserved, fulfilled or released. `code` is the voucher's, while it has one."""

    redemption_id: UUID
    resident_id: UUID
    reward_id: UUID
    points: int
    state: str
    reserved_at: datetime
    closed_at: datetime | None
    code: str | None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was taken, and why."""

    reason: Refusal


@dataclass(frozen=True, slots=True)
class Swept:
    """What became of forgotten reservations."""

    fulfilled: int
    released: int


Outcome = Redeemed | Refused


async def reserve(
    session: AsyncSession, programme_id: UUID, requests: Sequence[RedemptionRequest], *, now: datetime
) -> list[Outcome]:
    """Hold points and take a voucher for each request, in order; return one outcome for each.

    A key used before with the same reward returns what came of it then, refusals included.
    """
    if not requests:
        return []
    wishes = [Wish(new_id(), request.resident_id, request.reward_id) for request in requests]
    uses = [_use(request, wish) for request, wish in zip(requests, wishes, strict=True)]
    claimed = await ledger.claim(session, programme_id, uses)
    fresh = [wish for wish, one in zip(wishes, claimed, strict=True) if one.state is ledger.ClaimState.FRESH]
    refused = await _reserve(session, programme_id, fresh, now) if fresh else {}
    keys = {wish.redemption_id: use.key for use, wish in zip(uses, wishes, strict=True)}
    await ledger.answer(session, programme_id, {keys[one]: {"refused": reason} for one, reason in refused.items()})
    ids = [one.entry_id for one in claimed if one.entry_id is not None]
    rows = await queries.redemptions(session, programme_id, ids)
    return [_outcome(one, rows, refused) for one in claimed]


async def settle(
    session: AsyncSession, programme_id: UUID, redemption_ids: Sequence[UUID], *, now: datetime
) -> list[Outcome]:
    """Spend the points held for each redemption, which is then fulfilled; a second time changes nothing."""
    outcomes = await ledger.settle(session, programme_id, redemption_ids, now=now)
    refused = _refused(redemption_ids, outcomes, Refusal.RESERVATION_LAPSED)
    settled = [one for one in redemption_ids if one not in refused]
    await queries.close(session, programme_id, settled, "fulfilled", now=now)
    return await _closed(session, programme_id, redemption_ids, refused)


async def release(
    session: AsyncSession, programme_id: UUID, redemption_ids: Sequence[UUID], *, now: datetime
) -> list[Outcome]:
    """Give back the points, to the lots they came from, and the voucher; a second time changes nothing."""
    outcomes = await ledger.release(session, programme_id, redemption_ids, now=now)
    refused = _refused(redemption_ids, outcomes, Refusal.ALREADY_FULFILLED)
    released = [one for one in redemption_ids if one not in refused]
    closed = await queries.close(session, programme_id, released, "released", now=now)
    await queries.free_vouchers(session, programme_id, closed)
    return await _closed(session, programme_id, redemption_ids, refused)


async def sweep(
    session: AsyncSession,
    programme_id: UUID,
    *,
    now: datetime,
    older_than: timedelta = FORGOTTEN_AFTER,
    limit: int = 500,
) -> Swept:
    """Close up to `limit` reservations older than `older_than`: settle those that have their voucher, release others.

    One whose hold has lapsed meanwhile is released: its points are back already, and so must the voucher be.
    """
    rows = await queries.forgotten(session, programme_id, before=now - older_than, limit=limit)
    with_voucher = [row.redemption_id for row in rows if row.has_voucher]
    settled = await settle(session, programme_id, with_voucher, now=now)
    fulfilled = {one.redemption_id for one in settled if isinstance(one, Redeemed)}
    rest = [row.redemption_id for row in rows if row.redemption_id not in fulfilled]
    released = await release(session, programme_id, rest, now=now)
    return Swept(len(fulfilled), sum(isinstance(one, Redeemed) for one in released))


async def read(session: AsyncSession, programme_id: UUID, resident_id: UUID, redemption_id: UUID) -> Redeemed:
    """Return a resident's own redemption.

    Raises:
        NotFoundError: when the resident has no such redemption.
    """
    row = (await queries.redemptions(session, programme_id, [redemption_id])).get(redemption_id)
    if row is None or row.resident_id != resident_id:
        raise NotFoundError(f"You have no redemption {redemption_id}.")
    return Redeemed(*row)


def _use(request: RedemptionRequest, wish: Wish) -> ledger.KeyUse:
    key = f"redemption:{request.resident_id}:{request.key}"
    return ledger.KeyUse(key, ledger.input_hash(request.reward_id), wish.redemption_id)


async def _reserve(
    session: AsyncSession, programme_id: UUID, wishes: Sequence[Wish], now: datetime
) -> dict[UUID, Refusal]:
    """Reserve what can be; return the refusals by redemption id. Locks: residents, then rewards."""
    funds = await ledger.lock(session, programme_id, (wish.resident_id for wish in wishes))
    wanted = Counter(wish.reward_id for wish in wishes)
    offers = await queries.lock_rewards(session, programme_id, list(wanted))
    free = await queries.available(session, programme_id, wanted)
    refused: dict[UUID, Refusal] = {}
    granted: list[Wish] = []
    waiting = list(wishes)
    while waiting:
        stock, purse = _left(granted, offers, free, funds)
        verdicts = dict(zip(waiting, allocate(waiting, offers, stock, purse, now=now), strict=True))
        held, lapsed = await _hold(session, programme_id, [one for one in waiting if not verdicts[one]], offers, now)
        granted += held
        refused |= {one.redemption_id: verdict for one, verdict in verdicts.items() if verdict is not None}
        refused |= {one.redemption_id: Refusal.NOT_ENOUGH_POINTS for one in lapsed}
        # The lock counts points that lapsed but were not swept yet. Who had no others leaves room for those behind.
        waiting = [one for one in waiting if lapsed and verdicts[one] in _MAY_CHANGE]
        for one in waiting:
            del refused[one.redemption_id]
    await _write(session, programme_id, granted, offers, free, now)
    return refused


def _left(
    granted: Sequence[Wish], offers: Mapping[UUID, Offer], free: Mapping[UUID, list[UUID]], funds: Mapping[UUID, int]
) -> tuple[Counter[UUID], Counter[UUID]]:
    """Return the stock by reward and the points by resident that `granted` leave."""
    stock = Counter({reward_id: len(vouchers) for reward_id, vouchers in free.items()})
    purse = Counter(funds)
    for wish in granted:
        stock[wish.reward_id] -= 1
        purse[wish.resident_id] -= offers[wish.reward_id].points
    return stock, purse


async def _hold(
    session: AsyncSession, programme_id: UUID, wishes: Sequence[Wish], offers: Mapping[UUID, Offer], now: datetime
) -> tuple[list[Wish], list[Wish]]:
    """Hold the price of each wish; return those held and those whose points have lapsed."""
    holds = [
        ledger.HoldRequest(wish.redemption_id, wish.resident_id, offers[wish.reward_id].points, now + RESERVATION)
        for wish in wishes
    ]
    outcomes = await ledger.hold(session, programme_id, holds, now=now)
    pairs = list(zip(wishes, outcomes, strict=True))
    return (
        [wish for wish, one in pairs if isinstance(one, ledger.Posted)],
        [wish for wish, one in pairs if isinstance(one, ledger.Rejected)],
    )


async def _write(
    session: AsyncSession,
    programme_id: UUID,
    granted: Sequence[Wish],
    offers: Mapping[UUID, Offer],
    free: Mapping[UUID, list[UUID]],
    now: datetime,
) -> None:
    if not granted:
        return
    vouchers = {reward_id: iter(ids) for reward_id, ids in free.items()}
    priced = [(wish, offers[wish.reward_id].points) for wish in granted]
    await queries.insert_redemptions(session, programme_id, priced, now=now)
    taken = {wish.redemption_id: next(vouchers[wish.reward_id]) for wish in granted}
    await queries.take_vouchers(session, programme_id, taken)


def _outcome(claimed: ledger.Claimed, rows: Mapping[UUID, queries.AnyRow], refused: Mapping[UUID, Refusal]) -> Outcome:
    """Return what came of a claim: the redemption, or the refusal of this batch or of an earlier one."""
    if claimed.state is ledger.ClaimState.CONFLICT or claimed.entry_id is None:
        return Refused(Refusal.KEY_REUSED)
    row = rows.get(claimed.entry_id)
    if row is not None:
        return replace(Redeemed(*row), replayed=claimed.state is ledger.ClaimState.REPLAYED)
    stored = (claimed.answer or {}).get("refused")
    return Refused(Refusal(str(stored)) if stored else refused[claimed.entry_id])


def _refused(
    redemption_ids: Sequence[UUID], outcomes: Sequence[ledger.Posted | ledger.Rejected], closed: Refusal
) -> dict[UUID, Refusal]:
    """Return why holds were not closed; `closed` is what a hold that went the other way means."""
    return {
        redemption_id: _REASONS.get(outcome.reason, closed)
        for redemption_id, outcome in zip(redemption_ids, outcomes, strict=True)
        if isinstance(outcome, ledger.Rejected)
    }


async def _closed(
    session: AsyncSession, programme_id: UUID, redemption_ids: Sequence[UUID], refused: Mapping[UUID, Refusal]
) -> list[Outcome]:
    rows = await queries.redemptions(session, programme_id, redemption_ids)
    return [Refused(refused[one]) if one in refused else Redeemed(*rows[one]) for one in redemption_ids]
