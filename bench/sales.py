"""Sale lines over HTTP in batches, beside pgbench, a plain variant and django-hordak, on one server in one run."""

import asyncio
import multiprocessing
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from rich.table import Table

from bench import hordak, pgbench
from bench.ground import analyze, ground
from bench.http import api_programs, free_port
from bench.load import Answers, drive
from bench.machine import machine
from bench.till import Till, till_of
from bench.world import World, make_world
from core import clock, db
from core.db import transaction
from core.supervisor import running, wait_until_ready
from points import ledger
from points.earning import audit
from points.programmes import access

BATCHES: Final = (100, 1000)
CONNECTIONS: Final = 16
OK: Final = 200
_RESIDENTS: Final = 200_000
_PRODUCTS: Final = 500
_CLIENTS: Final = (4, 16, 64)
_WARM_SECONDS: Final = 3.0
_UNLIMITED: Final = 10**9

GOAL_LINES: Final = 10_000
GOAL_OF_PGBENCH: Final = 1.2
GOAL_OF_HORDAK: Final = 20.0

PGBENCH, PLAIN = "pgbench, one activity each", "one ORM transaction a request"
HORDAK, HORDAK_ONE = "django-hordak, an activity's three transfers", "django-hordak, one transfer"
_PEERS: Final = (PGBENCH, PLAIN, HORDAK, HORDAK_ONE)


@dataclass(frozen=True, slots=True)
class Figure:
    """One turn: things a second, and the seconds a request took."""

    rate: float
    p50: float | None = None
    p99: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """Every turn of each contender, and what the audit of ours found."""

    turns: Mapping[str, list[Figure]]
    acknowledged: int
    credited: int
    differences: int
    without_hordak: str | None

    @property
    def ours(self) -> list[str]:
        """The names of our own turns."""
        return [name for name in self.turns if not name.startswith(_PEERS)]

    @property
    def best(self) -> str:
        """The fastest of ours by its median."""
        return max(self.ours, key=lambda name: statistics.median(each.rate for each in self.turns[name]))


@dataclass(frozen=True, slots=True)
class _Contender:
    name: str
    turn: Callable[[], Figure]


def measure(*, rounds: int, seconds: int, workers: tuple[int, ...], say: Callable[[str], None]) -> Measured:
    """Give each contender its turn, several times over: what the machine does meanwhile hits all alike."""
    with _stage(workers, seconds, say) as stage:
        turns: dict[str, list[Figure]] = defaultdict(list)
        for number in range(1, rounds + 1):
            for contender in stage.contenders:
                figure = contender.turn()
                turns[contender.name].append(figure)
                say(f"round {number}, {contender.name}: {figure.rate:,.0f}/s")
        say("audit")
        credited, differences = asyncio.run(_audited(stage.world))
        return Measured(dict(turns), sum(stage.done), credited, differences, hordak.missing())


def ratio(turns: Mapping[str, list[Figure]], ours: str, theirs: str) -> float:
    """Return the median over the rounds of one rate against another of the same round."""
    pairs = zip(turns[ours], turns[theirs], strict=True)
    return statistics.median(mine.rate / other.rate for mine, other in pairs)


def table(found: Measured) -> Table:
    """Return the medians over the rounds, with what the best of ours is to each."""
    shown = Table(title="Credited sale lines a second over HTTP (medians over the rounds)", caption=machine())
    for heading in ("", "lines/s", "request p50 ms", "p99 ms", "best of ours is"):
        shown.add_column(heading, justify="left" if not heading else "right")
    for name, figures in found.turns.items():
        rate = statistics.median(each.rate for each in figures)
        p50, p99 = (_milliseconds([getattr(each, part) for each in figures]) for part in ("p50", "p99"))
        shown.add_row(name, f"{rate:,.0f}", p50, p99, f"{ratio(found.turns, found.best, name):.2f} x")
    return shown


def verdict(found: Measured) -> str:
    """Return the best figure against the goals, and what the audit says, in words."""
    best = statistics.median(each.rate for each in found.turns[found.best])
    beside = f"{ratio(found.turns, found.best, PGBENCH):.2f} times pgbench's best without budgets"
    if HORDAK in found.turns:
        three, one = (ratio(found.turns, found.best, each) for each in (HORDAK, HORDAK_ONE))
        against = f"{three:.0f} times django-hordak's three transfers (goal {GOAL_OF_HORDAK:.0f}), {one:.1f} times one"
    else:
        against = f"django-hordak was not measured: {found.without_hordak}"
    return (
        f"Best: {best:,.0f} lines/s, {found.best}: {beside} (goal {GOAL_LINES:,} lines/s or {GOAL_OF_PGBENCH} times); "
        f"{against}. {found.acknowledged:,} lines acknowledged, {found.credited:,} receipts, "
        f"{found.differences} differences."
    )


def _milliseconds(found: list[float | None]) -> str:
    known = [each for each in found if each is not None]
    return f"{statistics.median(known) * 1000:.1f}" if known else ""


