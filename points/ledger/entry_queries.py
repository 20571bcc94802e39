"""The statements that write entries: one for everything an entry is made of, and one for the budgets that pay."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.ledger.accounts import AccountKind, Asset, Draft

Changes = Mapping[tuple[UUID, AccountKind, Asset], int]

# Locked in id order first, so that no two batches wait for each other in a circle; what it does not cover stays.
_DRAW: Final = text("""
    WITH locked AS (
        SELECT owner_id FROM balance
        WHERE programme_id = :programme_id AND kind = :kind AND asset = :asset
            AND owner_id = ANY(CAST(:owner_ids AS uuid[]))
        ORDER BY owner_id
        FOR NO KEY UPDATE
    )
    UPDATE balance AS b SET amount = b.amount + t.change
    FROM locked JOIN unnest(CAST(:owner_ids AS uuid[]), CAST(:changes AS bigint[])) AS t (owner_id, change)
        USING (owner_id)
    WHERE b.programme_id = :programme_id AND b.owner_id = locked.owner_id AND b.kind = :kind AND b.asset = :asset
        AND b.amount + t.change >= 0
    RETURNING b.owner_id
""")
# Four tables in one round trip. Nothing here depends on the order: no row refers to another of the same statement.
# Times come once, and rows name their places: a batch has few of them, and the driver takes long over each.
# MERGE and not ON CONFLICT: a withdrawal proposed as a new row would break the floor before the conflict is seen.
_WRITE: Final = text("""
    WITH entries AS (
        INSERT INTO entry (programme_id, entry_id, resident_id, effective_at, kind, subject_id)
        SELECT :programme_id, t.entry_id, t.resident_id, (CAST(:times AS timestamptz[]))[t.effective_at], t.kind,
            t.subject_id
        FROM unnest(
            CAST(:entry_ids AS uuid[]), CAST(:resident_ids AS uuid[]), CAST(:effective_ats AS integer[]),
            CAST(:entry_kinds AS smallint[]), CAST(:subject_ids AS uuid[])
        ) AS t (entry_id, resident_id, effective_at, kind, subject_id)
    ), postings AS (
        INSERT INTO posting (
            programme_id, entry_id, number, source_kind, source_id, destination_kind, destination_id, asset, amount
        )
        SELECT :programme_id, * FROM unnest(
            CAST(:posting_entry_ids AS uuid[]), CAST(:numbers AS smallint[]), CAST(:source_kinds AS smallint[]),
            CAST(:source_ids AS uuid[]), CAST(:destination_kinds AS smallint[]), CAST(:destination_ids AS uuid[]),
            CAST(:posting_assets AS smallint[]), CAST(:amounts AS bigint[])
        )
    ), lots AS (
        INSERT INTO lot (programme_id, lot_id, resident_id, amount, remaining, matures_at, expires_at, mature, priority)
        SELECT :programme_id, t.lot_id, t.resident_id, t.amount, t.amount,
            (CAST(:times AS timestamptz[]))[t.matures_at], (CAST(:times AS timestamptz[]))[t.expires_at], t.mature,
            t.priority
        FROM unnest(
            CAST(:lot_ids AS uuid[]), CAST(:lot_resident_ids AS uuid[]), CAST(:lot_amounts AS bigint[]),
            CAST(:matures_ats AS integer[]), CAST(:expires_ats AS integer[]), CAST(:matures AS boolean[]),
            CAST(:priorities AS smallint[])
        ) AS t (lot_id, resident_id, amount, matures_at, expires_at, mature, priority)
    )
    MERGE INTO balance AS b
    USING unnest(
        CAST(:owner_ids AS uuid[]), CAST(:kinds AS smallint[]), CAST(:assets AS smallint[]), CAST(:changes AS bigint[])
    ) AS t (owner_id, kind, asset, change)
    ON b.programme_id = :programme_id AND b.owner_id = t.owner_id AND b.kind = t.kind AND b.asset = t.asset
    WHEN MATCHED THEN UPDATE SET amount = b.amount + t.change
    WHEN NOT MATCHED THEN INSERT (programme_id, owner_id, kind, asset, amount)
        VALUES (:programme_id, t.owner_id, t.kind, t.asset, t.change)
