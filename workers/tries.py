"""A database transaction tried again: when two collide, or the database is away for a moment, nothing is wrong."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from points.errors import StateConflictError

Result = TypeVar("Result")

WAITS: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds before each further try, at most; half of them at least, so that those who collided do not meet again."""
_PASSING: Final = (OperationalError, InterfaceError, PoolTimeoutError, OSError, StateConflictError)

_log = structlog.get_logger("workers.tries")


async def tried(work: Callable[[], Awaitable[Result]]) -> Result:
    """Return what a piece of work returns, which may be done any number of times and is one transaction.

    It is done again when others were in its way (a deadlock, a budget emptied meanwhile) or the database was away; what
    it raises at the last try is raised, for a sweep to find what was left.
    """
    for wait in WAITS:
        try:
            return await work()
        except _PASSING as error:
            _log.warning("tried again", cause=repr(error)[:500])
            await asyncio.sleep(random.uniform(wait / 2, wait))  # noqa: S311 - it only keeps them apart
    return await work()
