"""`tanhui migrate`: brings the tables up to date."""

import asyncio

from rich.console import Console

from core.embedded import configured
from core.settings import settings
from migrations.apply import upgrade

_console = Console(stderr=True)


def migrate() -> None:
    """Bring the tables up to date, and give the service's role its rights.

    Connects as the owner (TANHUI_MIGRATION_DATABASE_URL, or TANHUI_DATABASE_URL where that is unset). The role that
    TANHUI_DATABASE_URL names has to exist; it may read and write, but not change ledger entries or certificate events.
    """
    with configured():
        bring_up_to_date()
    _console.print("The tables are up to date.")


def bring_up_to_date() -> None:
    """Apply every migration to the database of this process's settings."""
    current = settings()
    owner_url = current.migration_database_url or current.database_url
    if owner_url is None:
        raise RuntimeError("No database is configured: work inside core.embedded.configured().")
    asyncio.run(upgrade(owner_url, current.database_url))
