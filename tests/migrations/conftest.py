"""A migrated database of its own for tests that go back some revisions."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from core import db
from core.embedded import Servers
from core.ids import new_id
from migrations.apply import upgrade


@pytest.fixture
async def filled(embedded: Servers, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The URL of a migrated database of its own, which the tree uses."""
    owner, name = embedded.migration_database_url or "", f"rows_{new_id().hex}"
    connection = await asyncpg.connect(owner.replace("tanhui_owner@/tanhui?", "postgres@/postgres?"))
    await connection.execute(f"CREATE DATABASE {name} OWNER tanhui_owner")
    url = owner.replace("@/tanhui?", f"@/{name}?")
    await upgrade(url)
    monkeypatch.setattr(db._Engine, "current", db.make_engine(url))
    yield url
    await db.dispose()
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()
