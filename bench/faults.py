"""`kill -9` in the middle of load: what was acknowledged must be there afterwards, once, and the books clean."""

import asyncio
import itertools
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg
import httpx
import psutil

from api import tokens
from api.principals import ResidentPrincipal
from bench.http import free_port
from bench.load import PATH
from bench.world import World, make_world
from core import clock, db
from core.db import transaction
from core.embedded import exported, servers
from core.embedded.folder import published
from core.settings import settings
from migrations.apply import upgrade

VICTIMS: Final = {
    "API process": ("core.serve",),
    "Celery worker": ("celery", " worker "),
    "Redis": ("redis-server",),
    "PostgreSQL": ("bin/postgres", " -D "),
}
"""Who is killed, by what stands in the command line of a process below `tanhui up`."""

_ROOT: Final = Path(__file__).parents[1]
_CALLERS: Final = 16
_RESIDENTS: Final = 200
_PRODUCTS: Final = 500
_UP_SECONDS: Final = 60
_RETRY_SECONDS: Final = 0.05
_LOAD_SECONDS: Final = 0.7
"""How long the load runs undisturbed before each killing."""


@dataclass(slots=True)
class Credited:
    """What the callers were told: the receipt of each scan by its number, and how often each status came."""

    receipts: dict[int, UUID] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What was found afterwards. Everything but `killed` and `acknowledged` has to be empty or zero."""

    killed: tuple[str, ...]
    acknowledged: int
    lost: int
    doubled: int
    unasked: int
    audit: str
    statuses: Counter[str]

    @property
    def clean(self) -> bool:
        """Whether nothing is lost, doubled, made up or wrong in the books."""
        return not (self.lost or self.doubled or self.unasked or self.audit)


@dataclass(frozen=True, slots=True)
class _City:
    """A world with its callers' tokens, in a data folder that `tanhui up` can be started on."""

    world: World
    tokens: tuple[str, ...]


