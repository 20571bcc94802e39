"""`tanhui rebuild-leaderboards`: the boards again, from the database."""

from typing import Annotated

import typer
from rich.console import Console

from commands.door import chosen_programmes, perform
from commands.progress import Bar
from core import clock
from core.db import transaction
from core.redis import redis
from points.leaderboards.projection import rebuild_all

_console = Console()


def rebuild_leaderboards(
    programme: Annotated[str | None, typer.Option(help="Only the programme with this slug.")] = None,
) -> None:
    """Build the boards of the running periods from the database again, beside the old ones, and swap them in.

    Nothing is lost by it and it can be done at any time, also while people look at the boards.

    Example: tanhui rebuild-leaderboards --programme demo
    """

    async def work() -> dict[str, int]:
        built = {}
        async with transaction() as session:
            chosen = await chosen_programmes(session, programme)
        with Bar("Rebuilding boards", len(chosen)) as bar:
            for each in chosen:
                async with transaction() as session:
                    built[each.slug] = await rebuild_all(
                        session, redis(), each.programme_id, time_zone=each.time_zone, now=clock.now()
                    )
                bar.advance(1)
        return built

    for slug, boards in perform(work).items():
        _console.print(f"{slug}: {boards} boards rebuilt.", highlight=False, markup=False)
