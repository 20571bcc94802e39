"""Credited activities a second through `earning.record`, in batches, beside pgbench doing them one by one."""

import asyncio
import multiprocessing
import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import uvloop
from rich.table import Table

from bench import pgbench
from bench.ground import analyze, ground
from bench.machine import machine
from bench.world import World, make_world
from core import clock, db
from core.db import transaction
from core.garbage import settle
from core.ids import new_id
from points import ledger
from points.earning import audit
from points.earning.activities import Receipt, Sale
from points.earning.credits import record

BATCHES: Final = (1, 16, 64, 256, 1000)
PROCESSES: Final = (1, 2, 4)
CLIENTS: Final = (1, 4, 16, 64)
_RESIDENTS: Final = 200_000
_PRODUCTS: Final = 200
_SETTLE_SECONDS: Final = 0.3
_WARM_SECONDS: Final = 2.0

GOAL_WITH_BUDGET: Final = 5.0
GOAL_WITHOUT: Final = 1.2


@dataclass(frozen=True, slots=True)
class Rates:
    """Activities a second: pgbench's best with and without the budgets, and ours by (batch, processes)."""

    with_budget: float
    without_budget: float
    batches: dict[tuple[int, int], float]
    differences: int


def measure(*, seconds: int, say: Callable[[str], None]) -> Rates:
    """Measure everything on one database in one run; `say` is told of each step."""
    with ground() as servers, _processes(max(PROCESSES)) as pool:
        assert servers.database_url is not None
        world = asyncio.run(_prepared())
        _batches(pool, world, 64, max(PROCESSES), _WARM_SECONDS)
        assert servers.migration_database_url is not None
        asyncio.run(analyze(servers.migration_database_url))
        single = {
            with_budget: max(_singly(servers.database_url, world, seconds, say, with_budget=with_budget))
            for with_budget in (True, False)
        }
        # pgbench without budgets leaves them fuller than its postings say, so what is audited is a city of its own.
        world = asyncio.run(_prepared())
        asyncio.run(analyze(servers.migration_database_url))
        found = {}
        for batch in BATCHES:
            for processes in PROCESSES:
                rate = found[batch, processes] = _batches(pool, world, batch, processes, seconds)
                say(f"earning.record, batches of {batch}, {processes} processes: {rate:,.0f}/s")
        say("audit")
        return Rates(single[True], single[False], found, asyncio.run(_differences(world.programme_id)))


def table(rates: Rates) -> Table:
    """Return the figures with their ratios and the machine."""
    shown = Table(title="Credited activities a second", caption=machine())
    for heading in ("", "processes", "activities/s", "x pgbench with budgets", "x pgbench without"):
        shown.add_column(heading, justify="left" if not heading else "right")
    shown.add_row("pgbench, with budgets", "", f"{rates.with_budget:,.0f}", "1.00", "")
    shown.add_row("pgbench, without", "", f"{rates.without_budget:,.0f}", "", "1.00")
    shown.add_section()
    for (batch, processes), rate in rates.batches.items():
        with_budget, without = rate / rates.with_budget, rate / rates.without_budget
        shown.add_row(f"batches of {batch:,}", str(processes), f"{rate:,.0f}", f"{with_budget:.2f}", f"{without:.2f}")
    return shown


def verdict(rates: Rates) -> str:
    """Return the best figure against the goals, in words."""
    (batch, processes), best = max(rates.batches.items(), key=lambda each: each[1])
    return (
        f"Best: {best:,.0f}/s in batches of {batch} from {processes} processes: "
        f"{best / rates.with_budget:.1f} times pgbench with budgets (goal {GOAL_WITH_BUDGET}), "
        f"{best / rates.without_budget:.2f} times without (goal {GOAL_WITHOUT}). "
        f"Audit: {rates.differences} differences."
    )


def _singly(url: str, world: World, seconds: int, say: Callable[[str], None], *, with_budget: bool) -> Iterator[float]:
    """Yield pgbench's rates, for every way to write the SQL and every number of clients."""
    for shape in pgbench.Shape:
        for clients in CLIENTS:
            rate = pgbench.rate(url, world, shape, clients=clients, seconds=seconds, with_budget=with_budget)
            say(f"pgbench, {shape}, {clients} clients, {'with' if with_budget else 'without'} budgets: {rate:,.0f}/s")
            yield rate


@contextmanager
def _processes(most: int) -> Iterator[ProcessPoolExecutor]:
    """Run processes of their own, as the service does; fresh ones, for an event loop does not survive a fork."""
    with ProcessPoolExecutor(most, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


async def _prepared() -> World:
    async with transaction() as session:
        world = await make_world(session, residents=_RESIDENTS, products=_PRODUCTS)
    await db.dispose()
    return world


def _batches(pool: ProcessPoolExecutor, world: World, batch: int, processes: int, seconds: float) -> float:
    """Return the activities a second of several processes together."""
    start = time.monotonic() + _SETTLE_SECONDS
    running = [pool.submit(credit, world, batch, start, seconds) for _ in range(processes)]
    return sum(each.result() for each in running)


def credit(world: World, batch: int, start: float, seconds: float) -> float:
    """Credit sales in batches from `start` (of the monotonic clock) on; return how many a second."""
    settle()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as in the API's processes
        return runner.run(_credit(world, batch, start, seconds))


async def _credit(world: World, batch: int, start: float, seconds: float) -> float:
    name, credited = f"{os.getpid()}-{new_id().hex}", 0
    await asyncio.sleep(max(0.0, start - time.monotonic()))
    begun = time.monotonic()
    while time.monotonic() < begun + seconds:
        sales = [_sale(world, f"{name}-{credited + number}") for number in range(batch)]
        async with transaction() as session:
            outcomes = await record(session, world.programme_id, sales, now=clock.now())
        assert all(isinstance(each, Receipt) and each.points for each in outcomes)
        credited += batch
    elapsed = time.monotonic() - begun
    await db.dispose()
    return credited / elapsed


def _sale(world: World, receipt: str) -> Sale:
    resident, gtin = random.choice(world.resident_ids), random.choice(world.gtins)  # noqa: S311 - load, not secrets
    return Sale(world.retailer_id, receipt, 1, "bench", resident, gtin, 1, clock.now())


async def _differences(programme_id: UUID) -> int:
    async with transaction() as session:
        findings = [*await ledger.audit(session, programme_id), *await audit.audit(session, programme_id)]
    await db.dispose()
    return sum(each.differences for each in findings)
