"""Running one statement for a whole batch, past the unit of work and past SQLAlchemy's own machinery.

A group commit is a dozen statements; what SQLAlchemy does around each of them costs several times what the driver does.
Its session still opens the transaction, owns the connection and ends both: the first statement goes through it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, cast

import asyncpg
import orjson
from sqlalchemy import Row, TextClause
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import SessionTransaction
from sqlmodel.ext.asyncio.session import AsyncSession

_DRIVER: Final = "driver"
_DIALECT: Final = PGDialect_asyncpg()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it so
_INTEGERS: Final = re.compile(r"CAST\((\$\d+) AS (smallint|integer|bigint)\[\]\)")
_OF_INTEGERS: Final = b"[]0123456789-,null"
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
    sql, names, integers = _compiled(statement)
    for watcher in watchers:
        watcher(sql)
    try:
        values = [
            _written(cast("Sequence[int | None]", parameters[name])) if name in integers else parameters[name]
            for name in names
        ]
        rows: Sequence[Row[Any]] = await driver.fetch(sql, *values)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        if isinstance(error, _AWAY):
            await (await session.connection()).invalidate(error)
        raise _translated(error, sql) from error
    return rows


@lru_cache(maxsize=512)
def _compiled(statement: TextClause) -> tuple[str, Sequence[str], frozenset[str]]:
    """Return the statement as the driver takes it, its parameters' names in order, and which are lists of integers.

    Those go as one text that the database reads as an array: what the driver does for each element of a list costs
    three times as much, and a batch has some forty for each activity.
    """
    compiled = statement.compile(dialect=_DIALECT)
    names = tuple(compiled.positiontup or ())
    found = {match[1] for match in _INTEGERS.finditer(compiled.string)}
    sql = _INTEGERS.sub(r"CAST(CAST(\1 AS text) AS \2[])", compiled.string)
    return sql, names, frozenset(name for place, name in enumerate(names, start=1) if f"${place}" in found)


def _written(values: Sequence[int | None]) -> str:
    """Return integers as PostgreSQL writes an array of them: as JSON does, but for the brackets."""
    written = orjson.dumps(list(values))
    if written.translate(None, _OF_INTEGERS):
        raise TypeError(f"These are not all integers: {values!r}.")
    return f"{{{written[1:-1].decode()}}}"


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
