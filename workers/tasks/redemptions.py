"""Finishing what residents began and did not come back for."""

from typing import Final
from uuid import UUID

from core import clock
from core.db import transaction
from points.rewards import redemptions
from workers.app import task

CHUNK: Final = 500


@task("redemptions.sweep")
async def sweep(programme_id: str) -> None:
    """Close one programme's forgotten reservations, a chunk at a time."""
    done = CHUNK
    while done == CHUNK:
        async with transaction() as session:
            swept = await redemptions.sweep(session, UUID(programme_id), now=clock.now(), limit=CHUNK)
        done = swept.fulfilled + swept.released
