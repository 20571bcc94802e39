"""The log: the entries of a programme in the order of their keys, to be serialised and sealed."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.ledger.accounts import EntryKind
from points.ledger.serialisation import RecordedEntry
from points.ledger.statements import posting_of

_LOG: Final = text("""
    SELECT e.entry_id, e.kind, e.effective_at, e.resident_id, e.subject_id, p.source_kind, p.source_id,
        p.destination_kind, p.destination_id, p.asset, p.amount
    FROM (
        SELECT entry_id, kind, effective_at, resident_id, subject_id FROM entry
        WHERE programme_id = :programme_id AND entry_id > :after AND entry_id < :before
        ORDER BY entry_id LIMIT :limit
    ) AS e
    LEFT JOIN posting AS p ON p.programme_id = :programme_id AND p.entry_id = e.entry_id
    ORDER BY e.entry_id, p.number
""")
FIRST: Final = UUID(int=0)
"""Smaller than every entry id: the log from here starts with the oldest entry."""


async def log(
    session: AsyncSession, programme_id: UUID, *, after: UUID = FIRST, before: UUID, limit: int = 1000
) -> list[RecordedEntry]:
    """Return the entries between two ids, both left out, in the order of their ids, at most `limit`; one statement.

    An id is made before its entry is committed, so that an entry may still turn up among ids that are younger than the
    longest database transaction. `before` is to be older than that, if what is read is to be all there ever will be.
    """
    parameters = {"programme_id": programme_id, "after": after, "before": before, "limit": limit}
    rows: Sequence[Row[Any]] = await run(session, _LOG, parameters)
    return [_entry(programme_id, list(group)) for _, group in groupby(rows, key=lambda row: row.entry_id)]


def _entry(programme_id: UUID, rows: Sequence[Row[Any]]) -> RecordedEntry:
    entry = rows[0]
    return RecordedEntry(
        programme_id=programme_id,
        entry_id=entry.entry_id,
        kind=EntryKind(entry.kind),
        effective_at=entry.effective_at,
        resident_id=entry.resident_id,
        subject_id=entry.subject_id,
        postings=tuple(posting_of(row) for row in rows if row.asset is not None),
    )
