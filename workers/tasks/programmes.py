"""Handing a periodic job out to every programme."""

from core.db import transaction
from points.programmes.queries import programmes
from workers.app import send, task


@task("programmes.each")
async def each(name: str, expires: float) -> None:
    """Queue the task `name` for every programme; not worth doing any more after `expires` seconds."""
    async with transaction() as session:
        found = await programmes(session)
    for programme in found:
        send(name, str(programme.programme_id), expires=expires)
