"""How it came about what a resident has, and what it was: as known at a time, and as in effect at a time.

Two times stand on every entry: when it was recorded, which is in its id and orders the statement, and from when it
takes effect, which may be earlier. `recorded_until` leaves out what was not known yet, `effective_until` what had not
happened yet, both inclusive. What these tell is told by the book: points that time has taken are in until the entry
that says so. Entries that waited for each other may stand a moment before what they follow from; the sums at the end
are the same.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import made_at
from points.ledger import statement_queries
from points.ledger.accounts import Account, AccountKind, Asset, EntryKind, Holdings, Posting

LATEST = UUID(int=2**128 - 1)
"""Greater than every entry id: a statement from here starts with the newest entry."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_COLUMNS: Final = {
    (AccountKind.RESIDENT, Asset.GRAMS): "grams",
    (AccountKind.RESIDENT, Asset.POINTS): "available",
    (AccountKind.PENDING, Asset.POINTS): "pending",
    (AccountKind.HELD, Asset.POINTS): "held",
    (AccountKind.OWED, Asset.POINTS): "owed",
}


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry on a resident's statement. For an award, `entry_id` is also the id of its receipt.

    `subject_id` is what it is about when that is not itself, see `Draft`. `balance` is what this entry and all that
    were recorded before it come to, among those that the statement was asked for.
    """

    entry_id: UUID
    kind: EntryKind
    recorded_at: datetime
    effective_at: datetime
    postings: tuple[Posting, ...]
    subject_id: UUID | None
    balance: Holdings


async def statement(
    session: AsyncSession,
    programme_id: UUID,
    resident_id: UUID,
    *,
    before: UUID = LATEST,
    recorded_until: datetime | None = None,
    effective_until: datetime | None = None,
    limit: int = 50,
) -> list[StatementLine]:
    """Return a resident's entries recorded before entry `before`, newest first, at most `limit`; one statement."""
    rows = await statement_queries.postings_of(
        session,
        programme_id,
        resident_id,
        before=min(before, _first_after(recorded_until)),
        effective_until=effective_until,
        limit=limit,
    )
    lines: list[StatementLine] = []
    balance = _booked(rows[0]) if rows else None
    for _, group in groupby(rows, key=lambda row: row.entry_id):
        if balance is not None:
            line = _line(list(group), balance)
            lines.append(line)
            balance = _before(line, resident_id)
    return lines


async def holdings_as_of(
    session: AsyncSession,
    programme_id: UUID,
    resident_id: UUID,
    *,
    recorded_until: datetime | None = None,
    effective_until: datetime | None = None,
) -> Holdings:
    """Return what a resident's entries come to that were recorded, and took effect, until these times; by the book.

    With `effective_until` a number may be below zero: a return takes effect when it was made, and what it took may have
    come later.
    """
    before = _first_after(recorded_until)
    found = await statement_queries.totals(
        session, programme_id, resident_id, before=before, effective_until=effective_until
    )
    return _booked(found)


def _first_after(moment: datetime | None) -> UUID:
    """Return an id greater than those made up to the millisecond of `moment`, and not greater than any made later."""
    return LATEST if moment is None else UUID(int=((moment - _EPOCH) // _MILLISECOND + 1) << 80)


def _booked(row: Row[Any]) -> Holdings:
    return Holdings(
        grams=int(row.grams),
        available=int(row.points),
        pending=int(row.pending),
        held=int(row.held),
        owed=int(row.owed),
    )


def _before(line: StatementLine, resident_id: UUID) -> Holdings:
    """Return the balance before `line`: what it left behind, less what it changed."""
    sums = {field.name: getattr(line.balance, field.name) for field in fields(Holdings)}
    for posting in line.postings:
        for account, change in ((posting.source, posting.amount), (posting.destination, -posting.amount)):
            column = _COLUMNS.get((account.kind, posting.asset))
            if account.owner == resident_id and column:
                sums[column] += change
    return Holdings(**sums)


def _line(rows: list[Row[Any]], balance: Holdings) -> StatementLine:
    entry = rows[0]
    return StatementLine(
        entry_id=entry.entry_id,
        kind=EntryKind(entry.kind),
        recorded_at=made_at(entry.entry_id),
        effective_at=entry.effective_at,
        postings=tuple(posting_of(row) for row in rows if row.asset is not None),
        subject_id=entry.subject_id,
        balance=balance,
    )


def posting_of(row: Row[Any]) -> Posting:
    """Return the posting that a row tells."""
    source = Account(AccountKind(row.source_kind), row.source_id)
    destination = Account(AccountKind(row.destination_kind), row.destination_id)
    return Posting(source, destination, Asset(row.asset), row.amount)