""")


async def write(session: AsyncSession, programme_id: UUID, drafts: Sequence[Draft], changes: Changes) -> None:
    """Insert the entries of `drafts` with their postings and lots, and add `changes` to kept balances."""
    places: dict[datetime, int] = {}
    parameters = _entries(drafts, places) | _postings(drafts) | _lots(drafts, places) | _moves(changes)
    await run(session, _WRITE, {"programme_id": programme_id, "times": list(places), **parameters})


async def draw(session: AsyncSession, programme_id: UUID, drawn: Mapping[UUID, int]) -> int:
    """Add `drawn` to budgets, as far as each covers it; return how many did."""
    parameters = {"owner_ids": list(drawn), "changes": list(drawn.values())}
    kinds = {"kind": int(AccountKind.BUDGET), "asset": int(Asset.POINTS)}
    return len(await run(session, _DRAW, {"programme_id": programme_id, **kinds, **parameters}))


def _places(moments: Sequence[datetime], places: dict[datetime, int]) -> list[int]:
    """Return the place of each moment, from 1 on, among all that `places` names; it grows by those that are new."""
    return [places.setdefault(moment, len(places) + 1) for moment in moments]


def _entries(drafts: Sequence[Draft], places: dict[datetime, int]) -> dict[str, object]:
    return {
        "entry_ids": [draft.entry_id for draft in drafts],
        "resident_ids": [draft.resident_id for draft in drafts],
        "effective_ats": _places([draft.effective_at for draft in drafts], places),
        "entry_kinds": [draft.kind for draft in drafts],
        "subject_ids": [draft.subject_id for draft in drafts],
    }


def _postings(drafts: Sequence[Draft]) -> dict[str, object]:
    """Return the columns of the drafts' postings, numbered within their entry."""
    numbered = [
        (draft.entry_id, number, posting) for draft in drafts for number, posting in enumerate(draft.postings, start=1)
    ]
    return {
        "posting_entry_ids": [entry_id for entry_id, _, _ in numbered],
        "numbers": [number for _, number, _ in numbered],
        "source_kinds": [posting.source.kind for _, _, posting in numbered],
        "source_ids": [posting.source.owner for _, _, posting in numbered],
        "destination_kinds": [posting.destination.kind for _, _, posting in numbered],
        "destination_ids": [posting.destination.owner for _, _, posting in numbered],
        "posting_assets": [posting.asset for _, _, posting in numbered],
        "amounts": [posting.amount for _, _, posting in numbered],
    }


def _lots(drafts: Sequence[Draft], places: dict[datetime, int]) -> dict[str, object]:
    """Return the columns of the drafts' lots, each under its entry's id."""
    lots = [(draft.entry_id, draft.resident_id, draft.lot) for draft in drafts if draft.lot is not None]
    return {
        "lot_ids": [entry_id for entry_id, _, _ in lots],
        "lot_resident_ids": [resident_id for _, resident_id, _ in lots],
        "lot_amounts": [lot.amount for _, _, lot in lots],
        "matures_ats": _places([lot.matures_at for _, _, lot in lots], places),
        "expires_ats": _places([lot.expires_at for _, _, lot in lots], places),
        "matures": [lot.mature for _, _, lot in lots],
        "priorities": [lot.priority for _, _, lot in lots],
    }


def _moves(changes: Changes) -> dict[str, object]:
    moved = [(key, change) for key, change in changes.items() if change]
    return {
        "owner_ids": [owner for (owner, _, _), _ in moved],
        "kinds": [kind for (_, kind, _), _ in moved],
        "assets": [asset for (_, _, asset), _ in moved],
        "changes": [change for _, change in moved],
    }
