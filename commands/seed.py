"""`tanhui seed`: the base library of categories, baselines and factors."""

from rich.console import Console

from commands.door import perform
from core import clock
from core.db import transaction
from core.errors import OperatorError
from labels.seed import library
from labels.seed.library import Seeded

_console = Console()


def seed() -> None:
    """Register the base library: categories, baselines and factors, each with its source and licence.

    What is there is left as it is, so it can be run again after every update. A category without a baseline has none
    that may be redistributed: register your own with `tanhui import baselines`.

    Example: tanhui seed
    """

    async def work() -> Seeded:
        async with transaction() as session:
            return await library.register_library(session, now=clock.now())

    done = perform(work)
    if done.rejected:
        first = done.rejected[0]
        raise OperatorError(f"{len(done.rejected)} rows do not fit what is registered: {first.field} {first.reason}")
    with_figure = {each.category_id for each in library.baselines()}
    parents = {each.parent_id for each in library.categories()}
    bare = [each.id for each in library.categories() if each.id not in with_figure | parents]
    _console.print(f"{done.registered:,} registered, {done.unchanged:,} were registered before.", highlight=False)
    _console.print(
        f"{len(with_figure)} categories have a sourced baseline; {len(bare)} have none: {', '.join(bare)}.",
        highlight=False,
        markup=False,
    )
