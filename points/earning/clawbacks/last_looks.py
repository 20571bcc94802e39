"""When an order about a retailer's sales can take its last look: after every batch that had not seen it.

Batches that credit sales share a lock of each retailer they name, which who is about to take the last look waits for.
"""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run

_KEY: Final = "hashtextextended('sales ' || :programme_id || t.retailer_id, 0)"
_CREDITING: Final = text(f"""
    SELECT pg_advisory_xact_lock_shared({_KEY}) FROM unnest(CAST(:retailer_ids AS text[])) AS t (retailer_id)
""")  # noqa: S608 - the key is the one above
_CREDITED: Final = text(f"""
    SELECT pg_advisory_xact_lock({_KEY}) FROM (SELECT CAST(:retailer_id AS text)) AS t (retailer_id)
""")  # noqa: S608 - the key is the one above


async def crediting(session: AsyncSession, programme_id: UUID, retailer_ids: Collection[UUID]) -> None:
    """Have last looks wait until the commit, for what is about to be credited of some retailers' sales.

    Retailers come in one order, so that no two batches wait for each other behind two orders.
    """
    parameters = {"programme_id": str(programme_id), "retailer_ids": sorted(map(str, retailer_ids))}
    await run(session, _CREDITING, parameters)


async def credited(session: AsyncSession, programme_id: UUID, retailer_id: UUID | None) -> None:
    """Wait for every batch with a retailer's sales that is under way; those that begin later see what is committed."""
    await run(session, _CREDITED, {"programme_id": str(programme_id), "retailer_id": str(retailer_id)})
