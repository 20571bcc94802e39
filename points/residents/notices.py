"""What residents have to know: read, marked as read, appealed against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.errors import NotFoundError, StateConflictError
from points.residents import notice_queries as queries
from points.residents.notice_queries import NewNotice, Subject
from points.residents.notice_wording import NoticeKind
from points.residents.tables import Notice


@dataclass(frozen=True, slots=True)
class Notices:
    """A page of a resident's notices, newest first, and how many they have not read in all."""

    notices: Sequence[Notice]
    unread: int


async def tell(
    session: AsyncSession, programme_id: UUID, subject: Subject, notices: Sequence[NewNotice], *, now: datetime
) -> None:
    """Tell residents something, once for each thing it is about; told again of the same, their notice grows."""
    if notices:
        await queries.tell(session, programme_id, subject, notices, now)


async def listed(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, *, before: UUID | None, limit: int
) -> Notices:
    """Return a resident's notices, newest first."""
    found = await queries.page(session, programme_id, resident_id, before=before, limit=limit)
    return Notices(found, await queries.unread(session, programme_id, resident_id))


async def read(session: AsyncSession, programme_id: UUID, resident_id: UUID, notice_id: UUID, *, now: datetime) -> int:
    """Mark a notice and all before it as read; return how many are left unread.

    Raises:
        NotFoundError: when the resident has no such notice.
    """
    await _own(session, programme_id, resident_id, notice_id)
    await queries.mark_read(session, programme_id, resident_id, until=notice_id, now=now)
    return await queries.unread(session, programme_id, resident_id)


async def appeal(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, notice_id: UUID, *, note: str, now: datetime
) -> Notice:
    """Note why a resident thinks that what was taken was theirs; staff find it beside the order.

    Raises:
        NotFoundError: when the resident has no such notice.
        StateConflictError: when nothing was taken, or they appealed before.
    """
    notice = await _own(session, programme_id, resident_id, notice_id)
    if notice.kind == NoticeKind.FORGIVENESS:
        raise StateConflictError("This notice took nothing; there is nothing to appeal against.")
    if notice.appealed_at is not None:
        raise StateConflictError("You appealed before; the programme's staff have it.")
    notice.appeal, notice.appealed_at = note, now
    session.add(notice)
    await session.flush()
    return notice


async def appealed(
    session: AsyncSession, programme_id: UUID, about_id: UUID, *, after: UUID | None, limit: int
) -> list[Notice]:
    """Return notices about one thing that were appealed against, by resident."""
    return await queries.appealed(session, programme_id, about_id, after=after, limit=limit)


async def _own(session: AsyncSession, programme_id: UUID, resident_id: UUID, notice_id: UUID) -> Notice:
    notice = await queries.locked(session, programme_id, resident_id, notice_id)
    if notice is None:
        raise NotFoundError("No notice of yours has this id.")
    return notice