@dataclass(frozen=True, slots=True)
class _Stage:
    world: World
    contenders: list[_Contender]
    done: list[int]


@contextmanager
def _stage(workers: tuple[int, ...], seconds: int, say: Callable[[str], None]) -> Iterator[_Stage]:
    """Run everybody on one server; those whose turn it is not are idle."""
    with ExitStack() as ending:
        servers = ending.enter_context(ground())
        assert servers.migration_database_url is not None
        assert servers.database_url is not None
        (world, key), (plain_world, plain_key), (bare_world, _) = asyncio.run(_prepared(servers.migration_database_url))
        client = ending.enter_context(ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")))
        stage = _Stage(world, [], [])
        for count in workers:
            port = _served(ending, "bench.measured:app", count)
            for lines in BATCHES:
                till = till_of(world, key, port, name=f"w{count}-{lines}", lines=lines, sold_at=clock.now())
                turn = _till_turn(client, till, lines, seconds, stage.done)
                stage.contenders.append(_Contender(f"{lines:,} lines a request, {count} API processes", turn))
        port = _served(ending, "bench.plain.app:app", max(workers), pool=8)
        till = till_of(plain_world, plain_key, port, name="plain", lines=BATCHES[0], sold_at=clock.now())
        turn = _till_turn(client, till, BATCHES[0], seconds, [])
        stage.contenders.append(_Contender(f"{PLAIN} of {BATCHES[0]} lines", turn))
        stage.contenders.append(_Contender(PGBENCH, _pgbench_turn(servers.database_url, bare_world, seconds, say)))
        if hordak.missing() is None:
            rate_of = ending.enter_context(hordak.peer(servers.migration_database_url))
            stage.contenders.append(_Contender(HORDAK, lambda: Figure(rate_of(3, seconds))))
            stage.contenders.append(_Contender(HORDAK_ONE, lambda: Figure(rate_of(1, seconds))))
        # All were warmed up on tables that had been empty; autovacuum would tell the planner so within a minute.
        asyncio.run(analyze(servers.migration_database_url))
        yield stage


def _served(ending: ExitStack, application: str, workers: int, *, pool: int = 8) -> int:
    """Start an application in several processes until `ending` ends; return the port they share."""
    port = free_port()
    children = ending.enter_context(running(api_programs(application, port, workers, pool=pool)))
    wait_until_ready(f"http://127.0.0.1:{port}/readyz", children)
    return port


def _till_turn(
    client: ProcessPoolExecutor, till: Till, lines: int, seconds: float, done: list[int]
) -> Callable[[], Figure]:
    """Return a turn of a till; it warms up here, and every line of every answer must be a credit."""
    following = [0]

    def turn(lasting: float = seconds) -> Figure:
        asked = client.submit(
            drive, till, first=following[0], most=_UNLIMITED, connections=CONNECTIONS, seconds=lasting
        )
        answers: Answers = asked.result()
        following[0] = answers.following
        if answers.broken or set(answers.statuses) != {OK} or answers.done != lines * len(answers.latencies):
            raise RuntimeError(f"Not every line was credited: {answers.statuses}, {answers.done:,} were.")
        done.append(answers.done)
        return Figure(answers.done / answers.seconds, answers.latency(0.5), answers.latency(0.99))

    turn(_WARM_SECONDS)
    return turn


def _pgbench_turn(url: str, world: World, seconds: int, say: Callable[[str], None]) -> Callable[[], Figure]:
    """Return a turn of pgbench as it does best: every shape and number of clients is tried first."""
    tried = {
        (shape, clients): pgbench.rate(url, world, shape, clients=clients, seconds=seconds, with_budget=False)
        for shape in pgbench.Shape
        for clients in _CLIENTS
    }
    for (shape, clients), rate in tried.items():
        say(f"pgbench, {shape}, {clients} clients, without budgets: {rate:,.0f}/s")
    shape, clients = max(tried, key=lambda each: tried[each])
    return lambda: Figure(pgbench.rate(url, world, shape, clients=clients, seconds=seconds, with_budget=False))


async def _prepared(owner_url: str) -> list[tuple[World, str]]:
    """Make a world for ours, for the plain variant and for pgbench, which leaves its own unbalanced; with keys."""
    made = []
    for _ in range(3):
        async with transaction() as session:
            world = await make_world(session, residents=_RESIDENTS, products=_PRODUCTS)
            key = await access.issue_key(
                session, world.programme_id, world.retailer_id, name="bench", scopes=[access.Scope.SALES_WRITE]
            )
            made.append((world, key.secret))
    await analyze(owner_url)
    await db.dispose()
    return made


async def _audited(world: World) -> tuple[int, int]:
    async with transaction() as session:
        findings = [*await ledger.audit(session, world.programme_id), *await audit.audit(session, world.programme_id)]
    await db.dispose()
    receipts = next(each.checked for each in findings if each.name == "every receipt has exactly one claim")
    return receipts, sum(each.differences for each in findings)
