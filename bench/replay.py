"""A year of real groceries through the real use case: what was credited, what refused, how fast, and does it add up.

Run as `python -m bench.replay DATA_FOLDER [MOST_LINES]`.
"""

import asyncio
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bench.groceries.baskets import ZONE, Town, sales, settle_town
from bench.groceries.figures import rows_of, subgroup_id
from bench.groceries.mapping import FRESH_DAIRY
from bench.groceries.shelf import Shelf, furnish, import_products
from bench.ground import ground
from bench.machine import machine
from core import clock, db
from core.db import transaction
from core.ids import new_id
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
from workers.replaying import Tally, replay

SINCE: Final = datetime(2016, 1, 1, tzinfo=UTC)
_SPRING: Final = (datetime(2017, 3, 1, tzinfo=UTC), datetime(2017, 6, 1, tzinfo=UTC))
_RATE: Final = 10_000
_BUDGET: Final = 10**9


@dataclass(frozen=True, slots=True)
class Year:
    """What a replay of the baskets came to; `again` is the same stream a second time."""

    shelf: Shelf
    products: int
    invalid_codes: int
    tally: Tally
    seconds: float
    again: Tally
    audit: Audited


async def live(data: Path, *, most: int | None = None) -> Year:
    """Set a town up from the data folder, replay at most so many lines twice, and audit everything with receipts."""
    now = clock.now()
    async with transaction() as session:
        programme = await _programme(session)
        products = await import_products(session, data, now=now)
        shelf = await furnish(session, data, products, now=now)
        await _campaign(session, programme)
        town = await settle_town(session, data, programme.programme_id)
    began = time.perf_counter()
    tally = await _replay(data, shelf, town, programme, most)
    seconds = time.perf_counter() - began
    again = await _replay(data, shelf, town, programme, most)
    audit = await audited(programme, receipts=True)
    return Year(shelf, len(products), refused_codes(data), tally, seconds, again, audit)


async def _replay(data: Path, shelf: Shelf, town: Town, programme: Programme, most: int | None) -> Tally:
    return await replay(programme.programme_id, sales(data, shelf, town, most=most))


def refused_codes(data: Path) -> int:
    """Return how many of the codes known to be wrong are refused as a labelled product's."""
    return sum(not _labelled(row["code"]) for row in rows_of(data / "products" / "gtins_invalid_real.csv"))


def _labelled(code: str) -> bool:
    try:
        require_labelled(parse_code(code))
    except InvalidCodeError:
        return False
    return True


async def _programme(session: AsyncSession) -> Programme:
    programme = await establish(
        session,
        slug=f"groceries-{new_id().hex[-12:]}",
        name_zh="超市年",
        name_en="A Year of Groceries",
        terms=Terms(),
        points_per_tonne=_RATE,
        effective_from=SINCE,
        time_zone=ZONE,
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
        ("lines", year.tally.lines),
        ("credited", year.tally.credited),
        *((f"refused: {reason}", count) for reason, count in year.tally.refused.most_common()),
        ("grams of CO2e saved", year.tally.grams),
        ("points", year.tally.points),
        ("seconds", round(year.seconds, 1)),
        ("lines a second", round(year.tally.lines / year.seconds)),
        ("second time: credited", year.again.credited),
        ("second time: credited before", year.again.replayed),
        *((f"audit: {each.name} ({each.checked:,})", each.differences) for each in year.audit.findings),
    ]
    return "\n".join(f"{name:<70}{value:>14,}" for name, value in rows)


async def _measured(data: Path, most: int | None) -> Year:
    try:
        return await live(data, most=most)
    finally:
        await db.dispose()


def main(arguments: list[str]) -> None:
    """Replay the data folder's baskets on servers of our own, print the figures; exit code 1 on any difference."""
    if not 1 <= len(arguments) <= 2 or not Path(arguments[0]).is_dir():  # noqa: PLR2004 - the two the usage names
        sys.exit(__doc__)
    with ground():
        year = asyncio.run(_measured(Path(arguments[0]), int(arguments[1]) if arguments[1:] else None))
    print(f"{machine()}\n{report(year)}")
    if year.audit.differences or year.again.credited:
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
