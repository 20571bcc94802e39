"""Commands as an operator runs them, on this run's servers and in this process."""

import csv
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis.asyncio import Redis
from typer.testing import CliRunner

import core.redis
from cli import app
from core import db
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
