"""The one mechanism behind `once`: whoever inserts a key first owns it; everybody else is told what came of it."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from points.ledger import queries
from points.ledger.accounts import Claimed, ClaimState, KeyUse

HASH_BYTES = 16


def input_hash(*parts: object) -> bytes:
    """Return 16 bytes that tell one input from another; text, numbers, ids and times are told apart by their place."""
    return sha256("\x1f".join(map(str, parts)).encode()).digest()[:HASH_BYTES]


async def claim(session: AsyncSession, programme_id: UUID, uses: Sequence[KeyUse]) -> list[Claimed]:
    """Claim every key, in at most two statements; return one outcome for each use, in order.

    A key that stands twice in one batch is fresh once and replayed or in conflict after that. A key that another
    transaction is just claiming is waited for; one that is given back between the two statements is claimed in two
    more. What is fresh here is released again if the transaction rolls back.
    """
    if not uses:
        return []
    first: dict[str, KeyUse] = {}
    for use in uses:
        first.setdefault(use.key, use)
    taken = await _taken(session, programme_id, first)
    return [_outcome(use, first[use.key], taken.get(use.key)) for use in uses]


async def _taken(
    session: AsyncSession, programme_id: UUID, uses: Mapping[str, KeyUse]
) -> dict[str, tuple[bytes, Claimed]]:
    """Claim keys, and return what stands under those that were not free."""
    free = await queries.insert_claims(session, programme_id, list(uses.values()))
    standing = sorted(uses.keys() - free)
    rows = await queries.claims(session, programme_id, standing) if standing else []
    taken = {row.key: _stored(row) for row in rows}
    gone = {key: uses[key] for key in standing if key not in taken}
    return taken | await _taken(session, programme_id, gone) if gone else taken


async def unclaim(session: AsyncSession, programme_id: UUID, keys: Sequence[str]) -> None:
    """Give back keys that were claimed in this transaction and led to nothing."""
    if keys:
        await queries.delete_claims(session, programme_id, keys)


async def lead(session: AsyncSession, programme_id: UUID, leads: Mapping[str, tuple[UUID, UUID]]) -> None:
    """Have keys that led to something that waited lead to the entry it was recorded under at last; one statement.

    `leads` says for each key what it leads to and is to lead to; one that leads to something else stays as it is.
    Whoever claims such a key at the same moment waits for the commit, and is told of the entry. The caller holds what
    the keys led to, so that no two do this with one key, and does it last of all, for it comes after the residents.
    """
    if leads:
        froms, entry_ids = zip(*leads.values(), strict=True)
        await queries.lead_claims(session, programme_id, list(leads), froms, entry_ids)


async def find(session: AsyncSession, programme_id: UUID, uses: Sequence[KeyUse]) -> list[Claimed | None]:
    """Return what stands under each key, claiming nothing; None where nothing does."""
    if not uses:
        return []
    rows = await queries.claims(session, programme_id, sorted({use.key for use in uses}))
    taken = {row.key: _stored(row) for row in rows}
    return [_outcome(use, use, taken[use.key]) if use.key in taken else None for use in uses]


async def answer(session: AsyncSession, programme_id: UUID, answers: Mapping[str, dict[str, object]]) -> set[str]:
    """Keep the first answers of claimed keys, for whoever asks again; return the keys that had no answer yet."""
    return await queries.set_answers(session, programme_id, dict(answers)) if answers else set()


def _stored(row: Row[Any]) -> tuple[bytes, Claimed]:
    return row.input_hash, Claimed(ClaimState.REPLAYED, row.entry_id, row.answer)


def _outcome(use: KeyUse, first: KeyUse, taken: tuple[bytes, Claimed] | None) -> Claimed:
    standing_hash, standing = taken or (first.input_hash, Claimed(ClaimState.REPLAYED, first.entry_id))
    if standing_hash != use.input_hash:
        return Claimed(ClaimState.CONFLICT, standing.entry_id)
    if taken is None and use is first:
        return Claimed(ClaimState.FRESH, use.entry_id)
    return standing
