"""Debts that are let go: by an operator, with a reason the resident reads."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points import ledger
from points.earning.clawbacks.clawbacks import Grounds
from points.earning.clawbacks.queries import known_residents
from points.earning.clawbacks.tables import DebtForgiveness
from points.errors import NotFoundError, StateConflictError
from points.ledger import Forgiveness
from points.residents import notices
from points.residents.notice_queries import NewNotice, Subject
from points.residents.notice_wording import NoticeKind


async def forgive(
    session: AsyncSession,
    programme_id: UUID,
    resident_id: UUID,
    *,
    points: int | None,
    reason: Grounds,
    actor: str,
    now: datetime,
) -> DebtForgiveness:
    """Let go `points` of what a resident owes, or all of it (None), oldest debts first; tell the resident.

    Raises:
        NotFoundError: when the programme has no such resident.
        StateConflictError: when the resident owes nothing, or less than `points`. Nothing was let go.
    """
    if not await known_residents(session, programme_id, [resident_id]):
        raise NotFoundError("No resident of the programme has this id.")
    entry_id, ended = await _end(session, programme_id, resident_id, points, now)
    row = DebtForgiveness(
        programme_id=programme_id,
        entry_id=entry_id,
        resident_id=resident_id,
        points=ended,
        reason_zh=reason.zh,
        reason_en=reason.en,
        forgiven_by=actor,
        forgiven_at=now,
    )
    session.add(row)
    await session.flush()
    subject = Subject(NoticeKind.FORGIVENESS, entry_id, reason.zh, reason.en)
    await notices.tell(session, programme_id, subject, [NewNotice(resident_id, 0, ended, 0, 0)], now=now)
    return row


async def _end(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, points: int | None, now: datetime
) -> tuple[UUID, int]:
    """End the debt; return its entry, and how many points ended.

    Raises:
        StateConflictError: when the resident owes nothing, or less than `points`.
    """
    await ledger.lock(session, programme_id, [resident_id])
    owed = (await ledger.owing(session, programme_id, [resident_id])).get(resident_id, 0)
    if not owed or (points is not None and points > owed):
        raise StateConflictError(f"The resident owes {owed:,} points; no more can be let go.")
    entry_id = new_id()
    use = ledger.KeyUse(f"forgive:{entry_id.hex}", ledger.input_hash(resident_id, points), entry_id)
    await ledger.claim(session, programme_id, [use])
    [ended] = await ledger.forgive(session, programme_id, [Forgiveness(entry_id, resident_id, points)], now=now)
    return entry_id, ended
