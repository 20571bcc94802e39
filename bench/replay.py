"""A year of real sales through the real use case: what was credited, what refused, how fast, and does it add up.

Run as `python -m bench.replay DATA_FOLDER [groceries|gifts] [MOST_LINES]`: a year of grocery baskets, or of a gift
shop's invoices with returns, buyers who are not known, and codes that are no products.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bench.gifts import orders as gifts
from bench.groceries import baskets as groceries
from bench.groceries.figures import rows_of, subgroup_id
from bench.groceries.mapping import FRESH_DAIRY
from bench.groceries.shelf import Shelf, furnish, import_products
from bench.ground import ground
from bench.machine import machine
from core import clock, db
from core.db import transaction
from core.ids import new_id
from labels.catalogue import NewProduct
from labels.errors import InvalidCodeError
from labels.gtin import parse_code, require_labelled
from points import ledger
from points.campaigns import campaigns
from points.campaigns.campaigns import CampaignDraft
from points.campaigns.rules import Conditions, Multiply
from points.programmes.policy import Terms
from points.programmes.programmes import establish
from points.programmes.tables import Programme
from workers.auditing import Audited, audited
from workers.replaying import Reported, Tally, replay

SINCE: Final = datetime(2010, 1, 1, tzinfo=UTC)
_SPRING: Final = (datetime(2017, 3, 1, tzinfo=UTC), datetime(2017, 6, 1, tzinfo=UTC))
_RATE: Final = 10_000
_BUDGET: Final = 10**9


Stream = Callable[[int | None], Iterator[Reported]]


@dataclass(frozen=True, slots=True)
class Year:
    """What a replay came to; `again` is the same stream a second time."""

    shelf: Shelf
    products: int
    invalid_codes: int
    tally: Tally
    seconds: float
    again: Tally
    audit: Audited


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is to buy: the registered products, and those of them that are on the shelf with a label."""

    products: Sequence[NewProduct]
    shelf: Shelf


async def stocked(data: Path) -> Stock:
    """Register the data folder's products, figures and labels; once, for all streams."""
    now = clock.now()
    async with transaction() as session:
        products = await import_products(session, data, now=now)
        return Stock(products, await furnish(session, data, products, now=now))


async def live(data: Path, stock: Stock, *, stream: str = "groceries", most: int | None = None) -> Year:
    """Replay at most so many lines of a stream twice, in a programme of their own; audit everything with receipts."""
    async with transaction() as session:
        programme = await _programme(session, time_zone=_ZONES[stream])
        await _campaign(session, programme)
        lines = await _STREAMS[stream](session, data, programme, stock)
    began = time.perf_counter()
    tally = await replay(programme.programme_id, lines(most))
    seconds = time.perf_counter() - began
    again = await replay(programme.programme_id, lines(most))
    audit = await audited(programme, receipts=True)
    return Year(stock.shelf, len(stock.products), refused_codes(data), tally, seconds, again, audit)


async def _groceries(session: AsyncSession, data: Path, programme: Programme, stock: Stock) -> Stream:
    town = await groceries.settle_town(session, data, programme.programme_id)
    return lambda most: groceries.sales(data, stock.shelf, town, most=most)


async def _gifts(session: AsyncSession, data: Path, programme: Programme, stock: Stock) -> Stream:
    shop = await gifts.open_shop(session, data, programme.programme_id)
    return lambda most: gifts.orders(data, stock.shelf, stock.products, shop, most=most)


_STREAMS: Final = {"groceries": _groceries, "gifts": _gifts}
_ZONES: Final = {"groceries": groceries.ZONE, "gifts": gifts.ZONE}


def refused_codes(data: Path) -> int:
    """Return how many of the codes known to be wrong are refused as a labelled product's."""
    return sum(not _labelled(row["code"]) for row in rows_of(data / "products" / "gtins_invalid_real.csv"))


def _labelled(code: str) -> bool:
    try:
        require_labelled(parse_code(code))
    except InvalidCodeError:
        return False
    return True


async def _programme(session: AsyncSession, *, time_zone: str) -> Programme:
    programme = await establish(
        session,
        slug=f"year-{new_id().hex[-12:]}",
        name_zh="购物年",
        name_en="A Year of Shopping",
        terms=Terms(),
        points_per_tonne=_RATE,
        effective_from=SINCE,
        time_zone=time_zone,
    )
    budget = programme.base_budget_id
    await ledger.fund(session, programme.programme_id, budget, _BUDGET, key=f"fund:{budget}", now=SINCE)
    return programme


async def _campaign(session: AsyncSession, programme: Programme) -> None:
    """Double the points of fresh dairy in spring, from a budget of its own."""
    rule = Multiply(multiplier_bp=20_000, conditions=Conditions(category_id=subgroup_id(FRESH_DAIRY)))
    draft = CampaignDraft("春季酸奶", "Yoghurt in spring", *_SPRING, rule)
    await campaigns.open(session, programme.programme_id, draft, funded_points=_BUDGET, staff_id=new_id(), now=SINCE)


def report(year: Year) -> str:
    """Return what a year came to, as a table of text."""
    rows = [
        ("products imported", year.products),
        ("wrong codes refused", year.invalid_codes),
        ("baselines", year.shelf.baselines),
        ("labelled products (test bindings)", year.shelf.labelled),
        *((name.lower(), number) for name, number in year.tally.figures()),
        ("seconds", round(year.seconds, 1)),
        ("lines a second", round(year.tally.lines / year.seconds)),
        *((f"second time: {name.lower()}", number) for name, number in year.again.figures()),
        *((f"audit: {each.name} ({each.checked:,})", each.differences) for each in year.audit.findings),
    ]
    return "\n".join(f"{name:<70}{value:>14,}" for name, value in rows)


async def _measured(data: Path, stream: str, most: int | None) -> Year:
    try:
        return await live(data, await stocked(data), stream=stream, most=most)
    finally:
        await db.dispose()


def main(arguments: list[str]) -> None:
    """Replay a stream of the data folder on servers of our own, print the figures; exit code 1 on any difference."""
    data, stream, most = (*arguments, *("", "groceries", "")[len(arguments) :])[:3]
    if not data or not Path(data).is_dir() or stream not in _STREAMS or (most and not most.isdigit()):
        sys.exit(__doc__)
    with ground():
        year = asyncio.run(_measured(Path(data), stream, int(most) if most else None))
    print(f"{machine()}\n{report(year)}")
    if year.audit.differences or year.again.sales.credited or year.again.returns.returned:
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
