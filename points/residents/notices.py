"""What residents have to know: read, marked as read, appealed against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.errors import NotFoundError, StateConflictError
from points.residents import notice_queries as queries
from points.residents.notice_queries import NewNotice, Subject
from points.residents.notice_wording import TAKING, NoticeKind
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

    Once for what a notice names; again when it has grown since, for what is new. Earlier words stay beside the last.

    Raises:
        NotFoundError: when the resident has no such notice.
        StateConflictError: when nothing was taken, or they appealed before and nothing more was taken since.
    """
    notice = await _own(session, programme_id, resident_id, notice_id)
    if notice.kind == NoticeKind.REVIEW:
        raise StateConflictError(f"Appeal against the review itself: POST /v1/me/reviews/{notice.about_id}/appeals.")
    if notice.kind not in TAKING:
        raise StateConflictError("This notice took nothing; there is nothing to appeal against.")
    if not notice.appealable:
        raise StateConflictError(
            "You appealed before; the programme's staff have it. You can appeal again should more be taken."
        )
    if notice.appealed_at is not None:
        before = {"appeal": notice.appeal, "appealed_at": notice.appealed_at.isoformat()}
        notice.earlier_appeals = [*notice.earlier_appeals, before | (notice.appealed_figures or {})]
    notice.appeal, notice.appealed_at, notice.grown_at = note, now, None
    notice.appealed_figures = {name: getattr(notice, name) for name in ("grams", "points", "owed")}
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