def ordeal(*, rounds: int, say: Callable[[str], None]) -> Aftermath:
    """Start the service, kill each of its parts `rounds` times under load, and compare what it says with what it said.

    Raises:
        RuntimeError: the service did not come back.
    """
    beside = settings().data_dir.resolve()
    beside.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=beside))
    folder.chmod(0o711)
    try:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            city = pool.submit(_prepare, str(folder)).result()
        port = free_port()
        environment = os.environ | {"TANHUI_DATA_DIR": str(folder), "TANHUI_PORT": str(port)}
        for name in ("TANHUI_DATABASE_URL", "TANHUI_MIGRATION_DATABASE_URL", "TANHUI_REDIS_URL"):
            environment.pop(name, None)
        with _up(environment, folder / "up.log") as process:
            try:
                return asyncio.run(_suffer(process, city, folder, f"http://127.0.0.1:{port}", rounds, say))
            except RuntimeError as error:
                last_words = (folder / "up.log").read_text(encoding="utf-8", errors="replace")[-2000:]
                raise RuntimeError(f"{error}\nIt said: {last_words}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # the servers may still be clearing up after themselves


def _prepare(folder: str) -> _City:
    """Make a city in a fresh data folder; in a process of its own, for its settings are others."""
    with servers(Path(folder)) as found, exported(found.as_environment() | {"TANHUI_DATA_DIR": folder}):
        assert found.migration_database_url is not None
        asyncio.run(upgrade(found.migration_database_url, found.database_url))
        return asyncio.run(_city())


async def _city() -> _City:
    async with transaction() as session:
        world = await make_world(session, residents=_RESIDENTS, products=_PRODUCTS)
    await db.dispose()
    callers = (ResidentPrincipal(world.programme_id, each) for each in world.resident_ids)
    return _City(world, tuple(tokens.issue(each, now=clock.now(), minutes=1440) for each in callers))


@contextmanager
def _up(environment: dict[str, str], log: Path) -> Iterator[psutil.Process]:
    """Run `tanhui up` while the block runs."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "up"], cwd=_ROOT, env=environment, stdout=output, stderr=output
        )
        try:
            yield psutil.Process(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_UP_SECONDS)


async def _suffer(
    process: psutil.Process, city: _City, folder: Path, url: str, rounds: int, say: Callable[[str], None]
) -> Aftermath:
    credited, stop, killed = Credited(), asyncio.Event(), []
    limits = httpx.Limits(max_connections=_CALLERS + 1)
    async with httpx.AsyncClient(base_url=url, timeout=10, limits=limits, trust_env=False) as client:
        await _ready(client, process)
        numbers = itertools.count()
        async with asyncio.TaskGroup() as callers:
            for _ in range(_CALLERS):
                callers.create_task(_call(client, city, numbers, credited, stop))
            for name in [*VICTIMS] * rounds:
                await asyncio.sleep(_LOAD_SECONDS)
                before = len(credited.receipts)
                killed.append(await _kill(process, name))
                await _ready(client, process)
                await _moved_on(credited, before)
                say(f"{name} killed and back; {len(credited.receipts):,} scans acknowledged so far")
            stop.set()
    return await _aftermath(city, folder, credited, tuple(killed))


async def _call(
    client: httpx.AsyncClient, city: _City, numbers: Iterator[int], credited: Credited, stop: asyncio.Event
) -> None:
    """Scan one thing after the other; each is sent until it is acknowledged, as an app would."""
    while not stop.is_set():
        number = next(numbers)
        turn, caller = divmod(number, len(city.tokens))
        headers = {"Authorization": f"Bearer {city.tokens[caller]}", "Idempotency-Key": f"scan-{number}"}
        while number not in credited.receipts:
            try:
                answer = await client.post(PATH, json={"code": city.world.gtins[turn]}, headers=headers)
            except httpx.TransportError as error:
                credited.statuses[type(error).__name__] += 1
            else:
                credited.statuses[str(answer.status_code)] += 1
                if answer.is_success:
                    credited.receipts[number] = UUID(answer.json()["receipt"]["receipt_id"])
                    break
            await asyncio.sleep(_RETRY_SECONDS)


async def _kill(process: psutil.Process, name: str) -> str:
    """Kill one process of the service and return what it was; only what descends from our own `tanhui up`."""
    words = VICTIMS[name]
    for child in process.children(recursive=True):
        line = f"{' '.join(child.cmdline())} "
        if all(word in line for word in words):
            child.kill()
            await asyncio.to_thread(child.wait, _UP_SECONDS)
            return name
    raise RuntimeError(f"There is no {name} to kill below `tanhui up`.")


async def _ready(client: httpx.AsyncClient, process: psutil.Process) -> None:
    """Return once the service says that it is ready, or raise RuntimeError."""
    deadline, told = time.monotonic() + _UP_SECONDS, "nothing"
    while time.monotonic() < deadline and process.status() != psutil.STATUS_ZOMBIE:
        try:
            answer = await client.get("/readyz")
        except httpx.TransportError as error:
            told = repr(error)
        else:
            if answer.is_success:
                return
            told = answer.text
        await asyncio.sleep(_RETRY_SECONDS)
    raise RuntimeError(f"`tanhui up` ended, or was not ready within {_UP_SECONDS} s; the last answer was {told}")


async def _moved_on(credited: Credited, before: int) -> None:
    """Return once scans are acknowledged again that were not before, or raise RuntimeError."""
    deadline = time.monotonic() + _UP_SECONDS
    while len(credited.receipts) <= before + _CALLERS:
        if time.monotonic() > deadline:
            raise RuntimeError(f"No scan was credited within {_UP_SECONDS} s; answers: {credited.statuses}")
        await asyncio.sleep(_RETRY_SECONDS)


async def _aftermath(city: _City, folder: Path, credited: Credited, killed: tuple[str, ...]) -> Aftermath:
    urls = published(folder)
    assert urls is not None
    connection = await asyncpg.connect(urls["TANHUI_DATABASE_URL"])
    try:
        rows = await connection.fetch(
            "SELECT activity_id, resident_id, gtin FROM activity JOIN basis USING (programme_id, basis_id) "
            "WHERE programme_id = $1",
            city.world.programme_id,
        )
    finally:
        await connection.close()
    stored = {row["activity_id"]: (row["resident_id"], row["gtin"]) for row in rows}
    asked = {receipt: _about(city.world, number) for number, receipt in credited.receipts.items()}
    return Aftermath(
        killed=killed,
        acknowledged=len(credited.receipts),
        lost=sum(stored.get(receipt) != about for receipt, about in asked.items()),
        doubled=len(stored) - len(set(stored.values())) + len(credited.receipts) - len(asked),
        unasked=len(stored.keys() - asked.keys()),
        audit=await _audit(city.world, urls | {"TANHUI_DATA_DIR": str(folder)}),
        statuses=credited.statuses,
    )


def _about(world: World, number: int) -> tuple[UUID, str]:
    turn, caller = divmod(number, len(world.resident_ids))
    return world.resident_ids[caller], world.gtins[turn]


async def _audit(world: World, environment: dict[str, str]) -> str:
    """Run `tanhui audit --receipts`; return nothing when it finds no difference, else what it says."""
    command = (sys.executable, "-m", "cli", "audit", "--programme", world.slug, "--receipts")
    done = await asyncio.create_subprocess_exec(
        *command,
        cwd=_ROOT,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await done.communicate()
    return said.decode() if done.returncode else ""
