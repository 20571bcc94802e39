"""`kill -9` in the middle of load: what was acknowledged must be there afterwards, once, and the books clean."""

import asyncio
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx
import psutil

from api import tokens
from api.principals import ResidentPrincipal
from bench.fault_callers import RETRY_SECONDS, Callers, City, Told
from bench.fault_files import LINES, credited, ended, hand_in
from bench.http import free_port
from bench.world import World, make_world
from core import clock, db
from core.db import transaction
from core.embedded import exported, servers
from core.embedded.folder import published
from core.settings import settings
from migrations.apply import upgrade
from points.programmes.access import Scope, issue_key

VICTIMS: Final = {
    "API process": ("core.serve",),
    "Celery worker": ("celery", " worker "),
    "Redis": ("redis-server",),
    "PostgreSQL": ("bin/postgres", " -D "),
    "Beat": ("celery", " beat "),
}
"""Who is killed, by what stands in the command line of a process below `tanhui up`."""

_ROOT: Final = Path(__file__).parents[1]
_SCANNERS: Final = 12
_TILLS: Final = 3
_RESIDENTS: Final = 200
_PRODUCTS: Final = 500
_UP_SECONDS: Final = 60
_LOAD_SECONDS: Final = 0.7
"""How long the load runs undisturbed before each killing."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What was found afterwards: how much was acknowledged of each kind; whatever else is counted has to be zero.

    `lost` was acknowledged and is not there, `doubled` is there or was acknowledged more than once, `unasked` is there
    and nobody was told of it. `files` are imports, of which `unfinished` did not end with every line credited.
    """

    killed: tuple[str, ...]
    acknowledged: int
    sold: int
    returned: int
    files: int
    imported: int
    unfinished: tuple[str, ...]
    lost: int
    doubled: int
    unasked: int
    wrong: tuple[str, ...]
    audit: str
    statuses: Counter[str]

    @property
    def clean(self) -> bool:
        """Whether nothing is lost, doubled, made up, left lying or wrong in the books."""
        return not (self.lost or self.doubled or self.unasked or self.unfinished or self.wrong or self.audit)


