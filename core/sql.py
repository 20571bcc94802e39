"""Running one statement for a whole batch, past the unit of work and past SQLAlchemy's own machinery.

A group commit is a dozen statements; what SQLAlchemy does around each of them costs several times what the driver does.
Its session still opens the transaction, owns the connection and ends both: the first statement goes through it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import asyncpg
from sqlalchemy import Row, TextClause
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import SessionTransaction
from sqlmodel.ext.asyncio.session import AsyncSession

_DRIVER: Final = "driver"
_DIALECT: Final = PGDialect_asyncpg()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it so
_AWAY: Final = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.InsufficientResourcesError,
)

watchers: Final[list[Callable[[str], None]]] = []
"""Who wants to hear of statements that SQLAlchemy's own events do not tell of; nobody, in a running service."""


class Record(asyncpg.Record):  # type: ignore[misc]  # asyncpg publishes no types
    """A row whose columns are had by name, by place, or unpacked."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a column is anything
        """Return a column."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


async def run(session: AsyncSession, statement: TextClause, parameters: Mapping[str, object]) -> Sequence[Row[Any]]:
    """Run `statement` in the session's own database transaction and return its rows, if it returns any.

    They are read as SQLAlchemy's rows are, by name, by place or unpacked, and are the driver's own.

    Raises:
        sqlalchemy.exc.IntegrityError: when a constraint refuses it.
        sqlalchemy.exc.OperationalError: when the database is away.
        sqlalchemy.exc.DBAPIError: when it fails otherwise.
    """
    driver = _driver_of(session)
    if driver is None:
        return await _run_first(session, statement, parameters)
    sql, names = _compiled(statement)
    for watcher in watchers:
        watcher(sql)
    try:
        rows: Sequence[Row[Any]] = await driver.fetch(sql, *[parameters[name] for name in names])
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        if isinstance(error, _AWAY):
            await (await session.connection()).invalidate(error)
        raise _translated(error, sql) from error
    return rows


@lru_cache(maxsize=512)
def _compiled(statement: TextClause) -> tuple[str, Sequence[str]]:
    """Return the statement as the driver takes it, and the names of its parameters in their order."""
    compiled = statement.compile(dialect=_DIALECT)
    return compiled.string, tuple(compiled.positiontup or ())


def _driver_of(session: AsyncSession) -> Any:  # noqa: ANN401 - asyncpg publishes no types
    """Return the driver's connection of the transaction or savepoint the session is in; None when it has just begun.

    SQLAlchemy sends BEGIN and SAVEPOINT only when the first statement after them goes through it.
    """
    known, driver = session.info.get(_DRIVER, (None, None))
    return driver if known is not None and known is _innermost(session) else None


def _innermost(session: AsyncSession) -> SessionTransaction | None:
    return session.sync_session.get_nested_transaction() or session.sync_session.get_transaction()


async def _run_first(
    session: AsyncSession, statement: TextClause, parameters: Mapping[str, object]
) -> Sequence[Row[Any]]:
    """Run the first statement of a transaction, and remember which driver's connection it runs on."""
    connection = await session.connection()
    result = await connection.execute(statement, parameters)
    rows = result.all() if result.returns_rows else []
    driver = (await connection.get_raw_connection()).driver_connection
    session.info[_DRIVER] = (_innermost(session), driver)
    return rows


def _translated(error: Exception, sql: str) -> DBAPIError:
    """Return the driver's error as SQLAlchemy's, which is what the rest of the tree knows."""
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return IntegrityError(sql, None, error)
    # A collision is told as SQLAlchemy's own statements tell it (core/outages.py): it may be asked again.
    again = (*_AWAY, asyncpg.exceptions.TransactionRollbackError)
    return OperationalError(sql, None, error) if isinstance(error, again) else DBAPIError(sql, None, error)
