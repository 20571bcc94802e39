"""The one door: commits when the block ends well, and only then tells queues."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import select

from core import db
from core.ids import new_id
from points.programmes.tables import Programme


def fresh() -> Programme:
    return Programme(slug=f"test-{new_id().hex}", name_zh="市", name_en="City")


async def stored(programme: Programme) -> bool:
    async with db.transaction() as session:
        found = await session.exec(select(Programme.slug).where(Programme.slug == programme.slug))
        return found.one_or_none() is not None


async def test_what_a_block_did_is_there_when_it_ended_well(database: str) -> None:
    programme = fresh()
    async with db.transaction() as session:
        session.add(programme)
    assert await stored(programme)


async def test_nothing_of_a_block_that_failed_is_there(database: str) -> None:
    programme = fresh()

    async def block() -> None:
        async with db.transaction() as session:
            session.add(programme)
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await block()
    assert not await stored(programme)


async def test_what_waits_for_the_commit_runs_after_it_in_order_and_once(database: str) -> None:
    programme = fresh()
    seen: list[tuple[str, bool]] = []

    async def look(name: str) -> None:
        seen.append((name, await stored(programme)))

    async with db.transaction() as session:
        session.add(programme)
        db.after_commit(session, lambda: look("first"))
        db.after_commit(session, lambda: look("second"))
        await session.flush()
        assert seen == []
    assert seen == [("first", True), ("second", True)]


async def test_what_waits_for_a_commit_never_runs_when_the_block_fails(database: str) -> None:
    sent: list[str] = []

    async def send() -> None:
        sent.append("sent")

    async def block() -> None:
        async with db.transaction() as session:
            db.after_commit(session, send)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await block()
    assert sent == []


async def test_what_waits_for_a_commit_never_runs_when_the_commit_itself_fails(database: str) -> None:
    sent: list[str] = []

    async def send() -> None:
        sent.append("sent")

    async def block() -> None:
        async with db.transaction() as session:
            db.after_commit(session, send)
            session.add(Programme(slug=fresh().slug, name_zh="市", name_en="nul\x00byte"))  # flushed by the commit

    with pytest.raises(DBAPIError):
        await block()
    assert sent == []


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_a_url_gets_the_driver_the_tree_is_written_for(scheme: str) -> None:
    assert db.asyncpg_url(f"{scheme}://tanhui@db/tanhui?host=/s") == "postgresql+asyncpg://tanhui@db/tanhui?host=/s"


async def test_a_connection_that_the_server_ends_is_an_outage_and_the_next_one_is_well(database: str) -> None:
    with pytest.raises(OperationalError, match="terminating connection"):
        async with db.transaction() as session:
            await (await session.connection()).execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert await stored(fresh()) is False


async def test_an_error_of_the_statement_itself_is_no_outage(database: str) -> None:
    with pytest.raises(DBAPIError) as raised:
        async with db.transaction() as session:
            await (await session.connection()).execute(text("SELECT 1 / 0"))
    assert not isinstance(raised.value, OperationalError)


async def test_a_server_whose_socket_is_not_there_refuses_to_connect(tmp_path: Path) -> None:
    engine = db.make_engine(f"postgresql://tanhui@/tanhui?host={tmp_path}")
    with pytest.raises(ConnectionError, match="can not be reached"):
        async with engine.connect():
            pass