def ordeal(*, rounds: int, say: Callable[[str], None], files: bool = True) -> Aftermath:
    """Start the service, kill each of its parts `rounds` times under load, and compare what it says with what it said.

    With `files` one is imported meanwhile in each round; one whose worker was killed is waited for some minutes.

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
        port, victims = free_port(), tuple(VICTIMS) * rounds
        environment = os.environ | {"TANHUI_DATA_DIR": str(folder), "TANHUI_PORT": str(port)}
        for name in ("TANHUI_DATABASE_URL", "TANHUI_MIGRATION_DATABASE_URL", "TANHUI_REDIS_URL"):
            environment.pop(name, None)
        with _up(environment, folder / "up.log") as process:
            try:
                return asyncio.run(
                    _suffer(process, city, folder, f"http://127.0.0.1:{port}", victims, say, files=files)
                )
            except RuntimeError as error:
                last_words = (folder / "up.log").read_text(encoding="utf-8", errors="replace")[-2000:]
                raise RuntimeError(f"{error}\nIt said: {last_words}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # the servers may still be clearing up after themselves


def _prepare(folder: str) -> City:
    """Make a city in a fresh data folder; in a process of its own, for its settings are others."""
    with servers(Path(folder)) as found, exported(found.as_environment() | {"TANHUI_DATA_DIR": folder}):
        assert found.migration_database_url is not None
        asyncio.run(upgrade(found.migration_database_url, found.database_url))
        return asyncio.run(_city())


async def _city() -> City:
    async with transaction() as session:
        world = await make_world(session, residents=_RESIDENTS, products=_PRODUCTS)
        key = await issue_key(session, world.programme_id, world.retailer_id, name="faults", scopes=[Scope.SALES_WRITE])
    await db.dispose()
    callers = (ResidentPrincipal(world.programme_id, each) for each in world.resident_ids)
    issued = tuple(tokens.issue(each, now=clock.now(), minutes=1440) for each in callers)
    return City(world, issued, key.secret)


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
    process: psutil.Process,
    city: City,
    folder: Path,
    url: str,
    victims: Sequence[str],
    say: Callable[[str], None],
    *,
    files: bool,
) -> Aftermath:
    killed: list[str] = []
    imports: list[str] = []
    limits = httpx.Limits(max_connections=_SCANNERS + _TILLS + 2)
    async with httpx.AsyncClient(base_url=url, timeout=10, limits=limits, trust_env=False) as client:
        await _ready(client, process)
        callers = Callers(client, city)
        async with asyncio.TaskGroup() as group:
            for each in [callers.scan] * _SCANNERS + [callers.sell] * _TILLS:
                group.create_task(each())
            for turn, name in enumerate(victims):
                if files and turn % len(VICTIMS) == 0:
                    imports.append(await hand_in(client, city, len(imports)))
                await asyncio.sleep(_LOAD_SECONDS)
                before = callers.told.requests
                killed.append(await _kill(process, name))
                await _ready(client, process)
                await _moved_on(callers.told, before)
                say(f"{name} killed and back; {callers.told.requests:,} scans, {callers.told.lines:,} lines so far")
            callers.stop.set()
        say(f"waiting for {len(imports)} imports")
        jobs = [await ended(client, city, each) for each in imports]
    return await _aftermath(city, folder, callers.told, tuple(killed), jobs)


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
        await asyncio.sleep(RETRY_SECONDS)
    raise RuntimeError(f"`tanhui up` ended, or was not ready within {_UP_SECONDS} s; the last answer was {told}")


async def _moved_on(told: Told, before: int) -> None:
    """Return once things are acknowledged again that were not before, or raise RuntimeError."""
    deadline = time.monotonic() + _UP_SECONDS
    while told.requests <= before + _SCANNERS:
        if time.monotonic() > deadline:
            raise RuntimeError(f"No scan was credited within {_UP_SECONDS} s; answers: {told.statuses}")
        await asyncio.sleep(RETRY_SECONDS)


async def _aftermath(
    city: City, folder: Path, told: Told, killed: tuple[str, ...], jobs: Sequence[dict[str, Any]]
) -> Aftermath:
    urls = published(folder)
    assert urls is not None
    stored, returned = await _stored(urls["TANHUI_DATABASE_URL"], city.world)
    asked = told.scans | told.sales
    imported = sum(map(credited, jobs))
    beyond = len(stored.keys() - asked.keys()) - imported
    distinct = told.requests + told.lines - len(asked) - len(told.wrong)
    return Aftermath(
        killed=killed,
        acknowledged=told.requests,
        sold=told.lines,
        returned=told.returns.total(),
        files=len(jobs),
        imported=imported,
        unfinished=tuple(str(job) for job in jobs if job["state"] != "done" or credited(job) != LINES),
        lost=sum(stored.get(receipt) != resident for receipt, resident in asked.items())
        + (told.returns - returned).total()
        + max(0, -beyond),
        doubled=distinct + (returned - told.returns).total(),
        unasked=max(0, beyond),
        wrong=tuple(told.wrong),
        audit=await _audit(city.world, urls | {"TANHUI_DATA_DIR": str(folder)}),
        statuses=told.statuses,
    )


async def _stored(database_url: str, world: World) -> tuple[dict[UUID, UUID], Counter[UUID]]:
    """Return whose each activity is, and how often something was taken back of it."""
    connection = await asyncpg.connect(database_url)
    try:
        credited = await connection.fetch(
            "SELECT activity_id, resident_id FROM activity WHERE programme_id = $1", world.programme_id
        )
        adjusted = await connection.fetch(
            "SELECT activity_id FROM adjustment WHERE programme_id = $1", world.programme_id
        )
    finally:
        await connection.close()
    return {row["activity_id"]: row["resident_id"] for row in credited}, Counter(row["activity_id"] for row in adjusted)


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
