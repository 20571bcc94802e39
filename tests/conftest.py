"""What every test may ask for: real servers of this run's own, a migrated database, and a programme to itself."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis

import core.redis
from api import tokens
from core import db
from core.embedded import Servers, exported, servers
from core.secrets import derived_key
from core.settings import settings
from migrations.apply import upgrade
from points.programmes.tables import Programme
from tests.factories.programmes import make_programme

_DATA = "TANHUI_TEST_DATA"
_LONGEST = "tests/scenarios/"
_GIBIBYTES_EACH = 1.75
"""What a process of the tests takes with its servers, browser and services: two took 3.5 at their fullest."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Say what `-n auto` comes to: all of the tests run beside each other, chosen ones in this process.

    A few tests are over before servers for several processes would have started. `-n 3` is still three.
    """
    chosen = config.args_source is pytest.Config.ArgsSource.ARGS or config.option.keyword or config.option.markexpr
    return 0 if chosen else processes(_cores(), _gibibytes())


def processes(cores: float, gibibytes: float) -> int:
    """Return how many processes of tests suit a machine: one a core, as far as they find room, and no more than 8."""
    return max(1, min(int(cores), int(gibibytes / _GIBIBYTES_EACH), 8))


def _cores() -> float:
    """Return the cores this process may use: those it is bound to, or its container's share (cgroup v2) if less."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = Path("/sys/fs/cgroup/cpu.max")
    told = limit.read_text(encoding="ascii").split() if limit.exists() else ["max", "0"]
    return bound if told[0] == "max" else min(bound, int(told[0]) / int(told[1]))


def _gibibytes() -> float:
    """Return the memory this process may still take: the machine's, or its container's limit (cgroup v2) if less."""
    free = psutil.virtual_memory().available
    limit = Path("/sys/fs/cgroup/memory.max")
    told = limit.read_text(encoding="ascii").strip() if limit.exists() else "max"
    return (free if told == "max" else min(free, int(told))) / 2**30


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, which nobody shall wait for at the end when the others have nothing more to do."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A PostgreSQL and a Redis for this run; each worker of pytest-xdist has its own."""
    folder = tmp_path_factory.mktemp("tanhui")
    own = {"TANHUI_DATA_DIR": str(folder), "TANHUI_CODE_DELIVERY": "console"}
    with servers(folder) as found, exported(found.as_environment() | own):
        yield found


@pytest.fixture(scope="session")
async def database(embedded: Servers) -> AsyncIterator[str]:
    """The migrated database, by its URL; core.db.transaction() works. Connected as the role that owns nothing."""
    assert embedded.database_url
    assert embedded.migration_database_url
    await upgrade(embedded.migration_database_url, embedded.database_url)
    yield embedded.database_url
    await db.dispose()


@pytest.fixture(scope="session")
def redis_url(embedded: Servers) -> str:
    assert embedded.redis_url
    return embedded.redis_url


@pytest.fixture(scope="session")
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """The client of core.redis, on a Redis that was empty when the run began; keys lead with a programme's id."""
    yield core.redis.redis()
    await core.redis.dispose()


@pytest.fixture
async def programme(database: str) -> Programme:
    """A programme of this test's own: policy 1 (points mature at once), 10,000 points a tonne, funded budgets."""
    async with db.transaction() as session:
        return await make_programme(session)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real data beside the project."""
    folder = Path(os.environ.get(_DATA, Path(__file__).parents[2] / "shared" / "data"))
    if not (folder / "MANIFEST.csv").exists():
        pytest.skip(f"There is no real data at {folder}; set {_DATA} to where it is.")
    return folder


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    """A test that changes the environment leaves neither its settings nor keys of its secret to the next one."""
    yield
    settings.cache_clear()
    derived_key.cache_clear()
    tokens._key.cache_clear()
