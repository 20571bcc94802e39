"""`tanhui programmes`: the city programmes of this installation."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console

from commands.door import chosen_programme, perform
from core import clock
from core.db import transaction
from core.errors import OperatorError
from core.ids import new_id
from points.budgets import budgets
from points.errors import KeyReusedError
from points.programmes.policy import Terms
from points.programmes.programmes import establish
from points.programmes.tables import Programme

app = typer.Typer(help="The city programmes of this installation.", no_args_is_help=True)
_console = Console()


@app.command("add")
def add(
    slug: Annotated[str, typer.Argument(help="What it is called in addresses and commands: lower case, no spaces.")],
    name_zh: Annotated[str, typer.Option(help="Its name in Chinese.")],
    name_en: Annotated[str, typer.Option(help="Its name in English.")],
    points_per_tonne: Annotated[int, typer.Option(min=0, help="Points for a tonne of CO2e saved.")],
    time_zone: Annotated[str, typer.Option(help="Its days begin at midnight here.")] = "Asia/Shanghai",
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day its rules hold from; today otherwise.")
    ] = None,
) -> None:
    """Set up a programme with the default rules. It pays no points before its budget is funded.

    Example: tanhui programmes add huzhou --name-zh 湖州碳惠 --name-en Huzhou --points-per-tonne 10000
    """

    async def work() -> Programme:
        async with transaction() as session:
            return await establish(
                session,
                slug=slug,
                name_zh=name_zh,
                name_en=name_en,
                terms=Terms(),
                points_per_tonne=points_per_tonne,
                effective_from=clock.now() if since is None else _midnight(since, time_zone),
                time_zone=time_zone,
            )

    made = perform(work)
    _console.print(f"{made.slug} is set up. Next: tanhui programmes fund {made.slug} --points 1000000", markup=False)


def _midnight(day: datetime, time_zone: str) -> datetime:
    try:
        return day.replace(tzinfo=ZoneInfo(time_zone))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise OperatorError(f"--time-zone must be an IANA name such as Asia/Shanghai, not {time_zone!r}.") from error


@app.command("fund")
def fund(
    slug: Annotated[str, typer.Argument(help="The programme's slug.")],
    points: Annotated[int, typer.Option(min=1, max=10**12, help="Points to put into the budget.")],
    *,
    engagement: Annotated[
        bool, typer.Option("--engagement", help="Fund what pays discovery points, not what pays for grams saved.")
    ] = False,
    key: Annotated[
        str | None, typer.Option(help="A name for this decision, such as its file number: it is carried out once.")
    ] = None,
) -> None:
    """Put newly issued points into a programme's budget: the only way points come into being.

    Example: tanhui programmes fund huzhou --points 1000000 --key 2026/017
    """

    async def work() -> budgets.Funding:
        async with transaction() as session:
            found = await chosen_programme(session, slug)
            return await budgets.fund(
                session,
                found.programme_id,
                found.engagement_budget_id if engagement else found.base_budget_id,
                points,
                key=f"fund:{key or new_id()}",
                reason=key,
                staff_id=None,
                now=clock.now(),
            )

    try:
        funded = perform(work)
    except KeyReusedError as error:
        raise OperatorError(f"The key {key} was used before for other points or another budget.") from error
    done = "were put in before; nothing changed" if funded.replayed else "are in the budget"
    _console.print(f"{points} points {done}.", highlight=False)
