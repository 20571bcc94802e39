"""Whether recording and reading stay as fast as the first day with millions of activities there, and their bytes.

At each size the grown database has its turns in alternation with a copy of it as it was before: what else the machine
does meanwhile hits both alike, so that their ratio means something even where their rates do not.
"""

import asyncio
import multiprocessing
import random
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
import uvloop

from bench.ground import ground
from bench.growth_figures import BATCH, PROCESSES, RESIDENTS, Grown, Reads, Size, Turn, quantiles
from bench.growth_fill import BASKET, FIRST, Span, fill
from bench.sizes import Sizes, shares, sizes
from bench.world import World, make_world
from core import clock, db
from core.db import transaction
from core.embedded import Servers, exported
from core.garbage import settle
from core.ids import new_id
from points import ledger
from points.earning import audit
from points.earning.activities import Receipt, Sale
from points.earning.credits import record

PRODUCTS: Final = 5_000
HISTORY: Final = timedelta(days=730)
MILLION: Final = 1_000_000
_EXPIRY_MONTHS: Final = 36
"""Longer than the history, so that no lot of it has lapsed: reading must find its way among them all."""
TILLS: Final = 20
"""Of the store that a process records: each numbers its own receipts."""
_READS: Final = 1_000
_SETTLE_SECONDS: Final = 2.0
_WARM_SECONDS: Final = 20.0
"""Until what is used all the time has been read again after the filling, and logged as a whole after the checkpoint."""
_FRESH: Final = "fresh"


@dataclass(frozen=True, slots=True)
class _Stage:
    servers: Servers
    world: World
    pool: ProcessPoolExecutor
    empty: Sizes

    @property
    def owner_url(self) -> str:
        assert self.servers.migration_database_url is not None
        return self.servers.migration_database_url

    @property
    def url(self) -> str:
        assert self.servers.database_url is not None
        return self.servers.database_url


def measure(
    *, millions: tuple[int, ...], rounds: int, seconds: float, campaign: bool, say: Callable[[str], None]
) -> Grown:
    """Measure at each size in turn; the database only grows. With `campaign`, one pays for every activity as well."""
    context = multiprocessing.get_context("spawn")
    with ground() as servers, ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        assert servers.migration_database_url is not None
        world = asyncio.run(_prepared(campaign_pays=campaign))
        stage = _Stage(servers, world, pool, asyncio.run(sizes(servers.migration_database_url)))
        asyncio.run(_record_first(world))
        asyncio.run(_superuser(stage.url, f"CREATE DATABASE {_FRESH} TEMPLATE tanhui"))
        asyncio.run(_tidied(fresh(stage.url)))
        found, there = [], 0
        for wanted in sorted(millions):
            asyncio.run(_grow(stage, wanted * MILLION - there, there, max(millions) * MILLION, say))
            there = max(there, wanted * MILLION)
            found.append(_size(stage, there, rounds, seconds, say))
        say("audit")
        return Grown(found, asyncio.run(_differences(world.programme_id)))


def fresh(url: str) -> str:
    """Return the URL of the database that stays as it was."""
    address, question, host = url.partition("?")
    return address.rpartition("/")[0] + f"/{_FRESH}{question}{host}"


async def _grow(stage: _Stage, more: int, there: int, most: int, say: Callable[[str], None]) -> None:
    """Add activities from where the history stands to where it stands with them, and let the server see to itself."""
    if more > 0:
        begins, ends = (HISTORY * (share / most) - HISTORY for share in (there, there + more))
        await fill(stage.owner_url, stage.world, Span(more, begins, ends), say)
    await _tidied(stage.url)


async def _tidied(url: str) -> None:
    """Do what autovacuum would do within minutes, so that it is not done in the middle of a turn."""
    await _superuser(url, "VACUUM (ANALYZE)", "CHECKPOINT")


async def _superuser(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url.replace("://tanhui@", "://postgres@"))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def _size(stage: _Stage, activities: int, rounds: int, seconds: float, say: Callable[[str], None]) -> Size:
    counted = asyncio.run(_counted(stage))
    found = shares(stage.empty, asyncio.run(sizes(stage.owner_url)), counted)
    reads = asyncio.run(_reads(stage.world))
    for url in (stage.url, fresh(stage.url)):
        _turn(stage, url, _WARM_SECONDS)
    grown, first = [], []
    for number in range(1, rounds + 1):
        grown.append(_turn(stage, stage.url, seconds))
        first.append(_turn(stage, fresh(stage.url), seconds))
        say(f"{activities:,} there, round {number}: {grown[-1].rate:,.0f}/s beside {first[-1].rate:,.0f}/s fresh")
    return Size(activities, grown, first, reads, found)


