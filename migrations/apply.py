"""Runs alembic from code: commands and tests use this, people may use `alembic` itself."""

import asyncio
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

HEAD = "head"
BASE = "base"


def config(url: str, service_role: str | None = None) -> Config:
    """Return alembic's configuration for the database at `url`; a `service_role` gets its rights after each run."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    found.attributes.update({"url": url, "service_role": service_role})
    return found


async def upgrade(migration_url: str, service_url: str | None = None, revision: str = HEAD) -> None:
    """Bring the schema forward to `revision` as its owner, and give the role that `service_url` names its rights."""
    role = sa.make_url(service_url).username if service_url else None
    await asyncio.to_thread(command.upgrade, config(migration_url, role), revision)


async def downgrade(migration_url: str, revision: str) -> None:
    """Take the schema back to `revision`."""
    await asyncio.to_thread(command.downgrade, config(migration_url), revision)
