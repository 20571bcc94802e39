"""Alembic's entry: applies revisions over asyncpg, then gives the service's role what it may do."""

import asyncio

import sqlalchemy as sa
from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from core.db import asyncpg_url
from core.settings import settings
from migrations.metadata import render_item, target
from migrations.privileges import grants

_ONE_AT_A_TIME = sa.text("SELECT pg_advisory_xact_lock(hashtext('tanhui migrations'))")


def _run(connection: sa.Connection) -> None:
    """Bring the schema to where alembic was asked to, in one database transaction."""
    context.configure(
        connection=connection, target_metadata=target(), render_item=render_item, compare_server_default=True
    )
    with context.begin_transaction():
        connection.execute(_ONE_AT_A_TIME)
        context.run_migrations()
        for statement in grants(connection, context.config.attributes.get("service_role")):
            connection.execute(statement)


async def _connect_and_run() -> None:
    url = context.config.attributes.get("url") or settings().migration_database_url or settings().database_url
    if url is None:
        raise SystemExit(
            "Set TANHUI_MIGRATION_DATABASE_URL, or use `tanhui migrate`, which starts the embedded server."
        )
    engine = create_async_engine(asyncpg_url(url), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_run)
    await engine.dispose()


asyncio.run(_connect_and_run())
