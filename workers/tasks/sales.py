"""Sales that nobody showed a code for, and that nobody claimed."""

from typing import Final
from uuid import UUID

from core import clock
from core.db import transaction
from points.earning.evidence.unclaimed import sweep
from workers.app import task

CHUNK: Final = 1000


@task("sales.sweep_anonymous")
async def sweep_anonymous(programme_id: str) -> None:
    """Remove one programme's anonymous sales that nothing can become of any more, a chunk at a time."""
    await _sweep(UUID(programme_id))


async def _sweep(programme_id: UUID) -> None:
    done = CHUNK
    while done == CHUNK:
        async with transaction() as session:
            done = await sweep(session, programme_id, now=clock.now(), limit=CHUNK)
