"""Losing the database at a chosen statement: for real, by ending the server's process that serves the connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest
from asyncpg.prepared_stmt import PreparedStatement
from asyncpg.transaction import Transaction
from sqlalchemy.exc import InterfaceError, OperationalError

from migrations.metadata import target

COMMIT: Final = "COMMIT"
BEGIN: Final = "BEGIN"
_LOOK_SECONDS: Final = 0.002
_LOOKS: Final = 5_000

AWAY: Final = (OperationalError, InterfaceError, OSError)
"""What the doors take for an outage, so that whoever asked is told to come back; nothing else may get there."""

Call = Callable[[], Awaitable[Any]]


class Moment(StrEnum):
    """When, around a statement, something goes wrong."""

    BEFORE = "the connection is lost before it is sent"
    WITHIN = "the connection is lost while it runs"
    ANSWER_LOST = "it has taken effect, and its answer is lost with the connection"
    REFUSED = "the server has run it, and then gives up for the sake of others; the connection stays"
    CANCELLED = "the task is cancelled while it runs; the connection stays, if it can"


@dataclass(slots=True)
class Fault:
    """What goes wrong in a block at statement number `at`, or, without a number, at its COMMIT; and what was `hit`."""

    at: int | None
    moment: Moment
    server: asyncpg.Connection
    hit: str | None = None
    _count: int = 0

    async def strike(self, connection: asyncpg.Connection, statement: str, call: Call) -> object:
        """Run a statement, unless it is the one."""
        number, self._count = self._count, self._count + 1
        if self.hit is not None or not self._is_due(number, statement):
            return await call()
        self.hit = statement
        if self.moment is Moment.BEFORE:
            await self._end(connection)
            return await call()
        if self.moment is Moment.WITHIN:
            result, _ = await asyncio.gather(call(), self._end(connection), return_exceptions=True)
            await _noticed(connection)
            if isinstance(result, BaseException):
                raise result
            return result
        if self.moment is Moment.CANCELLED:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            return await call()
        if self.moment is Moment.REFUSED:
            await call()
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        await call()
        await self._end(connection)
        await _noticed(connection)
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    def _is_due(self, number: int, statement: str) -> bool:
        if statement == COMMIT and self.moment in {Moment.REFUSED, Moment.CANCELLED}:
            return False  # refused, it would be rolled back, which nobody does here; cancelled, nobody knows
        return statement == COMMIT if self.at is None else number == self.at

    async def _end(self, connection: asyncpg.Connection) -> None:
        """End the server's process of a connection, and return when it is gone; ours may not have noticed yet."""
        process = connection.get_server_pid()
        assert await self.server.fetchval("SELECT pg_terminate_backend($1)", process)
        for _ in range(_LOOKS):  # the function can wait by itself, but looks only every 100 ms
            if not await self.server.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", process):
                return
            await asyncio.sleep(_LOOK_SECONDS)
        raise AssertionError("The server's process does not end.")


async def _noticed(connection: asyncpg.Connection) -> None:
    """Return once our end of a connection knows that the other is gone."""
    for _ in range(_LOOKS):
        if connection.is_closed():
            return
        await asyncio.sleep(_LOOK_SECONDS)
    raise AssertionError("The driver does not notice.")


_fault: ContextVar[Fault | None] = ContextVar("_fault", default=None)


@contextmanager
def fault(at: int | None, moment: Moment, server: asyncpg.Connection) -> Iterator[Fault]:
    """Let something go wrong at statement number `at` of the block, counting from BEGIN, or, without it, at COMMIT."""
    armed = Fault(at, moment, server)
    token = _fault.set(armed)
    try:
        yield armed
    finally:
        _fault.reset(token)


@asynccontextmanager
async def every_statement_watched(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Make every statement of this process pass by `fault`; yield a connection that no fault strikes.

    Statements reach the driver in four ways: SQLAlchemy's own, its lists of parameters, those of core.sql that go past
    it, and the ends of transactions.
    """
    with pytest.MonkeyPatch.context() as patch:
        _watch(patch, asyncpg.Connection, "fetch", lambda own, query, *_: (own, query))
        _watch(patch, asyncpg.Connection, "executemany", lambda own, query, *_: (own, query))
        _watch(patch, PreparedStatement, "fetch", lambda own, *_: (own._connection, own.get_query()))
        _watch(patch, Transaction, "start", lambda own: (own._connection, BEGIN))
        _watch(patch, Transaction, "commit", lambda own: (own._connection, COMMIT))
        server = await asyncpg.connect(url)
        try:
            yield server
        finally:
            await server.close()


def _watch(patch: pytest.MonkeyPatch, owner: type, name: str, told: Callable[..., tuple[Any, str]]) -> None:
    original = getattr(owner, name)

    async def watched(own: object, *args: object, **options: object) -> object:
        armed = _fault.get()
        if armed is None:
            return await original(own, *args, **options)
        connection, statement = told(own, *args)
        return await armed.strike(connection, statement, lambda: original(own, *args, **options))

    patch.setattr(owner, name, watched)


async def contents(server: asyncpg.Connection, programme_id: UUID) -> dict[str, str]:
    """Return a digest of what each table holds of a programme: equal only if every row is, to the last column."""
    tables = [name for name, table in target().tables.items() if "programme_id" in table.columns]
    one = "SELECT '{0}', coalesce(md5(string_agg(t::text, '/' ORDER BY t::text)), '') FROM \"{0}\" t WHERE {1} = $1"
    rows = await server.fetch(" UNION ALL ".join(one.format(name, "programme_id") for name in tables), programme_id)
    return dict(rows)
