"""Setting points aside, and what becomes of them: settled or released. A hold closes once, one way."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.ledger import lot_queries
from points.ledger.accounts import (
    Account,
    AccountKind,
    Asset,
    Draft,
    EntryKind,
    HoldRequest,
    Posted,
    Posting,
    Rejected,
    Rejection,
)
from points.ledger.draws import Draw, Spendable, draw
from points.ledger.entries import append, lock

Outcome = Posted | Rejected
_STATES: Final = {EntryKind.SETTLEMENT: "settled", EntryKind.RELEASE: "released"}


async def lock_available(
    session: AsyncSession, programme_id: UUID, resident_ids: Iterable[UUID], *, now: datetime
) -> dict[UUID, int]:
    """Lock residents' points until the commit, as `lock` does, and return what each can spend at `now`."""
    matured = await lock(session, programme_id, resident_ids)
    lapsed = await lot_queries.lapsed_by_resident(session, programme_id, list(matured), now)
    return {resident_id: points - lapsed.get(resident_id, 0) for resident_id, points in matured.items()}


async def hold(
    session: AsyncSession, programme_id: UUID, requests: Sequence[HoldRequest], *, now: datetime
) -> list[Outcome]:
    """Set points aside for each request, in order, from lots that expire first; refuse those the points do not cover.

    Whoever asks has claimed a key of their own for the hold's id beforehand; the same id twice is the database's error.
    """
    if not requests:
        return []
    await lock(session, programme_id, (request.resident_id for request in requests))
    lots = await _spendable(session, programme_id, requests, now)
    held: list[tuple[HoldRequest, tuple[Draw, ...]]] = []
    outcomes: list[Outcome] = []
    for request in requests:
        drawn = draw(lots.get(request.resident_id, ()), request.amount)
        if drawn is None:
            outcomes.append(Rejected(Rejection.NOT_ENOUGH_POINTS))
            continue
        draws, lots[request.resident_id] = drawn
        held.append((request, draws))
        outcomes.append(Posted(request.hold_id))
    await _write(session, programme_id, held, now)
    return outcomes


async def settle(
    session: AsyncSession, programme_id: UUID, hold_ids: Sequence[UUID], *, now: datetime
) -> list[Outcome]:
    """Spend what each hold set aside. A second time changes nothing; a hold that lapsed or was released is refused."""
    return await _close(session, programme_id, hold_ids, EntryKind.SETTLEMENT, now)


async def release(
    session: AsyncSession, programme_id: UUID, hold_ids: Sequence[UUID], *, now: datetime
) -> list[Outcome]:
    """Give back what each hold set aside, to the lots it came from: their expiry is what it was."""
    return await _close(session, programme_id, hold_ids, EntryKind.RELEASE, now)


async def _spendable(
    session: AsyncSession, programme_id: UUID, requests: Sequence[HoldRequest], now: datetime
) -> dict[UUID, tuple[Spendable, ...]]:
    wanted: dict[UUID, int] = defaultdict(int)
    for request in requests:
        wanted[request.resident_id] += request.amount
    lots: dict[UUID, tuple[Spendable, ...]] = {}
    for row in await lot_queries.spendable(session, programme_id, wanted, now):
        lots[row.resident_id] = (*lots.get(row.resident_id, ()), Spendable(row.lot_id, row.remaining))
    return lots


async def _write(
    session: AsyncSession, programme_id: UUID, held: Sequence[tuple[HoldRequest, tuple[Draw, ...]]], now: datetime
) -> None:
    if not held:
        return
    await lot_queries.change_lots(
        session, programme_id, _sums((one.lot_id, -one.amount) for _, ds in held for one in ds)
    )
    await lot_queries.insert_holds(session, programme_id, held)
    drafts = [
        _moved(request.hold_id, request.resident_id, request.amount, EntryKind.HOLD, now, programme_id)
        for request, _ in held
    ]
    await append(session, programme_id, drafts)


async def _close(
    session: AsyncSession, programme_id: UUID, hold_ids: Sequence[UUID], kind: EntryKind, now: datetime
) -> list[Outcome]:
    if not hold_ids:
        return []
    unlocked = await lot_queries.holds(session, programme_id, hold_ids)
    await lock(session, programme_id, (hold.resident_id for hold in unlocked.values()))
    holds = await lot_queries.holds(session, programme_id, hold_ids)  # again: now nobody else can close them
    refused = {hold_id: _refusal(holds.get(hold_id), kind, now) for hold_id in hold_ids}
    closing = [holds[hold_id] for hold_id, refusal in refused.items() if refusal is None]
    if kind is EntryKind.RELEASE and closing:
        draws = await lot_queries.draws_of(session, programme_id, [hold.hold_id for hold in closing])
        await lot_queries.change_lots(session, programme_id, _sums((one.lot_id, one.amount) for one in draws))
    if closing:
        await lot_queries.close_holds(session, programme_id, [hold.hold_id for hold in closing], _STATES[kind])
        drafts = [_moved(new_id(), hold.resident_id, hold.amount, kind, now, programme_id) for hold in closing]
        await append(session, programme_id, drafts)
    return [refused[hold_id] or Posted(hold_id) for hold_id in hold_ids]


def _refusal(hold: Row[Any] | None, kind: EntryKind, now: datetime) -> Outcome | None:
    """Return why `hold` is not closed now, or that it is closed this way already, or None when it is to be closed."""
    if hold is None:
        return Rejected(Rejection.NO_SUCH_HOLD)
    if hold.state == _STATES[kind]:
        return Posted(hold.hold_id, replayed=True)
    if hold.state != "open":
        return Rejected(Rejection.HOLD_CLOSED)
    if kind is EntryKind.SETTLEMENT and hold.expires_at <= now:
        return Rejected(Rejection.HOLD_EXPIRED)
    return None


def _moved(entry_id: UUID, resident_id: UUID, amount: int, kind: EntryKind, now: datetime, programme_id: UUID) -> Draft:
    available, held = Account(AccountKind.RESIDENT, resident_id), Account(AccountKind.HELD, resident_id)
    source, destination = {
        EntryKind.HOLD: (available, held),
        EntryKind.RELEASE: (held, available),
        EntryKind.SETTLEMENT: (held, Account(AccountKind.REDEEMED, programme_id)),
    }[kind]
    return Draft(entry_id, kind, now, (Posting(source, destination, Asset.POINTS, amount),), resident_id)


def _sums(changes: Iterable[tuple[UUID, int]]) -> dict[UUID, int]:
    total: dict[UUID, int] = defaultdict(int)
    for lot_id, change in changes:
        total[lot_id] += change
    return total
