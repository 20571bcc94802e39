"""The resident's whole statement, to keep or to check with a spreadsheet."""

from collections.abc import AsyncIterator, Mapping
from typing import Final
from uuid import UUID

from api.principals import ResidentPrincipal
from api.schemas.me import StatementEntry
from api.sheets import BYTE_ORDER_MARK, csv_of
from core.db import transaction
from points import ledger
from points.earning.adjustments.queries import activity_ids_of
from points.earning.queries import activities
from points.earning.tables import Activity

_PAGE: Final = 500
COLUMNS: Final = (
    "recorded_at",
    "effective_at",
    "kind",
    "grams",
    "available_points",
    "pending_points",
    "held_points",
    "owed_points",
    "available_points_after",
    "gtin",
    "quantity",
    "entry_id",
    "subject_id",
    "receipt_id",
)


async def export_of(resident: ResidentPrincipal) -> AsyncIterator[str]:
    """Yield a resident's statement page by page, each read in a transaction of its own: no slow reader holds one."""
    yield BYTE_ORDER_MARK + csv_of([COLUMNS])
    after: ledger.Carried | UUID | None = ledger.LATEST
    while after is not None:
        lines, after = await _page(resident, after)
        yield csv_of(lines)


async def _page(
    resident: ResidentPrincipal, after: ledger.Carried | UUID
) -> tuple[list[tuple[object, ...]], ledger.Carried | None]:
    """Return the lines of the entries after `after`, and where the next page goes on."""
    programme_id, resident_id = resident.programme_id, resident.resident_id
    async with transaction() as session:
        page = await ledger.statement_page(session, programme_id, resident_id, after=after, limit=_PAGE)
        receipts = await activity_ids_of(session, programme_id, [line.about_id for line in page.lines])
        bought = await activities(session, programme_id, set(receipts.values()))
    entries = [StatementEntry.of(line, resident_id, receipts.get(line.about_id)) for line in page.lines]
    return [_line(each, bought) for each in entries], page.rest


def _line(entry: StatementEntry, bought: Mapping[UUID, Activity]) -> tuple[object, ...]:
    activity = None if entry.receipt_id is None else bought[entry.receipt_id]
    return (
        entry.recorded_at.isoformat(),
        entry.effective_at.isoformat(),
        entry.kind,
        entry.change.grams,
        entry.change.available_points,
        entry.change.pending_points,
        entry.change.held_points,
        entry.change.owed_points,
        entry.balance.available_points,
        activity.gtin if activity else "",
        activity.quantity if activity and entry.subject_id is None else "",  # what came of it may be of some units
        entry.entry_id,
        entry.subject_id or "",
        entry.receipt_id or "",
    )
