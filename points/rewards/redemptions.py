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
from points.rewards.allocation import Refusal, Wish, allocate

RESERVATION: Final = timedelta(minutes=15)
"""How long points stay held. The sweep comes earlier, so that a voucher never outlives its hold."""

FORGOTTEN_AFTER: Final = timedelta(minutes=5)

_REASONS: Final = {
    ledger.Rejection.NO_SUCH_HOLD: Refusal.UNKNOWN_REDEMPTION,
    ledger.Rejection.HOLD_EXPIRED: Refusal.RESERVATION_LAPSED,
}


@dataclass(frozen=True, slots=True)
class RedemptionRequest:
    """A resident asks for one unit of a reward, once under `key`. Keys are the programme's: it begins with who asks."""

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

    A key that led to a redemption before, in this batch or earlier, returns that one as it stands now. One that was
    refused changed nothing and is tried again.
    """
    if not requests:
        return []
    uses = [ledger.KeyUse(one.key, ledger.input_hash(one.resident_id, one.reward_id), new_id()) for one in requests]
    claimed = await ledger.claim(session, programme_id, uses)
    wishes = _wishes(requests, claimed)
    # What stands is read under the residents' lock: two who try one key again at once must not both find it unused.
    residents = {wish.resident_id for wish in wishes.values()}
    funds = await ledger.lock_available(session, programme_id, residents, now=now)
    standing = await queries.redemptions(session, programme_id, list(wishes))
    fresh = [wish for redemption_id, wish in wishes.items() if redemption_id not in standing]
    refused = await _reserve(session, programme_id, fresh, funds, now) if fresh else {}
    made = await queries.redemptions(session, programme_id, [one.redemption_id for one in fresh])
    outcomes = [_outcome(one, standing | made, refused) for one in claimed]
    return [
        replace(one, replayed=one.redemption_id in standing) if isinstance(one, Redeemed) else one for one in outcomes
    ]


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
    if not rows:
        return Swept(0, 0)
    # All at once and sorted: two batches that lock some first and others later could wait for each other in a circle.
    await ledger.lock(session, programme_id, {row.resident_id for row in rows})
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


def _wishes(requests: Sequence[RedemptionRequest], claimed: Sequence[ledger.Claimed]) -> dict[UUID, Wish]:
    """Return what is wished under each redemption id, once; keys used before with other input wish nothing."""
    return {
        one.entry_id: Wish(one.entry_id, request.resident_id, request.reward_id)
        for request, one in zip(requests, claimed, strict=True)
        if one.entry_id is not None and one.state is not ledger.ClaimState.CONFLICT
    }


async def _reserve(
    session: AsyncSession, programme_id: UUID, wishes: Sequence[Wish], funds: Mapping[UUID, int], now: datetime
) -> dict[UUID, Refusal]:
    """Reserve what can be; return the refusals by redemption id. The residents are locked; the rewards come next."""
    wanted = Counter(wish.reward_id for wish in wishes)
    offers = await queries.lock_rewards(session, programme_id, list(wanted))
    free = await queries.available(session, programme_id, wanted)
    stock = {reward_id: len(vouchers) for reward_id, vouchers in free.items()}
    verdicts = list(zip(wishes, allocate(wishes, offers, stock, funds, now=now), strict=True))
    granted = [(wish, offers[wish.reward_id].points) for wish, verdict in verdicts if verdict is None]
    await _write(session, programme_id, granted, free, now)
    return {wish.redemption_id: verdict for wish, verdict in verdicts if verdict is not None}


async def _write(
    session: AsyncSession,
    programme_id: UUID,
    granted: Sequence[tuple[Wish, int]],
    free: Mapping[UUID, list[UUID]],
    now: datetime,
) -> None:
    """Hold the points of each wish at its price, and take the vouchers, first ones first.

    Raises:
        RuntimeError: when the ledger refuses what it has just counted: a defect.
    """
    if not granted:
        return
    expires_at = now + RESERVATION
    holds = [ledger.HoldRequest(one.redemption_id, one.resident_id, points, expires_at) for one, points in granted]
    outcomes = await ledger.hold(session, programme_id, holds, now=now)
    # Locked and counted a moment ago: a refusal here is a defect, and nothing of this batch may stand.
    if not all(isinstance(outcome, ledger.Posted) for outcome in outcomes):
        raise RuntimeError("The ledger refused to hold points that it had just counted; nothing was reserved.")
    await queries.insert_redemptions(session, programme_id, granted, now=now)
    vouchers = {reward_id: iter(ids) for reward_id, ids in free.items()}
    await queries.take_vouchers(
        session, programme_id, {wish.redemption_id: next(vouchers[wish.reward_id]) for wish, _ in granted}
    )


def _outcome(claimed: ledger.Claimed, rows: Mapping[UUID, queries.AnyRow], refused: Mapping[UUID, Refusal]) -> Outcome:
    if claimed.state is ledger.ClaimState.CONFLICT or claimed.entry_id is None:
        return Refused(Refusal.KEY_REUSED)
    if claimed.entry_id in refused:
        return Refused(refused[claimed.entry_id])
    return Redeemed(*rows[claimed.entry_id])


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
