"""What every test may ask for: real servers of this run's own, a migrated database, and a programme to itself."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

import core.redis
from core import db
from core.embedded import Servers, exported, servers
from core.settings import settings
from migrations.apply import upgrade
from points.programmes.tables import Programme
from tests.factories.programmes import make_programme

_DATA = "TANHUI_TEST_DATA"


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
    """A test that changes the environment does not change the next one's settings."""
    before = {name: value for name, value in os.environ.items() if name.startswith("TANHUI_")}
    yield
    after = {name: value for name, value in os.environ.items() if name.startswith("TANHUI_")}
    if before != after:
        settings.cache_clear()
