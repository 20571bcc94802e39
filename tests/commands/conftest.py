"""Commands as an operator runs them, on this run's servers and in this process."""

import csv
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from redis.asyncio import Redis
from typer.testing import CliRunner

import core.redis
from cli import app
from core import db
from core.embedded import Servers, exported
from core.embedded.postgresql import DATABASE, OWNER_ROLE
from migrations.apply import upgrade
from points.programmes.tables import Programme
from tests.factories.labels import Labelled, make_labelled

Run = Callable[..., "Outcome"]
Write = Callable[[str, Sequence[str], Iterable[Sequence[object]]], Path]


@dataclass(frozen=True)
class Outcome:
    """What a command printed, in one line however wide the terminal, and how it ended."""

    code: int
    text: str
    error: BaseException | None


@pytest.fixture(scope="module")
async def own_database(embedded: Servers) -> AsyncIterator[None]:
    """A migrated database for the tests of one file, which want to be the first to register what they do."""
    assert embedded.database_url
    assert embedded.migration_database_url
    name = f"own_{uuid4().hex}"
    connection = await asyncpg.connect(embedded.migration_database_url.replace(f"://{OWNER_ROLE}@", "://postgres@"))
    await connection.execute(f"CREATE DATABASE {name} OWNER {OWNER_ROLE}")
    await connection.close()
    urls = [
        each.replace(f"/{DATABASE}?", f"/{name}?") for each in (embedded.database_url, embedded.migration_database_url)
    ]
    await _closed()
    with exported({"TANHUI_DATABASE_URL": urls[0], "TANHUI_MIGRATION_DATABASE_URL": urls[1]}):
        await upgrade(urls[1], urls[0])
        yield
        await _closed()


@pytest.fixture
async def command(programme: Programme, redis: Redis) -> AsyncIterator[Run]:
    """Run a command; it has a loop of its own, so so connections of the test's loop are closed before."""
    await _closed()
    yield _run
    await _closed()


@pytest.fixture
async def labelled(programme: Programme) -> Labelled:
    """A product of which one unit saves 1,000 g."""
    async with db.transaction() as session:
        made = await make_labelled(session)
    await _closed()
    return made


@pytest.fixture
def table(tmp_path: Path) -> Write:
    """Write a CSV file: its name, its header and its rows."""

    def write(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)
        return path

    return write


async def _closed() -> None:
    await db.dispose()
    await core.redis.dispose()


def _run(*arguments: object, typed: str | None = None) -> Outcome:
    result = CliRunner().invoke(app, [str(each) for each in arguments], input=typed)
    error = None if isinstance(result.exception, SystemExit) else result.exception
    return Outcome(result.exit_code, " ".join(result.output.split()), error)
