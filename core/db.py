"""The door to the database: one engine per process, and the only place in the tree that commits."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from core.outages import as_operational
from core.settings import settings
from core.sql import Record

AfterCommit = Callable[[], Awaitable[None]]
_AFTER_COMMIT: Final = "after_commit"


class DatabaseNotConfiguredError(RuntimeError):
    """No database is configured: set TANHUI_DATABASE_URL, or start the embedded one with `tanhui up`."""


class _Engine:
    """The engine of this process, made at first use inside the running event loop."""

    current: AsyncEngine | None = None


def engine() -> AsyncEngine:
    """Return this process's engine.

    Raises:
        DatabaseNotConfiguredError: when no database URL is known.
    """
    if _Engine.current is None:
        url = settings().database_url
        if url is None:
            raise DatabaseNotConfiguredError(DatabaseNotConfiguredError.__doc__)
        _Engine.current = make_engine(url)
    return _Engine.current


def make_engine(url: str) -> AsyncEngine:
    """Return an engine for `url`, in UTC and with the statement cache that group commit lives on."""
    made = create_async_engine(
        asyncpg_url(url),
        pool_size=settings().database_pool_size,
        max_overflow=0,
        connect_args={"record_class": Record, "server_settings": {"timezone": "UTC", "jit": "off"}},
    )
    event.listen(made.sync_engine, "do_connect", _connected)
    event.listen(made.sync_engine, "checkout", _require_open)
    event.listen(made.sync_engine, "handle_error", as_operational, retval=True)
    return made


def _connected(dialect: Dialect, _record: object, arguments: list[Any], options: dict[str, Any]) -> DBAPIConnection:
    """Connect; that the server's socket is not there, or takes for ever, is told as any other refusal to connect."""
    try:
        return dialect.connect(*arguments, **options)
    except (FileNotFoundError, TimeoutError) as error:
        raise ConnectionRefusedError(f"The database can not be reached: {error}") from error


def _require_open(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401 - the driver is untyped
    """Make the pool replace a connection whose server has gone away.

    The driver knows without asking; the pool's own ping would cost each transaction three round trips.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def asyncpg_url(url: str) -> str:
    """Return `url` with the driver the tree is written for, however the operator spelled the scheme."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+asyncpg://{rest}" if scheme in {"postgresql", "postgres"} else url


async def dispose() -> None:
    """Close every connection of this process; the next use opens new ones."""
    if _Engine.current is not None:
        await _Engine.current.dispose()
        _Engine.current = None


@asynccontextmanager
async def transaction(*, snapshot: bool = False) -> AsyncIterator[AsyncSession]:
    """Open a session, commit it if the block ends well, roll it back if not, then run what waits for the commit.

    Domain code is handed the session and never commits: a use case is then free to be one part of something larger.
    With `snapshot` everything is read as it stands at the first statement, and nothing can be written: for audits.
    """
    async with AsyncSession(engine(), expire_on_commit=False) as session:
        if snapshot:
            await session.connection(
                execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            )
        yield session
        await session.commit()
        waiting: list[AfterCommit] = session.info.pop(_AFTER_COMMIT, [])
    for send in waiting:
        await send()


def after_commit(session: AsyncSession, send: AfterCommit) -> None:
    """Run `send` once `session` has committed, and never if it rolls back: queues must not hear of what was not."""
    session.info.setdefault(_AFTER_COMMIT, []).append(send)
