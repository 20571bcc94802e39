"""Looking a product up among 600,000, beside the same application answering without a database, in one run."""

import asyncio
import multiprocessing
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

import httpx
from rich.table import Table

from bench.ground import ground
from bench.http import api_programs, free_port
from bench.load import Answers, Script, drive
from bench.machine import machine
from bench.registry import CATEGORIES, COMPARISON_PATH, PRODUCT_PATH, PRODUCTS, fill
from core.supervisor import running, wait_until_ready

CONNECTIONS: Final = 64
_ASKED: Final = 20_000
"""How many different products are asked for, drawn at random from all of them."""
_KNOWN: Final = 1_000
"""How many of them are asked for again with the ETag that came the first time."""
_WARM: Final = 2_000
_UNLIMITED: Final = 10**9
_OK: Final = 200
_NOT_MODIFIED: Final = 304

PRODUCT: Final = "product, certificate and footprint"
PRODUCT_BARE: Final = "the same without a database"
COMPARISON: Final = "comparator"
COMPARISON_BARE: Final = "the comparator without a database"
REVALIDATED: Final = "product, revalidated by its ETag"
_BESIDE: Final = {PRODUCT: PRODUCT_BARE, COMPARISON: COMPARISON_BARE, REVALIDATED: PRODUCT_BARE}


@dataclass(frozen=True, slots=True)
class Figure:
    """One round of one route: answers a second over many connections, and the median seconds over one."""

    rate: float
    p50: float
    p50_alone: float


@dataclass(frozen=True, slots=True)
class LookedUp:
    """The rounds of each route."""

    rounds: dict[str, list[Figure]]
    workers: int


@dataclass(frozen=True, slots=True)
class _Target:
    script: Script
    status: int


def measure(*, rounds: int, seconds: float, workers: int, say: Callable[[str], None]) -> LookedUp:
    """Measure every route in turn, several times over, so that what the machine does meanwhile hits all alike."""
    found: dict[str, list[Figure]] = {}
    with _stage(workers, say) as (targets, client):
        for target in targets.values():
            _drive(client, target, connections=CONNECTIONS, seconds=_UNLIMITED, most=_WARM)
        for number in range(1, rounds + 1):
            for name, target in targets.items():
                many = _drive(client, target, connections=CONNECTIONS, seconds=seconds)
                alone = _drive(client, target, connections=1, seconds=seconds / 2)
                figure = Figure(many.rate, many.latency(0.5), alone.latency(0.5))
                found.setdefault(name, []).append(figure)
                say(f"round {number}, {name}: {figure.rate:,.0f}/s, p50 {figure.p50 * 1000:.2f} ms")
    return LookedUp(found, workers)


def table(found: LookedUp) -> Table:
    """Return the medians over the rounds, with the machine."""
    caption = f"{PRODUCTS:,} products in {CATEGORIES:,} categories, {found.workers} API processes, {machine()}"
    shown = Table(title="Look-ups over HTTP (medians over the rounds)", caption=caption)
    headings = ("route", f"requests/s at {CONNECTIONS}", "p50 ms", "p50 ms alone", "of no database")
    for heading in headings:
        shown.add_column(heading, justify="left" if heading == "route" else "right")
    for name, figures in found.rounds.items():
        rate, p50, alone = (
            statistics.median(getattr(each, part) for each in figures) for part in ("rate", "p50", "p50_alone")
        )
        share = f"{_share(found, name):.2f}" if name in _BESIDE else ""
        shown.add_row(name, f"{rate:,.0f}", f"{p50 * 1000:.2f}", f"{alone * 1000:.2f}", share)
    return shown


def _share(found: LookedUp, name: str) -> float:
    pairs = zip(found.rounds[name], found.rounds[_BESIDE[name]], strict=True)
    return statistics.median(ours.rate / bare.rate for ours, bare in pairs)


@contextmanager
def _stage(workers: int, say: Callable[[str], None]) -> Iterator[tuple[dict[str, _Target], ProcessPoolExecutor]]:
    """Run the service over a full registry on a server of its own; yield what to ask it, and who asks."""
    with ExitStack() as ending:
        servers = ending.enter_context(ground())
        assert servers.migration_database_url is not None
        say(f"registering {PRODUCTS:,} products")
        gtins = asyncio.run(fill(servers.migration_database_url))
        asked = random.sample(gtins, _ASKED)
        port = free_port()
        client = ending.enter_context(ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")))
        children = ending.enter_context(running(api_programs("bench.looked_up:app", port, workers)))
        wait_until_ready(f"http://127.0.0.1:{port}/readyz", children)
        yield _targets(port, asked), client


def _targets(port: int, asked: Sequence[str]) -> dict[str, _Target]:
    tags = _tags(port, asked[:_KNOWN])
    products = [f"/v1/products/{gtin}" for gtin in asked]
    plain = {
        PRODUCT: products,
        PRODUCT_BARE: [f"{PRODUCT_PATH}/{gtin}" for gtin in asked],
        COMPARISON: [f"{path}/comparison" for path in products],
        COMPARISON_BARE: [f"{COMPARISON_PATH}/{gtin}" for gtin in asked],
    }
    targets = {name: _Target(_script(port, [(path, "") for path in paths]), _OK) for name, paths in plain.items()}
    known = [(path, f"if-none-match: {tag}\r\n") for path, tag in zip(products, tags, strict=False)]
    return targets | {REVALIDATED: _Target(_script(port, known), _NOT_MODIFIED)}


def _script(port: int, requests: Sequence[tuple[str, str]]) -> Script:
    heads = tuple(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{more}\r\n".encode() for path, more in requests)
    return Script("127.0.0.1", port, heads, (b"",))


def _tags(port: int, asked: Sequence[str]) -> list[str]:
    """Return the ETags of products, having seen that each is complete: certified, with a footprint and a saving."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        answers = [client.get(f"/v1/products/{gtin}") for gtin in asked]
    for answer in answers:
        page = answer.json()
        if not (page["certificates"] and page["footprints"] and (page["potential"] or page["obstacle"])):
            raise RuntimeError(f"This is no complete product: {answer.text[:500]}")
    return [answer.headers["ETag"] for answer in answers]


def _drive(
    client: ProcessPoolExecutor, target: _Target, *, connections: int, seconds: float, most: int = _UNLIMITED
) -> Answers:
    """Drive from a process of its own; every answer must be the one expected."""
    asking = client.submit(drive, target.script, first=0, most=most, connections=connections, seconds=seconds)
    answers = asking.result()
    if answers.broken or set(answers.statuses) != {target.status}:
        raise RuntimeError(f"Not every request was answered by {target.status}: {answers.statuses}, {answers.broken}.")
    return answers
