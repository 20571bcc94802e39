"""`tanhui replay`: a file of sales through the same use case as the API."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, TextIO
from uuid import UUID

import orjson
import typer
from rich.console import Console
from rich.table import Table

from commands.door import chosen_programme, perform
from commands.help_texts import help_text
from commands.progress import Bar
from commands.tables import opened, row_count, rows
from core import clock
from core.db import transaction
from core.errors import OperatorError
from core.redis import redis
from labels import listings
from points.earning.activities import SaleLine
from points.earning.imports import SALE_COLUMNS, Fault, Unreadable, sale_of
from points.leaderboards.projection import rebuild_all
from workers.replaying import Tally, replay

_NEEDED: Final = (("receipt",), ("line",), ("member_code",), ("code",), ("quantity",), ("sold_at",))
_SHOWN: Final = 10
_FIRST_ROW: Final = 2
_console = Console()

_HELP: Final = """\
Send a file of sales through the same use cases as the API, a thousand lines at a time, and print what became of them.
A line with a negative quantity is a return, of the member's latest purchases of the product at that retailer.

The file is CSV with a header, or one JSON object a line (.ndjson, .jsonl), packed with gzip (.gz) or not. Sales keep
their own times. They should stand in the order in which they happened: what counts as too old or as the future is
judged at the latest sale so far, not now, unless --today is given.

Running it again credits nothing twice, so a replay that broke off is simply run again."""
_EXAMPLE: Final = 'tanhui replay sales.csv --retailer "Green Mart" --programme demo'


@dataclass(slots=True)
class Source:
    """Reads sales from rows, and keeps what can not be read."""

    retailers: Mapping[str, UUID]
    default: str
    unreadable: list[tuple[int, Unreadable]] = field(default_factory=list)

    def sales(self, file: TextIO, path: Path) -> Iterator[tuple[UUID, SaleLine]]:
        """Yield each readable sale with its retailer."""
        for number, row in _numbered(file, path):
            found = sale_of(row)
            if isinstance(found, Unreadable):
                self.unreadable.append((number, found))
                continue
            retailer_id = self.retailers.get(found.retailer or self.default)
            if retailer_id is None:
                reason = "must be the id or English name of one registered organization; or give --retailer."
                self.unreadable.append((number, Unreadable((Fault("retailer", reason),))))
                continue
            yield retailer_id, found.line


def replay_sales(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A file of sales.")],
    *,
    programme: Annotated[
        str | None, typer.Option(help="The programme's slug; may be left out if there is one.")
    ] = None,
    retailer: Annotated[str, typer.Option(help="Id or English name of who sold what names no retailer.")] = "",
    today: Annotated[bool, typer.Option("--today", help="Judge by this moment what is too old.")] = False,
) -> None:
    """Send a file of sales through the same use case as the API."""

    async def work() -> tuple[Tally, Source, float]:
        async with transaction() as session:
            found = await chosen_programme(session, programme)
            organizations = await listings.organizations(session)
        names = Counter(each.name_en for each in organizations)
        known = {each.name_en: each.id for each in organizations if names[each.name_en] == 1}
        source = Source(known | {str(each.id): each.id for each in organizations}, retailer)
        began = time.perf_counter()
        with opened(file) as text, Bar("Replaying", row_count(file)) as bar:
            sales = source.sales(text, file)
            tally = await replay(found.programme_id, sales, as_of_data=not today, done=bar.advance)
        seconds = time.perf_counter() - began
        async with transaction() as session:
            await rebuild_all(session, redis(), found.programme_id, time_zone=found.time_zone, now=clock.now())
        return tally, source, seconds

    tally, source, seconds = perform(work)
    show(tally, seconds)
    if source.unreadable:
        _console.print(f"{len(source.unreadable):,} rows could not be read:", style="bold red", highlight=False)
        for number, each in source.unreadable[:_SHOWN]:
            _console.print(f"  row {number}: {each.detail}", highlight=False, markup=False)
        raise typer.Exit(1)


replay_sales.__doc__ = help_text(_HELP, SALE_COLUMNS, _EXAMPLE)


def show(tally: Tally, seconds: float) -> None:
    """Print what became of a stream."""
    table = Table("", "", show_header=False, title="Replay", title_justify="left")
    table.columns[1].justify = "right"
    for name, number in tally.figures():
        table.add_row(name, f"{number:,}")
    table.add_row("Seconds", f"{seconds:,.1f}")
    table.add_row("Lines a second", f"{tally.lines / seconds:,.0f}" if seconds else "")
    _console.print(table)


def _numbered(file: TextIO, path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the rows of a CSV file as a spreadsheet numbers them, or the objects of a JSON file by their lines."""
    if not {".ndjson", ".jsonl"} & set(path.suffixes):
        yield from enumerate(rows(file, *_NEEDED), start=_FIRST_ROW)
        return
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise OperatorError(
                f"{path}, line {number}: not a JSON object ({error}). Nothing after it was sent."
            ) from error
        yield number, value if isinstance(value, dict) else {}
