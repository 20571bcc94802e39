"""Statements run on the driver itself, yet in the session's own transaction and with SQLAlchemy's errors."""

import asyncio
from contextlib import suppress
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from core import db
from core.sql import run
from tests.factories.statements import counted

NOTHING = text("SELECT 1 AS one")
ADD = text("INSERT INTO category (id, name_zh, name_en, functional_unit) VALUES (:id, 'x', 'x', 'kg') RETURNING id")
KNOWN = text("SELECT id, functional_unit FROM category WHERE id = ANY(CAST(:ids AS text[]))")


async def known(*ids: str) -> list[str]:
    async with db.transaction() as session:
        return [row.id for row in await run(session, KNOWN, {"ids": list(ids)})]


@pytest.mark.parametrize("place", [0, 1])
async def test_rows_are_had_by_name_by_place_and_unpacked(database: str, place: int) -> None:
    async with db.transaction() as session:
        for _ in range(place):
            await run(session, NOTHING, {})
        for row in await run(session, text("SELECT 1 AS one, 'x' AS two"), {}):
            assert [row.one, row[0], *row] == [1, 1, 1, "x"]
            with pytest.raises(AttributeError):
                _ = row.three


async def test_what_later_statements_did_is_undone_with_the_first(database: str) -> None:
    async def block() -> None:
        async with db.transaction() as session:
            await run(session, ADD, {"id": "sql-undone-1"})
            await run(session, ADD, {"id": "sql-undone-2"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await block()
    assert await known("sql-undone-1", "sql-undone-2") == []


async def test_a_session_that_goes_on_after_its_commit_is_in_a_transaction_again(database: str) -> None:
    async with db.transaction() as session:
        await run(session, NOTHING, {})
        await session.commit()
        await run(session, ADD, {"id": "sql-second-1"})
        await run(session, ADD, {"id": "sql-second-2"})
        await session.rollback()
    assert await known("sql-second-1", "sql-second-2") == []


async def test_a_savepoint_takes_back_what_was_done_since(database: str) -> None:
    async with db.transaction() as session:
        await run(session, ADD, {"id": "sql-savepoint-1"})
        savepoint = await session.begin_nested()
        await run(session, ADD, {"id": "sql-savepoint-2"})
        with pytest.raises(IntegrityError):
            await run(session, ADD, {"id": "sql-savepoint-1"})
        await savepoint.rollback()
        await run(session, ADD, {"id": "sql-savepoint-3"})
    assert sorted(await known("sql-savepoint-1", "sql-savepoint-2", "sql-savepoint-3")) == [
        "sql-savepoint-1",
        "sql-savepoint-3",
    ]


async def test_a_statement_the_database_refuses_is_an_error_of_sqlalchemys(database: str) -> None:
    async with db.transaction() as session:
        await run(session, NOTHING, {})
        with pytest.raises(DBAPIError, match="no_such_table"):
            await run(session, text("SELECT * FROM no_such_table"), {})
        await session.rollback()


async def test_a_connection_that_is_lost_is_operational_and_the_next_transaction_gets_another(database: str) -> None:
    async with db.transaction() as session:
        [row] = await run(session, text("SELECT pg_backend_pid() AS pid"), {})
        async with db.transaction() as other:
            await run(other, text("SELECT pg_terminate_backend(CAST(:pid AS integer))"), {"pid": row.pid})
        with pytest.raises(OperationalError):
            await run(session, text("SELECT pg_sleep(10)"), {})
        await session.rollback()
    for _ in range(db.engine().pool.size()):  # type: ignore[attr-defined]  # a queue pool's
        assert await known() == []


async def test_whoever_comes_right_after_the_end_of_its_connection_may_ask_again(database: str) -> None:
    for pause in (0.0, 0.001, 0.002, 0.005, 0.01, 0.02):  # the driver is told at one of several awkward moments
        async with db.transaction() as killer:
            await run(killer, NOTHING, {})
            async with db.transaction() as session:
                [row] = await run(session, text("SELECT pg_backend_pid() AS pid"), {})
            await run(killer, text("SELECT pg_terminate_backend(CAST(:pid AS integer))"), {"pid": row.pid})
            await asyncio.sleep(pause)
            with suppress(OperationalError, InterfaceError):
                await known()  # on the connection that was just given back
            assert await known() == []


async def test_every_statement_is_heard_of_once(database: str) -> None:
    with counted() as seen:
        async with db.transaction() as session:
            for _ in range(3):
                await run(session, NOTHING, {})
            await session.exec(NOTHING)  # type: ignore[call-overload]  # textual, as nowhere in the tree
    assert len(seen) == 4


@pytest.mark.parametrize("kind", ["smallint", "integer", "bigint"])
@pytest.mark.parametrize("numbers", [[], [1, -2, 30_000], [None, 4, None]])
async def test_lists_of_integers_arrive_as_they_are(database: str, kind: str, numbers: list[int | None]) -> None:
    statement = text(f"SELECT n FROM unnest(CAST(:numbers AS {kind}[])) AS t (n)")
    async with db.transaction() as session:
        for _ in range(2):  # the first statement of a transaction goes another way
            assert [row.n for row in await run(session, statement, {"numbers": numbers})] == numbers


async def test_what_is_no_integer_is_not_taken_for_one(database: str) -> None:
    async with db.transaction() as session:
        await run(session, NOTHING, {})
        with pytest.raises(TypeError):
            await run(session, text("SELECT CAST(:numbers AS integer[])"), {"numbers": ["1,2"]})
        for number in (1.0, True, "n", Decimal(1)):
            with pytest.raises(TypeError):
                await run(session, text("SELECT CAST(:numbers AS integer[])"), {"numbers": [1, number]})
