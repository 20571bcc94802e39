"""Every SQL statement about notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from core.sql import run
from points.residents.tables import Notice

_FIGURES: Final = ("grams", "points", "owed", "borne")
# What a notice is about may go on for a while; then it grows, is new again, and can be appealed against again.
_TELL: Final = text("""
    INSERT INTO notice AS n (
        programme_id, notice_id, resident_id, kind, about_id, reason_zh, reason_en, grams, points, owed, borne, made_at,
        earlier_appeals
    )
    SELECT :programme_id, t.notice_id, t.resident_id, :kind, t.about_id, :reason_zh, :reason_en, t.grams, t.points,
        t.owed, t.borne, :now, '[]'::jsonb
    FROM unnest(
        CAST(:notice_id AS uuid[]), CAST(:resident_id AS uuid[]), CAST(:about_id AS uuid[]), CAST(:grams AS bigint[]),
        CAST(:points AS bigint[]), CAST(:owed AS bigint[]), CAST(:borne AS bigint[])
    ) AS t (notice_id, resident_id, about_id, grams, points, owed, borne)
    ORDER BY t.resident_id, t.about_id
    ON CONFLICT (programme_id, resident_id, about_id) DO UPDATE SET
        grams = n.grams + excluded.grams, points = n.points + excluded.points, owed = n.owed + excluded.owed,
        borne = n.borne + excluded.borne, read_at = NULL, grown_at = excluded.made_at,
        reason_zh = excluded.reason_zh, reason_en = excluded.reason_en
""")


@dataclass(frozen=True, slots=True)
class NewNotice:
    """One resident's figures of what is told; `about_id` where it is about something of its own."""

    resident_id: UUID
    grams: int
    points: int
    owed: int
    borne: int
    about_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is told to residents: of which kind it is, what it is about (None: each of its own), and why it happened."""

    kind: str
    about_id: UUID | None
    reason_zh: str
    reason_en: str


async def tell(
    session: AsyncSession, programme_id: UUID, subject: Subject, notices: Sequence[NewNotice], now: datetime
) -> None:
    """Write one notice for each resident, or add to the one they have about the same thing."""
    columns: dict[str, object] = {name: [getattr(each, name) for each in notices] for name in _FIGURES}
    parameters = {
        "programme_id": programme_id,
        "notice_id": [new_id() for _ in notices],
        "resident_id": [each.resident_id for each in notices],
        "kind": subject.kind,
        "about_id": [each.about_id or subject.about_id for each in notices],
        "reason_zh": subject.reason_zh,
        "reason_en": subject.reason_en,
        "now": now,
    }
    await run(session, _TELL, parameters | columns)


async def page(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, *, before: UUID | None, limit: int
) -> list[Notice]:
    """Return a resident's notices, newest first."""
    statement = select(Notice).where(Notice.programme_id == programme_id, Notice.resident_id == resident_id)
    if before is not None:
        statement = statement.where(col(Notice.notice_id) < before)
    found = await session.exec(statement.order_by(col(Notice.notice_id).desc()).limit(limit))
    return list(found.all())


async def unread(session: AsyncSession, programme_id: UUID, resident_id: UUID) -> int:
    """Return how many notices a resident has not read."""
    statement = select(func.count()).where(
        Notice.programme_id == programme_id, Notice.resident_id == resident_id, col(Notice.read_at).is_(None)
    )
    return (await session.exec(statement)).one()


async def locked(session: AsyncSession, programme_id: UUID, resident_id: UUID, notice_id: UUID) -> Notice | None:
    """Return one notice of a resident, locked until the commit."""
    statement = select(Notice).where(
        Notice.programme_id == programme_id, Notice.resident_id == resident_id, Notice.notice_id == notice_id
    )
    return (await session.exec(statement.with_for_update())).one_or_none()


async def mark_read(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, *, until: UUID, now: datetime
) -> None:
    """Note that a resident has read everything up to a notice."""
    statement = update(Notice).where(
        col(Notice.programme_id) == programme_id,
        col(Notice.resident_id) == resident_id,
        col(Notice.notice_id) <= until,
        col(Notice.read_at).is_(None),
    )
    await session.exec(statement.values(read_at=now))


async def appealed(
    session: AsyncSession, programme_id: UUID, about_id: UUID, *, after: UUID | None, limit: int
) -> list[Notice]:
    """Return notices about one thing that their residents think wrong, by resident."""
    statement = select(Notice).where(
        Notice.programme_id == programme_id, Notice.about_id == about_id, col(Notice.appealed_at).is_not(None)
    )
    if after is not None:
        statement = statement.where(col(Notice.resident_id) > after)
    return list((await session.exec(statement.order_by(col(Notice.resident_id)).limit(limit))).all())
