"""How it came about what a resident has, and what it was: as known at a time, and as in effect at a time.

Two times stand on every entry: when it was recorded, which is in its id and orders the statement, and from when it
takes effect, which may be earlier. `recorded_until` leaves out what was not known yet, `effective_until` what had not
happened yet, both inclusive. What these tell is told by the book: points that time has taken are in until the entry
that says so. Entries that waited for each other may stand a moment before what they follow from; the sums at the end
are the same.

The balance is counted down from what is kept of the resident, and a page goes on from the one before it: what a page
costs does not depend on how much there is. An entry can appear below those that were shown, for an id is made shortly
before it is committed. A page that goes on sees that from the sums, and adds up anew.
"""

from collections.abc import Sequence
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
from points.ledger.statement_queries import LATEST

NOTHING: Final = Holdings(0, 0, 0, 0, 0)

_NAMES: Final = tuple(each.name for each in fields(Holdings))
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

    @property
    def about_id(self) -> UUID:
        """What it is about: its subject, or itself."""
        return self.subject_id or self.entry_id


@dataclass(frozen=True, slots=True)
class Carried:
    """Where the next page of a statement goes on: before entry `before`, at `balance`.

    `balance` is what the entries before it come to, among those that were asked for; it holds as long as what is kept
    of the resident is `kept` and what entries newer than `newest` changed since. Only for the statement it came from:
    of the same resident, until the same times.
    """

    before: UUID
    newest: UUID
    kept: Holdings
    balance: Holdings


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Entries, newest first, and where the next page goes on; None where there is none."""

    lines: list[StatementLine]
    rest: Carried | None


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
    """Return a resident's entries recorded before entry `before`, newest first, at most `limit`; one statement.

    Its balance is added up from everything that is newer, or with `effective_until` older; `statement_page` goes on
    from page to page.
    """
    page = await statement_page(
        session,
        programme_id,
        resident_id,
        after=before,
        recorded_until=recorded_until,
        effective_until=effective_until,
        limit=limit,
    )
    return page.lines


async def statement_page(
    session: AsyncSession,
    programme_id: UUID,
    resident_id: UUID,
    *,
    after: Carried | UUID = LATEST,
    recorded_until: datetime | None = None,
    effective_until: datetime | None = None,
    limit: int = 50,
) -> StatementPage:
    """Return a page of a resident's entries, newest first: those before entry `after`, or after the page before it.

    A page that goes on after another reads what is on it and what came since; what stands above it does not count.
    """
    if isinstance(after, Carried):
        rows = await statement_queries.postings_after(
            session,
            programme_id,
            resident_id,
            before=after.before,
            since=_next(after.newest),
            effective_until=effective_until,
            limit=limit,
        )
        if not rows or _less(_kept(rows[0]), _moved(rows[0])) == after.kept:
            return _page(rows, resident_id, limit, after.balance)
        after = after.before
    rows = await statement_queries.postings_of(
        session,
        programme_id,
        resident_id,
        before=min(after, _first_after(recorded_until)),
        effective_until=effective_until,
        limit=limit,
    )
    return _page(rows, resident_id, limit, _booked(rows[0], effective_until) if rows else NOTHING)


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
    return _booked(found, effective_until)


def _first_after(moment: datetime | None) -> UUID:
    """Return an id greater than those made up to the millisecond of `moment`, and not greater than any made later."""
    if moment is None:
        return LATEST
    return UUID(int=max(0, (moment - _EPOCH) // _MILLISECOND + 1) << 80)  # no id is from before 1970


def _next(entry_id: UUID) -> UUID:
    return UUID(int=entry_id.int + 1)


def _page(rows: Sequence[Row[Any]], resident_id: UUID, limit: int, balance: Holdings) -> StatementPage:
    """Return the entries that rows tell, `balance` being that of the first."""
    lines: list[StatementLine] = []
    for _, group in groupby(rows, key=lambda row: row.entry_id):
        lines.append(_line(list(group), balance))
        balance = _before(lines[-1], resident_id)
    if len(lines) < limit:
        return StatementPage(lines, None)
    return StatementPage(lines, Carried(lines[-1].entry_id, rows[0].newest_id, _kept(rows[0]), balance))


def _booked(row: Row[Any], effective_until: datetime | None) -> Holdings:
    """Return what the entries come to that a row's sums are of: see `statement_queries.postings_of`."""
    return _less(_kept(row), _moved(row)) if effective_until is None else _moved(row)


def _kept(row: Row[Any]) -> Holdings:
    return Holdings(**{name: int(getattr(row, f"kept_{name}")) for name in _NAMES})


def _moved(row: Row[Any]) -> Holdings:
    return Holdings(**{name: int(getattr(row, f"moved_{name}")) for name in _NAMES})


def _less(one: Holdings, other: Holdings) -> Holdings:
    return Holdings(**{name: getattr(one, name) - getattr(other, name) for name in _NAMES})


def _before(line: StatementLine, resident_id: UUID) -> Holdings:
    """Return the balance before `line`: what it left behind, less what it changed."""
    sums = {name: getattr(line.balance, name) for name in _NAMES}
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
