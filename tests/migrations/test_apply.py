"""Revisions forward and back, the same schema as the tables say, and rights that hold."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from core.db import asyncpg_url
from core.embedded import Servers
from core.errors import OperatorError
from migrations.apply import BASE, downgrade, upgrade
from migrations.metadata import APPEND_ONLY, target

ROOT = Path(__file__).parents[2]
COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_schema = 'public' ORDER BY 1, 2
"""


@pytest.fixture
async def empty(embedded: Servers) -> AsyncIterator[str]:
    """The URL of a database with nothing in it, for its owner."""
    owner = embedded.migration_database_url or ""
    admin = owner.replace("tanhui_owner@/tanhui?", "postgres@/postgres?")
    connection = await asyncpg.connect(admin)
    await connection.execute("CREATE DATABASE empty OWNER tanhui_owner")
    yield owner.replace("@/tanhui?", "@/empty?")
    await connection.execute("DROP DATABASE empty WITH (FORCE)")
    await connection.close()


async def columns(url: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(COLUMNS))
    finally:
        await connection.close()


async def test_down_and_up_again_is_where_up_was(empty: str) -> None:
    await upgrade(empty)
    whole = await columns(empty)
    assert {row["table_name"] for row in whole} >= APPEND_ONLY
    await downgrade(empty, BASE)
    assert {row["table_name"] for row in await columns(empty)} == {"alembic_version"}
    await upgrade(empty)
    assert await columns(empty) == whole


async def test_each_revision_goes_back_by_itself(empty: str) -> None:
    await upgrade(empty)
    await downgrade(empty, "-1")
    await upgrade(empty)


async def test_the_migrated_schema_is_what_the_tables_say(database: str) -> None:
    engine = create_async_engine(asyncpg_url(database))

    def compare(connection: sa.Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), target()))

    async with engine.connect() as connection:
        differences = await connection.run_sync(compare)
    await engine.dispose()
    assert differences == [], "the tables have changed: `make revision` writes what is missing"


async def test_a_table_the_migrations_do_not_know_is_found(database: str) -> None:
    engine = create_async_engine(asyncpg_url(database))
    more = sa.MetaData()
    for table in target().tables.values():
        table.to_metadata(more)
    sa.Table("forgotten", more, sa.Column("id", sa.Integer, primary_key=True))

    def compare(connection: sa.Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), more))

    async with engine.connect() as connection:
        found = await connection.run_sync(compare)
    await engine.dispose()
    assert [entry[0] for entry in found if isinstance(entry, tuple)] == ["add_table"]


async def test_migrating_twice_at_once_and_again_changes_nothing(empty: str) -> None:
    code = "import asyncio, sys; from migrations.apply import upgrade; asyncio.run(upgrade(sys.argv[1]))"
    both = [await asyncio.create_subprocess_exec(sys.executable, "-c", code, empty, cwd=ROOT) for _ in range(2)]
    assert [await process.wait() for process in both] == [0, 0]
    whole = await columns(empty)
    await upgrade(empty)
    assert await columns(empty) == whole


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"])
async def test_the_service_may_not_change_what_is_append_only(database: str, table: str, change: str) -> None:
    statement = change.format(table, next(iter(target().tables[table].columns)).name)
    connection = await asyncpg.connect(database)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"permission denied for table {table}"):
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"])
async def test_the_owner_is_refused_too_and_told_what_to_do(
    database: str, embedded: Servers, table: str, change: str
) -> None:
    statement = change.format(table, next(iter(target().tables[table].columns)).name)
    connection = await asyncpg.connect(embedded.migration_database_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"Rows of {table} are only ever added") as refusal:
            await connection.execute(statement)
    finally:
        await connection.close()
    assert "new row" in str(refusal.value.hint)


async def test_the_service_reads_and_writes_everything_else_and_no_more(database: str) -> None:
    connection = await asyncpg.connect(database)
    rows = await connection.fetch(
        "SELECT relname, string_agg(privilege_type, ',' ORDER BY privilege_type) AS rights FROM pg_class "
        "JOIN information_schema.role_table_grants ON table_name = relname WHERE grantee = current_user GROUP BY 1"
    )
    await connection.close()
    rights = {row["relname"]: row["rights"] for row in rows}
    assert rights.pop("alembic_version") == "SELECT"
    assert set(rights) == set(target().tables)
    for table, may in rights.items():
        assert may == ("INSERT,SELECT" if table in APPEND_ONLY else "DELETE,INSERT,SELECT,UPDATE"), table


async def test_a_role_that_is_not_there_is_named(empty: str) -> None:
    with pytest.raises(OperatorError, match="'ghost', which this server lacks"):
        await upgrade(empty, "postgresql://ghost@/empty")
