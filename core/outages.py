"""Errors of the database that are no fault of what was asked: it is away, full, or gave up one of two that collided.

The driver raises these as errors of no particular kind, which would be told apart from defects nowhere.
"""

from typing import Final

import asyncpg
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError

_OUTAGES: Final = ("08", "53", "57P")
"""SQLSTATE classes: connection lost, resources short (connections, memory, disk), shutting down or starting up."""
_COLLISIONS: Final = "40"
"""SQLSTATE class: rolled back because of others, as in a deadlock or a serialization failure."""


def as_operational(context: ExceptionContext) -> OperationalError | None:
    """Return the error as an OperationalError, if what was asked may simply be asked again; else None.

    An engine calls it for every error (its `handle_error` event).
    """
    # Told of its end between two statements, the driver takes that for an answer, and then trips over the next one.
    if isinstance(context.original_exception.__cause__, asyncpg.InternalClientError):
        context.is_disconnect = True
    elif not _state_of(context.original_exception).startswith((*_OUTAGES, _COLLISIONS)):
        return None
    return OperationalError(
        context.statement,
        None,  # values may be anybody's, and errors are logged
        context.original_exception,
        connection_invalidated=context.is_disconnect,
    )


def is_collision(error: BaseException) -> bool:
    """Tell whether the database is well, and only rolled this back because others were in the way."""
    return isinstance(error, OperationalError) and _state_of(error.orig).startswith(_COLLISIONS)


def _state_of(error: BaseException | None) -> str:
    return str(getattr(error, "sqlstate", None) or "")
