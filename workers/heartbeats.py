"""A sign of life while something is worked on, so that whoever works no more is soon followed by another."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


@asynccontextmanager
async def beating(beat: Callable[[], Awaitable[None]], *, every: float) -> AsyncIterator[None]:
    """Call `beat` each `every` seconds while the block runs; one that the database is not there for is left out."""
    ended = asyncio.Event()

    async def go_on() -> None:
        while not ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), every)
                return
            with suppress(OperationalError, InterfaceError, PoolTimeoutError, OSError):
                await beat()

    beats = asyncio.create_task(go_on())
    try:
        yield
    finally:
        ended.set()  # and not cancelled: that would cost the connection a beat is on
        await beats
