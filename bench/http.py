"""A credited scan over HTTP, beside the same application without a database and beside a plain variant, in one run."""

import asyncio
import multiprocessing
import os
import socket
import statistics
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final, Literal

import psutil
from rich.table import Table

from bench.ground import analyze, ground
from bench.load import PATH, PATH_WITHOUT_DATABASE, Answers, Script, drive, script_of
from bench.machine import machine
from bench.world import World, make_world
from core import db
from core.children import Child, Program
from core.db import transaction
from core.embedded import Servers
from core.supervisor import running, wait_until_ready
from points import ledger
from points.earning import audit

CONNECTIONS: Final = 64
CREATED: Final = 201
_RESIDENTS: Final = 20_000
_PRODUCTS: Final = 500
_CALLERS: Final = 5000
_WARM_REQUESTS: Final = 2000
_UNLIMITED: Final = 10**9

GOAL_OF_BARE: Final = 0.5
GOAL_OF_PLAIN: Final = 4.0
GOAL_P99: Final = 3.0
GOAL_MEBIBYTES: Final = 200


@dataclass(frozen=True, slots=True)
class Figure:
    """One round of one route."""

    rate: float
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Compared:
    """The rounds of each route, and what the audit found afterwards."""

    rounds: dict[str, list[Figure]]
    workers: int
    acknowledged: int
    credited: int
    differences: int


@dataclass(frozen=True, slots=True)
class Memory:
    """Mebibytes of each API process, after each share of the scans."""

    scans: int
    samples: list[tuple[int, list[float]]]


SCANS, BARE, PLAIN = "credited scans", "no database", "one ORM transaction each"


def compare(*, rounds: int, seconds: float, workers: int, say: Callable[[str], None]) -> Compared:
    """Measure the three routes in turn, several times over, so that what the machine does meanwhile hits all alike."""
    with _stage(workers, plain=True) as stage:
        targets = {
            SCANS: script_of(stage.world, PATH, stage.port, callers=_CALLERS),
            BARE: script_of(stage.world, PATH_WITHOUT_DATABASE, stage.port, callers=_CALLERS),
            PLAIN: script_of(stage.plain_world, PATH, stage.plain_port, callers=_CALLERS),
        }
        following = {name: _warm(stage.client, script) for name, script in targets.items()}
        measured: dict[str, list[Figure]] = {name: [] for name in targets}
        acknowledged = _WARM_REQUESTS
        for number in range(1, rounds + 1):
            for name, script in targets.items():
                answers = _drive(stage.client, script, first=following[name], seconds=seconds)
                following[name] = answers.following
                acknowledged += len(answers.latencies) if name == SCANS else 0
                figure = Figure(answers.rate, answers.latency(0.5), answers.latency(0.99))
                measured[name].append(figure)
                say(f"round {number}, {name}: {figure.rate:,.0f}/s, p99 {figure.p99 * 1000:.1f} ms")
        credited, differences = asyncio.run(_audited(stage.world))
        return Compared(measured, workers, acknowledged, credited, differences)


