"""Setting points aside, and what becomes of them: settled, wholly or in part, or released. A hold closes once.

A hold past its time is void from that moment, swept or not: it can not be settled, and whoever reads or spends finds
its points back in their lots.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from points.ledger import hold_queries, lot_queries
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
    Settlement,
)
from points.ledger.closings import Closing, closing
from points.ledger.draws import Draw, Spendable, draw
from points.ledger.entries import append, lock
from points.ledger.holdings import available
from points.ledger.sums import summed

Outcome = Posted | Rejected


async def lock_available(
    session: AsyncSession, programme_id: UUID, resident_ids: Iterable[UUID], *, now: datetime
) -> dict[UUID, int]:
    """Lock residents' points until the commit, as `lock` does, and return what each can spend at `now`."""
    locked = await lock(session, programme_id, resident_ids)
    rows = await lot_queries.standings(session, programme_id, locked, now)
    return {resident_id: available(row) for resident_id, row in rows.items()}


async def hold(
    session: AsyncSession, programme_id: UUID, requests: Sequence[HoldRequest], *, now: datetime
) -> list[Outcome]:
    """Set points aside for each request, in order, from lots in drawing order; refuse those the points do not cover.

    Holds of these residents past their time are released first. Whoever asks has claimed a key of their own for the
    hold's id beforehand; the same id twice is the database's error.
    """
    if not requests:
        return []
    residents = {request.resident_id for request in requests}
    await lock(session, programme_id, residents)
    freed = await releasing_void(session, programme_id, residents, now)
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
    await append(session, programme_id, [*freed, *await _holding(session, programme_id, held, now)])
    return outcomes


async def settle(
    session: AsyncSession, programme_id: UUID, settlements: Sequence[UUID | Settlement], *, now: datetime
) -> list[Outcome]:
    """Spend what each hold set aside, or part of it; a bare id spends all. What is not spent goes back to its lots.

    A second time with the same points changes nothing; with others it is refused, as is a hold that lapsed or was
    released.
    """
    wanted = [each if isinstance(each, Settlement) else Settlement(each) for each in settlements]
    return await _close(session, programme_id, wanted, EntryKind.SETTLEMENT, now)


async def release(
    session: AsyncSession, programme_id: UUID, hold_ids: Sequence[UUID], *, now: datetime
) -> list[Outcome]:
    """Give back what each hold set aside, to the lots it came from: their expiry is what it was."""
    wanted = [Settlement(hold_id) for hold_id in hold_ids]
    return await _close(session, programme_id, wanted, EntryKind.RELEASE, now)


async def releasing_void(
    session: AsyncSession, programme_id: UUID, resident_ids: Iterable[UUID], now: datetime
) -> list[Draft]:
    """Release the holds of locked residents whose time is over; return the entries to be appended."""
    void = await hold_queries.void_holds(session, programme_id, resident_ids, now)
    closings = [Closing(hold.hold_id, hold.resident_id, hold.amount, 0) for hold in void]
    return await closing(session, programme_id, closings, now)


async def _spendable(
    session: AsyncSession, programme_id: UUID, requests: Sequence[HoldRequest], now: datetime
) -> dict[UUID, tuple[Spendable, ...]]:
    wanted = summed((request.resident_id, request.amount) for request in requests)
    lots: dict[UUID, tuple[Spendable, ...]] = {}
    for row in await lot_queries.spendable(session, programme_id, wanted, now):
        lots[row.resident_id] = (*lots.get(row.resident_id, ()), Spendable(row.lot_id, row.remaining))
    return lots


async def _holding(
    session: AsyncSession, programme_id: UUID, held: Sequence[tuple[HoldRequest, tuple[Draw, ...]]], now: datetime
) -> list[Draft]:
    """Write holds and what they drew; return the entries to be appended."""
    if not held:
        return []
    drawn = [(request.hold_id, one) for request, draws in held for one in draws]
    await lot_queries.change_lots(session, programme_id, summed((one.lot_id, -one.amount) for _, one in drawn))
    await hold_queries.insert_holds(session, programme_id, [request for request, _ in held])
    draws = summed(((hold_id, one.lot_id), one.amount) for hold_id, one in drawn)
    await hold_queries.insert_draws(session, programme_id, draws)
    return [_held(request, now) for request, _ in held]


def _held(request: HoldRequest, now: datetime) -> Draft:
    own, held = (Account(kind, request.resident_id) for kind in (AccountKind.RESIDENT, AccountKind.HELD))
    posting = Posting(own, held, Asset.POINTS, request.amount)
    return Draft(request.hold_id, EntryKind.HOLD, now, (posting,), request.resident_id)


async def _close(
    session: AsyncSession, programme_id: UUID, wanted: Sequence[Settlement], kind: EntryKind, now: datetime
) -> list[Outcome]:
    if not wanted:
        return []
    hold_ids = list({each.hold_id for each in wanted})
    unlocked = await hold_queries.holds(session, programme_id, hold_ids)
    await lock(session, programme_id, (hold.resident_id for hold in unlocked.values()))
    holds = await hold_queries.holds(session, programme_id, hold_ids)  # again: now nobody else can close them
    closings: dict[UUID, Closing] = {}
    outcomes: list[Outcome] = []
    for each in wanted:
        outcome = _standing(each, holds, closings, kind, now)
        if isinstance(outcome, Closing):
            closings[each.hold_id] = outcome
        outcomes.append(Posted(each.hold_id) if isinstance(outcome, Closing) else outcome)
    await append(session, programme_id, await closing(session, programme_id, list(closings.values()), now))
    return outcomes


def _standing(
    wanted: Settlement,
    holds: Mapping[UUID, Row[Any]],
    closings: Mapping[UUID, Closing],
    kind: EntryKind,
    now: datetime,
) -> Closing | Outcome:
    """Return how a hold is to be closed, or that it is closed this way already, or why it is not closed."""
    hold = holds.get(wanted.hold_id)
    if hold is None:
        return Rejected(Rejection.NO_SUCH_HOLD)
    spent = 0 if kind is EntryKind.RELEASE else hold.amount if wanted.points is None else wanted.points
    if spent > hold.amount:
        return Rejected(Rejection.MORE_THAN_HELD)
    before = closings.get(hold.hold_id)
    if hold.state != "open" or before:
        settled = before.spent if before else hold.settled
        return Posted(hold.hold_id, replayed=True) if settled == spent else Rejected(Rejection.HOLD_CLOSED)
    if spent and hold.expires_at <= now:
        return Rejected(Rejection.HOLD_EXPIRED)
    return Closing(hold.hold_id, hold.resident_id, hold.amount, spent)
