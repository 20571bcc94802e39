"""Where measurements are made: a PostgreSQL and a Redis of their own, never those that hold somebody's points."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from core.embedded import Servers, exported, servers
from core.settings import settings
from migrations.apply import upgrade


@contextmanager
def ground() -> Iterator[Servers]:
    """Run fresh, migrated servers beside the data folder, on the same disk, and remove them when the block ends.

    The settings of this process point to them meanwhile, and so do those of the processes it starts.
    """
    beside = settings().data_dir.resolve()
    beside.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=beside))
    folder.chmod(0o711)  # as root the servers run under another account, which has to pass through
    try:
        own = {"TANHUI_DATA_DIR": str(folder), "TANHUI_CODE_DELIVERY": "none"}
        with servers(folder) as found, exported(found.as_environment() | own):
            assert found.migration_database_url is not None
            asyncio.run(upgrade(found.migration_database_url, found.database_url))
            yield found
    finally:
        shutil.rmtree(folder)


async def analyze(owner_url: str) -> None:
    """Tell the planner what has just been loaded; by itself it learns within some seconds."""
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
