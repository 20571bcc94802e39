"""Somebody who waits for what another holds: what a race is about has come about then, and no sooner."""

import asyncio
from typing import Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run

_SOMEBODY: Final = text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted) AS waits")
_LOOKS: Final = 1_000
_LOOK_SECONDS: Final = 0.01


async def until_somebody_waits(session: AsyncSession) -> None:
    """Return once anybody waits for a lock of this server, which is this process's own.

    Raises:
        AssertionError: nobody does.
    """
    for _ in range(_LOOKS):
        [row] = await run(session, _SOMEBODY, {})
        if row.waits:
            return
        await asyncio.sleep(_LOOK_SECONDS)
    raise AssertionError("Nobody waits for a lock.")
