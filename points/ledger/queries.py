"""Claims, locks and what accounts hold, each statement for a whole batch, locks in sorted order."""

from collections.abc import Sequence
from typing import Any, Final, cast
from uuid import UUID

import orjson
from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.ledger.accounts import AccountKind, Asset, KeyUse

# Sorted inserts make two batches that share keys wait for each other in the same order, never in a circle.
_CLAIM: Final = text("""
    INSERT INTO claim (programme_id, key, input_hash, entry_id)
    SELECT :programme_id, t.key, t.input_hash, t.entry_id
    FROM unnest(CAST(:keys AS text[]), CAST(:hashes AS bytea[]), CAST(:entry_ids AS uuid[]))
        AS t (key, input_hash, entry_id)
    ORDER BY t.key
    ON CONFLICT (programme_id, key) DO NOTHING
    RETURNING key
""")
_CLAIMS: Final = text("""
    SELECT key, input_hash, entry_id, answer FROM claim
    WHERE programme_id = :programme_id AND key = ANY(CAST(:keys AS text[]))
""")
_UNCLAIM: Final = text("""
    DELETE FROM claim WHERE programme_id = :programme_id AND key = ANY(CAST(:keys AS text[]))
""")
_LEAD: Final = text("""
    UPDATE claim SET entry_id = t.entry_id
    FROM unnest(CAST(:keys AS text[]), CAST(:froms AS uuid[]), CAST(:entry_ids AS uuid[])) AS t (key, was, entry_id)
    WHERE claim.programme_id = :programme_id AND claim.key = t.key AND claim.entry_id = t.was
""")
_ANSWER: Final = text("""
    UPDATE claim SET answer = CAST(t.answer AS jsonb)
    FROM unnest(CAST(:keys AS text[]), CAST(:answers AS text[])) AS t (key, answer)
    WHERE claim.programme_id = :programme_id AND claim.key = t.key AND claim.answer IS NULL
    RETURNING claim.key
""")
_LOCK: Final = text("""
    SELECT owner_id, amount FROM balance
    WHERE programme_id = :programme_id AND kind = :kind AND asset = :asset
        AND owner_id = ANY(CAST(:owner_ids AS uuid[]))
    ORDER BY owner_id
    FOR NO KEY UPDATE
""")
# All or none: the count is taken first, as a gate that lets no row through where one is missing.
_LOCK_IF_ALL_OPEN: Final = text("""
    SELECT owner_id, amount FROM balance
    WHERE programme_id = :programme_id AND kind = :kind AND asset = :asset
        AND owner_id = ANY(CAST(:owner_ids AS uuid[]))
        AND (
            SELECT count(*) FROM balance
            WHERE programme_id = :programme_id AND kind = :kind AND asset = :asset
                AND owner_id = ANY(CAST(:owner_ids AS uuid[]))
        ) = cardinality(CAST(:owner_ids AS uuid[]))
    ORDER BY owner_id
    FOR NO KEY UPDATE
""")
_KEPT: Final = text("""
    SELECT owner_id, amount FROM balance
    WHERE programme_id = :programme_id AND kind = :kind AND asset = :asset
        AND owner_id = ANY(CAST(:owner_ids AS uuid[]))
""")
_OPEN: Final = text("""
    INSERT INTO balance (programme_id, owner_id, kind, asset, amount)
    SELECT :programme_id, owner_id, :kind, :asset, 0 FROM unnest(CAST(:owner_ids AS uuid[])) AS t (owner_id)
    ORDER BY owner_id
    ON CONFLICT DO NOTHING
""")


async def insert_claims(session: AsyncSession, programme_id: UUID, uses: Sequence[KeyUse]) -> set[str]:
    """Insert claims; return the keys that were free. Waits for a concurrent holder of the same key to end."""
    rows = await run(
        session,
        _CLAIM,
        {
            "programme_id": programme_id,
            "keys": [use.key for use in uses],
            "hashes": [use.input_hash for use in uses],
            "entry_ids": [use.entry_id for use in uses],
        },
    )
    return {key for (key,) in rows}


async def delete_claims(session: AsyncSession, programme_id: UUID, keys: Sequence[str]) -> None:
    """Delete claims that this very transaction made."""
    await run(session, _UNCLAIM, {"programme_id": programme_id, "keys": list(keys)})


async def lead_claims(
    session: AsyncSession, programme_id: UUID, keys: Sequence[str], froms: Sequence[UUID], entry_ids: Sequence[UUID]
) -> None:
    """Have claims lead to other entries, where they lead to what is expected."""
    parameters = {"keys": list(keys), "froms": list(froms), "entry_ids": list(entry_ids)}
    await run(session, _LEAD, {"programme_id": programme_id, **parameters})


async def claims(session: AsyncSession, programme_id: UUID, keys: Sequence[str]) -> Sequence[Row[Any]]:
    """Return the claims that stand under `keys`."""
    return await run(session, _CLAIMS, {"programme_id": programme_id, "keys": list(keys)})


async def set_answers(session: AsyncSession, programme_id: UUID, answers: dict[str, dict[str, object]]) -> set[str]:
    """Store answers under claimed keys that have none yet, and return those keys: a first answer stays."""
    encoded = [orjson.dumps(answer).decode() for answer in answers.values()]
    rows = await run(session, _ANSWER, {"programme_id": programme_id, "keys": list(answers), "answers": encoded})
    return {row.key for row in rows}


async def open_accounts(
    session: AsyncSession, programme_id: UUID, owner_ids: Sequence[UUID], kind: AccountKind, asset: Asset
) -> None:
    """Make the balance rows that `lock` takes hold of, where they are missing."""
    await run(
        session,
        _OPEN,
        {"programme_id": programme_id, "owner_ids": list(owner_ids), "kind": int(kind), "asset": int(asset)},
    )


async def lock(
    session: AsyncSession, programme_id: UUID, owner_ids: Sequence[UUID], kind: AccountKind, asset: Asset
) -> dict[UUID, int]:
    """Lock the balances of `owner_ids` in id order until the commit; return what each holds."""
    rows = await run(
        session,
        _LOCK,
        {"programme_id": programme_id, "kind": int(kind), "asset": int(asset), "owner_ids": list(owner_ids)},
    )
    return dict(cast("Sequence[tuple[UUID, int]]", rows))


async def lock_if_all_open(
    session: AsyncSession, programme_id: UUID, owner_ids: Sequence[UUID], kind: AccountKind, asset: Asset
) -> dict[UUID, int]:
    """Do what `lock` does if every one of the distinct `owner_ids` has such an account; else lock and return none."""
    rows = await run(
        session,
        _LOCK_IF_ALL_OPEN,
        {"programme_id": programme_id, "kind": int(kind), "asset": int(asset), "owner_ids": list(owner_ids)},
    )
    return dict(cast("Sequence[tuple[UUID, int]]", rows))


async def kept(
    session: AsyncSession, programme_id: UUID, owner_ids: Sequence[UUID], kind: AccountKind, asset: Asset
) -> dict[UUID, int]:
    """Return what each of `owner_ids` holds just now, locking nothing."""
    rows = await run(
        session,
        _KEPT,
        {"programme_id": programme_id, "kind": int(kind), "asset": int(asset), "owner_ids": list(owner_ids)},
    )
    return dict(cast("Sequence[tuple[UUID, int]]", rows))
