"""One campaign that everybody earns from, beside as many campaigns of which everybody earns from another one.

Only campaigns pay here, so that the programme's own budget, which every activity draws on, does not hide what is
measured. In both cities as many campaigns are open, so that to look at them costs the same.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Final

from rich.table import Table
from sqlalchemy import text

from bench.ground import analyze, ground
from bench.ledger import credit
from bench.machine import machine
from bench.world import BUDGET_POINTS, World, make_world
from core import clock, db
from core.db import transaction
from core.ids import new_id
from core.sql import run
from points import ledger
from points.campaigns import campaigns
from points.campaigns.campaigns import CampaignDraft
from points.campaigns.rules import Bonus, Conditions
from points.earning import audit
from points.programmes import rates

BUDGETS: Final = 64
BATCHES: Final = (16, 64, 256)
PROCESSES: Final = 4
GOAL: Final = 0.8
_RESIDENTS: Final = 100_000
_PRODUCTS: Final = 192
_NOBODYS: Final = "00000000000000"
_SETTLE_SECONDS: Final = 0.3
_CLOSE: Final = text("UPDATE campaign SET ends_at = :now WHERE programme_id = :programme_id")


@dataclass(frozen=True, slots=True)
class Hot:
    """Activities a second by batch, round by round: of one hot budget, and of BUDGETS; and what the audit found."""

    hot: dict[int, list[float]]
    spread: dict[int, list[float]]
    differences: int

    def ratio(self, batch: int) -> float:
        """Return how much of the spread rate one hot budget leaves: the median over rounds, each of one moment."""
        return median(hot / spread for hot, spread in zip(self.hot[batch], self.spread[batch], strict=True))

    @property
    def good(self) -> bool:
        """Tell whether the books are right and the goal is met by every size of batch."""
        return not self.differences and min(self.ratio(batch) for batch in BATCHES) >= GOAL


def measure(*, rounds: int, seconds: int, say: Callable[[str], None]) -> Hot:
    """Measure both by turns on one database; `say` is told of each step."""
    context = multiprocessing.get_context("spawn")
    with ground() as servers, ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        cities = {"hot": asyncio.run(_prepared(spread=False)), "spread": asyncio.run(_prepared(spread=True))}
        for world in cities.values():
            _rate(pool, world, BATCHES[1], 2.0)
        assert servers.migration_database_url is not None
        asyncio.run(analyze(servers.migration_database_url))
        found: dict[str, dict[int, list[float]]] = {name: {batch: [] for batch in BATCHES} for name in cities}
        for number in range(rounds):
            for batch in BATCHES:
                for name in ("hot", "spread") if number % 2 else ("spread", "hot"):
                    rate = _rate(pool, cities[name], batch, seconds)
                    found[name][batch].append(rate)
                    say(f"{name}, batches of {batch}: {rate:,.0f}/s")
        say("audit")
        return Hot(found["hot"], found["spread"], asyncio.run(_differences([*cities.values()])))


def table(found: Hot) -> Table:
    """Return the figures with their ratios and the machine."""
    shown = Table(title="Credited activities a second, medians", caption=machine())
    for heading in ("batches of", "one hot budget", f"spread over {BUDGETS}", "hot / spread"):
        shown.add_column(heading, justify="right")
    for batch in BATCHES:
        hot, spread = median(found.hot[batch]), median(found.spread[batch])
        shown.add_row(f"{batch:,}", f"{hot:,.0f}", f"{spread:,.0f}", f"{found.ratio(batch):.2f}")
    return shown


def verdict(found: Hot) -> str:
    """Return the ratios against the goal, in words."""
    ratios = ", ".join(f"{found.ratio(batch):.2f} in batches of {batch}" for batch in BATCHES)
    return f"One hot budget keeps {ratios} of the spread rate (goal {GOAL}). Audit: {found.differences} differences."


async def _prepared(*, spread: bool) -> World:
    async with transaction() as session:
        world = await make_world(session, residents=_RESIDENTS, products=_PRODUCTS)
        now = clock.now()
        start = now - timedelta(minutes=1)
        await rates.publish(
            session, world.programme_id, 0, based_on=1, effective_from=start, staff_id=new_id(), now=now
        )
        await run(session, _CLOSE, {"programme_id": world.programme_id, "now": start})
        for number in range(BUDGETS):
            shares = world.gtins[number::BUDGETS] if spread else (() if number == 0 else (_NOBODYS,))
            rule = Bonus(points=50, conditions=Conditions(gtins=tuple(shares)))
            draft = CampaignDraft("热点", "Hot", start, now + timedelta(days=30), rule)
            await campaigns.open(
                session, world.programme_id, draft, funded_points=BUDGET_POINTS, staff_id=new_id(), now=now
            )
    await db.dispose()
    return world


def _rate(pool: ProcessPoolExecutor, world: World, batch: int, seconds: float) -> float:
    """Return the activities a second of several processes together."""
    start = time.monotonic() + _SETTLE_SECONDS
    running = [pool.submit(credit, world, batch, start, seconds) for _ in range(PROCESSES)]
    return sum(each.result() for each in running)


async def _differences(worlds: list[World]) -> int:
    found = 0
    for world in worlds:
        async with transaction() as session:
            findings = [
                *await ledger.audit(session, world.programme_id),
                *await audit.audit(session, world.programme_id),
            ]
        found += sum(each.differences for each in findings)
    await db.dispose()
    return found