def _turn(stage: _Stage, url: str, seconds: float) -> Turn:
    start = time.monotonic() + _SETTLE_SECONDS
    running = [stage.pool.submit(recorded, url, stage.world, start, seconds) for _ in range(PROCESSES)]
    took = [each for done in running for each in done.result()]
    return Turn(len(took) * BATCH / seconds, *quantiles(took))


def recorded(url: str, world: World, start: float, seconds: float) -> list[float]:
    """Record batches in a database from `start` (of the monotonic clock) on; return how long each took."""
    settle()
    with exported({"TANHUI_DATABASE_URL": url}), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_recorded(world, start, seconds))


async def _recorded(world: World, start: float, seconds: float) -> list[float]:
    name = new_id().hex
    took: list[float] = []
    await asyncio.sleep(max(0.0, start - time.monotonic()))
    while (begun := time.monotonic()) < start + seconds:
        await _record(world, name, len(took), BATCH)
        took.append(time.monotonic() - begun)
    await db.dispose()
    return took


async def _record(world: World, store: str, done: int, batch: int) -> None:
    """Record the next receipts of a store's tills, of as many lines as those that the history is made of."""
    now = clock.now()
    drawn = random.Random(f"{store}-{done}")  # noqa: S311 - load, not secrets
    buyers = [drawn.choice(world.resident_ids) for _ in range(-(-batch // BASKET))]
    receipts = [divmod(done * len(buyers) + each, TILLS) for each in range(len(buyers))]
    names = [f"{store}-{till:02}-{running:06}" for running, till in receipts]
    sales = [
        Sale(
            retailer_id=world.retailer_id,
            receipt=names[number // BASKET],
            line=number % BASKET + 1,
            member_code="bench",
            resident_id=buyers[number // BASKET],
            code=drawn.choice(world.gtins),
            quantity=1,
            effective_at=now,
        )
        for number in range(batch)
    ]
    async with transaction() as session:
        outcomes = await record(session, world.programme_id, sales, now=now)
    assert all(isinstance(each, Receipt) and each.points for each in outcomes)


async def _record_first(world: World) -> None:
    """Record what the others are copied from."""
    for number in range(FIRST // BATCH):
        await _record(world, "first", number, BATCH)
    await db.dispose()


async def _reads(world: World) -> Reads:
    """Read what residents have and how it came about, one at a time."""
    now = clock.now()

    async def balance(resident_id: UUID) -> None:
        async with transaction() as session:
            await ledger.holdings(session, world.programme_id, resident_id, now=now)

    async def page(resident_id: UUID) -> None:
        async with transaction() as session:
            await ledger.statement(session, world.programme_id, resident_id)

    found = [await _timed(each, world) for each in (balance, page)]
    await db.dispose()
    return Reads(*found[0], *found[1])


async def _timed(read: Callable[[UUID], Awaitable[None]], world: World) -> tuple[float, float]:
    took: list[float] = []
    for number, resident_id in enumerate(random.sample(world.resident_ids, _READS + _READS // 10)):
        begun = time.perf_counter()
        await read(resident_id)
        if number >= _READS // 10:  # the first prepare statements and open the connection
            took.append(time.perf_counter() - begun)
    return quantiles(took)


async def _counted(stage: _Stage) -> int:
    connection = await asyncpg.connect(stage.owner_url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM activity"))
    finally:
        await connection.close()


async def _prepared(*, campaign_pays: bool) -> World:
    async with transaction() as session:
        world = await make_world(
            session,
            residents=RESIDENTS,
            products=PRODUCTS,
            expiry_months=_EXPIRY_MONTHS,
            campaign_pays=campaign_pays,
        )
    await db.dispose()
    return world


async def _differences(programme_id: UUID) -> int:
    async with transaction() as session:
        findings = [*await ledger.audit(session, programme_id), *await audit.audit(session, programme_id)]
    await db.dispose()
    return sum(each.differences for each in findings)
