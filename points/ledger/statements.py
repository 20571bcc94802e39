"""How it came about what a resident has."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import made_at
from points.ledger import queries
from points.ledger.accounts import Account, AccountKind, Asset, EntryKind, Posting

LATEST = UUID(int=2**128 - 1)
"""Greater than every entry id: a statement from here starts with the newest entry."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry on a resident's statement. For an award, `entry_id` is also the id of its receipt."""

    entry_id: UUID
    kind: EntryKind
    recorded_at: datetime
    effective_at: datetime
    postings: tuple[Posting, ...]


async def statement(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, *, before: UUID = LATEST, limit: int = 50
) -> list[StatementLine]:
    """Return a resident's entries recorded before entry `before`, newest first, at most `limit`."""
    rows = await queries.postings_of(session, programme_id, resident_id, before=before, limit=limit)
    return [_line(list(group)) for _, group in groupby(rows, key=lambda row: row.entry_id)]


def _line(rows: list[Row[Any]]) -> StatementLine:
    entry = rows[0]
    postings = tuple(_posting(row) for row in rows if row.asset is not None)
    return StatementLine(entry.entry_id, EntryKind(entry.kind), made_at(entry.entry_id), entry.effective_at, postings)


def _posting(row: Row[Any]) -> Posting:
    source = Account(AccountKind(row.source_kind), row.source_id)
    destination = Account(AccountKind(row.destination_kind), row.destination_id)
    return Posting(source, destination, Asset(row.asset), row.amount)
