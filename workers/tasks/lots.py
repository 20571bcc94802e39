"""What time does to one programme's points: they mature, they expire, and holds lapse."""

from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core import clock
from core.db import transaction
from points import ledger
from workers.app import task

CHUNK: Final = 1000


class Sweep(Protocol):
    """A use case that does up to `limit` things that are due, and says how many it did."""

    async def __call__(self, session: AsyncSession, programme_id: UUID, /, *, now: datetime, limit: int) -> int:
        """Do them."""


@task("lots.mature")
async def mature(programme_id: str) -> None:
    """Make the points of lots spendable that are due."""
    await _in_chunks(ledger.mature, UUID(programme_id))


@task("lots.expire")
async def expire(programme_id: str) -> None:
    """Take what is left in lots past their time."""
    await _in_chunks(ledger.expire, UUID(programme_id))


@task("lots.release_lapsed")
async def release_lapsed(programme_id: str) -> None:
    """Release holds past their time."""
    await _in_chunks(ledger.release_lapsed, UUID(programme_id))


async def _in_chunks(sweep: Sweep, programme_id: UUID) -> None:
    """Call `sweep` in a transaction of its own until it finds less than a chunk to do."""
    done = CHUNK
    while done == CHUNK:
        async with transaction() as session:
            done = await sweep(session, programme_id, now=clock.now(), limit=CHUNK)