def memory(*, scans: int, workers: int, say: Callable[[str], None]) -> Memory:
    """Credit `scans` scans and look at the size of the API's processes every tenth of them."""
    with _stage(workers, plain=False) as stage:
        script = script_of(stage.world, PATH, stage.port, callers=_CALLERS)
        following = _warm(stage.client, script)
        samples = [(following, _sizes(stage.children))]
        while following < scans:
            answers = _drive(stage.client, script, first=following, seconds=_UNLIMITED, most=scans // 10)
            following = answers.following
            samples.append((following, _sizes(stage.children)))
            say(f"{following:,} scans: {', '.join(f'{size:.0f}' for size in samples[-1][1])} MiB")
        return Memory(following, samples)


def table(found: Compared) -> Table:
    """Return the medians over the rounds, with ratios and the machine."""
    caption = f"{CONNECTIONS} connections, {found.workers} API processes, {machine()}"
    shown = Table(title="Requests a second over HTTP (medians over the rounds)", caption=caption)
    for heading in ("route", "requests/s", "p50 ms", "p99 ms", "scans are"):
        shown.add_column(heading, justify="left" if heading == "route" else "right")
    for name, figures in found.rounds.items():
        rate, p50, p99 = (statistics.median(getattr(each, part) for each in figures) for part in ("rate", "p50", "p99"))
        ratio = "" if name == SCANS else f"{_ratio(found, name, 'rate'):.2f} x"
        shown.add_row(name, f"{rate:,.0f}", f"{p50 * 1000:.1f}", f"{p99 * 1000:.1f}", ratio)
    return shown


def verdict(found: Compared) -> str:
    """Return the ratios against the goals, and what the audit says, in words."""
    return (
        f"Scans do {_ratio(found, BARE, 'rate'):.2f} of the route without a database (goal {GOAL_OF_BARE}) and "
        f"{_ratio(found, PLAIN, 'rate'):.1f} times the plain variant (goal {GOAL_OF_PLAIN}); their p99 is "
        f"{_ratio(found, BARE, 'p99'):.1f} times that without a database (goal at most {GOAL_P99}). "
        f"{found.acknowledged:,} scans acknowledged, {found.credited:,} receipts, {found.differences} differences."
    )


def _ratio(found: Compared, other: str, part: Literal["rate", "p99"]) -> float:
    """Return the median over the rounds of scans against another route of the same round."""
    pairs = zip(found.rounds[SCANS], found.rounds[other], strict=True)
    if part == "rate":
        return statistics.median(ours.rate / theirs.rate for ours, theirs in pairs)
    return statistics.median(ours.p99 / theirs.p99 for ours, theirs in pairs)


@dataclass(frozen=True, slots=True)
class _Stage:
    world: World
    plain_world: World
    port: int
    plain_port: int
    children: list[Child]
    client: ProcessPoolExecutor


@contextmanager
def _stage(workers: int, *, plain: bool) -> Iterator[_Stage]:
    """Run the service, and the plain variant with as many processes, on servers of their own."""
    with ExitStack() as ending:
        servers = ending.enter_context(ground())
        world, plain_world = asyncio.run(_prepared(servers))
        port, plain_port = free_port(), free_port()
        client = ending.enter_context(ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")))
        children = ending.enter_context(running(api_programs("bench.measured:app", port, workers)))
        wait_until_ready(f"http://127.0.0.1:{port}/readyz", children)
        if plain:
            beside = ending.enter_context(running(api_programs("bench.plain.app:app", plain_port, workers, pool=32)))
            wait_until_ready(f"http://127.0.0.1:{plain_port}/readyz", beside)
        yield _Stage(world, plain_world, port, plain_port, children, client)


def api_programs(application: str, port: int, workers: int, *, pool: int = 8) -> list[Program]:
    """Return the processes that serve `application`, as `tanhui up` runs them."""
    command = (sys.executable, "-m", "core.serve", application, "127.0.0.1", str(port))
    environment = os.environ | {
        "TANHUI_CODE_DELIVERY": "none",
        "TANHUI_DATABASE_POOL_SIZE": str(pool),
        "TANHUI_LOG_LEVEL": "WARNING",
    }
    return [Program(f"{application} {number}", command, environment) for number in range(1, workers + 1)]


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _prepared(servers: Servers) -> tuple[World, World]:
    assert servers.migration_database_url is not None
    async with transaction() as session:
        world = await make_world(session, residents=_RESIDENTS, products=_PRODUCTS)
    async with transaction() as session:
        plain_world = await make_world(session, residents=_RESIDENTS, products=_PRODUCTS)
    await analyze(servers.migration_database_url)
    await db.dispose()
    return world, plain_world


def _warm(client: ProcessPoolExecutor, script: Script) -> int:
    return _drive(client, script, first=0, seconds=_UNLIMITED, most=_WARM_REQUESTS).following


def _drive(
    client: ProcessPoolExecutor, script: Script, *, first: int, seconds: float, most: int = _UNLIMITED
) -> Answers:
    """Drive from a process of its own; every answer must be a credit, and no pair of resident and product repeat."""
    room = len(script.heads) * len(script.bodies) - first
    asked = client.submit(drive, script, first=first, most=min(most, room), connections=CONNECTIONS, seconds=seconds)
    answers = asked.result()
    if answers.broken or set(answers.statuses) != {CREATED}:
        raise RuntimeError(f"Not every request was answered by 201: {answers.statuses}, {answers.broken} broken.")
    return answers


def _sizes(children: list[Child]) -> list[float]:
    return [psutil.Process(child.pid).memory_info().rss / 2**20 for child in children]


async def _audited(world: World) -> tuple[int, int]:
    async with transaction() as session:
        findings = [*await ledger.audit(session, world.programme_id), *await audit.audit(session, world.programme_id)]
    await db.dispose()
    receipts = next(each.checked for each in findings if each.name == "every receipt has exactly one claim")
    return receipts, sum(each.differences for each in findings)
