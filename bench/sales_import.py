"""A file of sales from its upload to the end of its import, beside raw COPY of the rows that it led to, in one run.

COPY writes the same rows into tables of the same shape, with the same indexes, in a second schema of the same server:
no program that writes them can be faster on one connection. What the import does beside that is the whole of its work.
"""

import asyncio
import csv
import io
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import psutil
from rich.table import Table
from sqlmodel import select

from bench.ground import analyze, ground
from bench.http import free_port
from bench.machine import machine
from bench.world import World, make_world
from core import clock, db
from core.children import Program
from core.db import transaction
from core.embedded import exported
from core.supervisor import running, wait_until_ready
from points import ledger
from points.earning import audit
from points.programmes.access import Scope, issue_key
from points.residents.tables import Resident

GOAL: Final = 0.4
WRITTEN: Final = (
    "claim", "activity", "entry", "posting", "lot", "lot_draw", "balance", "resident_day", "tally"
)  # fmt: skip
"""Tables that a credited sale writes to; those that hold nothing afterwards are left out."""
_RESIDENTS: Final = 200_000
_PRODUCTS: Final = 200
_LINES_A_RECEIPT: Final = 3
_SEED: Final = 1
_PATIENCE_SECONDS: Final = 1_800
_LOOK_SECONDS: Final = 0.1
_API: Final = "api.app:app"


@dataclass(frozen=True, slots=True)
class Imported:
    """Seconds of the upload and until the import was done, of COPY by table, and what was found in the books."""

    lines: int
    processes: int
    upload_seconds: float
    seconds: float
    job: dict[str, Any]
    copied: dict[str, tuple[int, float]]
    mebibytes: float
    differences: int

    @property
    def rate(self) -> float:
        """Lines a second, from the beginning of the upload to the end of the import."""
        return self.lines / self.seconds

    @property
    def copy_rate(self) -> float:
        """Lines a second whose rows COPY writes."""
        return self.lines / sum(seconds for _, seconds in self.copied.values())

    @property
    def ratio(self) -> float:
        """The import's rate as a share of COPY's."""
        return self.rate / self.copy_rate


def measure(*, lines: int, processes: int, say: Callable[[str], None]) -> Imported:
    """Import a file of so many lines with so many worker processes; `say` is told of each step."""
    with ground() as servers, tempfile.TemporaryDirectory() as folder:
        assert servers.migration_database_url is not None
        owner_url = servers.migration_database_url
        world, key = asyncio.run(_prepared())
        asyncio.run(analyze(owner_url))
        file = Path(folder) / "sales.csv"
        _write(file, asyncio.run(_member_codes(world)), world, lines)
        say(f"{lines:,} lines, {file.stat().st_size / 10**6:.0f} MB")
        port = free_port()
        with exported({"TANHUI_TASK_WORKERS": str(processes)}), _running(port, processes) as worker:
            upload_seconds, seconds, job, mebibytes = asyncio.run(_imported(file, key, port, worker))
        say(f"imported in {seconds:.1f} s: {job['sales']}")
        copied = asyncio.run(_copied(owner_url, world))
        say("audit")
        return Imported(
            lines, processes, upload_seconds, seconds, job, copied, mebibytes, asyncio.run(_differences(world))
        )


def table(found: Imported) -> Table:
    """Return the figures with the machine."""
    shown = Table(title=f"{found.lines:,} lines of sales", caption=machine())
    for heading in ("", "rows", "seconds", "lines/s", "of COPY"):
        shown.add_column(heading, justify="left" if not heading else "right")
    for name, (rows, seconds) in found.copied.items():
        shown.add_row(f"COPY {name}", f"{rows:,}", f"{seconds:.2f}", "", "")
    rows = sum(each for each, _ in found.copied.values())
    shown.add_row("COPY, all", f"{rows:,}", f"{found.lines / found.copy_rate:.2f}", f"{found.copy_rate:,.0f}", "1.00")
    shown.add_section()
    name = f"upload and import, {found.processes} worker processes"
    shown.add_row(name, "", f"{found.seconds:.2f}", f"{found.rate:,.0f}", f"{found.ratio:.2f}")
    shown.add_row("of which the upload", "", f"{found.upload_seconds:.2f}", "", "")
    return shown


def verdict(found: Imported) -> str:
    """Return the figures against the goal, in words."""
    return (
        f"The import does {found.ratio:.2f} of COPY (goal {GOAL}); {found.job['sales']['credited']:,} of "
        f"{found.lines:,} lines credited; the largest worker process took {found.mebibytes:.0f} MiB. "
        f"Audit: {found.differences} differences."
    )


async def _prepared() -> tuple[World, str]:
    async with transaction() as session:
        world = await make_world(session, residents=_RESIDENTS, products=_PRODUCTS)
        key = await issue_key(session, world.programme_id, world.retailer_id, name="bench", scopes=[Scope.SALES_WRITE])
    await db.dispose()
    return world, key.secret


async def _member_codes(world: World) -> list[str]:
    async with transaction() as session:
        query = select(Resident.member_code).where(Resident.programme_id == world.programme_id)
        found = list((await session.exec(query)).all())
    await db.dispose()
    return found


def _write(file: Path, member_codes: list[str], world: World, lines: int) -> None:
    """Write a file of tills' receipts of several lines, each of one buyer."""
    drawn, now = random.Random(_SEED), clock.now()  # noqa: S311 - load, not secrets
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(("receipt", "line", "member_code", "code", "quantity", "sold_at"))
        for number in range(lines):
            receipt, line = divmod(number, _LINES_A_RECEIPT)
            if not line:
                member, sold_at = drawn.choice(member_codes), now.isoformat(timespec="seconds")
            writer.writerow((f"S042-{receipt:08d}", line + 1, member, drawn.choice(world.gtins), 1, sold_at))


@contextmanager
def _running(port: int, processes: int) -> Iterator[psutil.Process]:
    """Run an API process and a worker as `tanhui up` does; yield the worker."""
    serve = (sys.executable, "-m", "core.serve", _API, "127.0.0.1", str(port))
    celery = (sys.executable, "-m", "celery", "--quiet", "-A", "workers.app:app", "worker", "--loglevel", "WARNING")
    programs = [Program("The worker", (*celery, "--concurrency", str(processes))), Program("The API", serve)]
    with running(programs) as children:
        wait_until_ready(f"http://127.0.0.1:{port}/readyz", children)
        yield psutil.Process(children[0].pid)


async def _imported(
    file: Path, key: str, port: int, worker: psutil.Process
) -> tuple[float, float, dict[str, Any], float]:
    """Upload a file and wait for the end of its import.

    Raises:
        RuntimeError: it was not taken, or did not end well.
    """
    headers, mebibytes = {"Authorization": f"Bearer {key}"}, 0.0
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=_PATIENCE_SECONDS, trust_env=False
    ) as client:
        begun = time.perf_counter()
        with file.open("rb") as opened:
            answer = await client.post("/v1/imports/uploads?kind=sales&filename=bench.csv", content=_pieces(opened))
        upload_seconds = time.perf_counter() - begun
        if answer.is_error:
            raise RuntimeError(answer.text)
        job = answer.json()
        while job["state"] in {"waiting", "running"} and time.perf_counter() - begun < _PATIENCE_SECONDS:
            await asyncio.sleep(_LOOK_SECONDS)
            job = (await client.get(answer.headers["Location"])).json()
            sizes = [child.memory_info().rss for child in worker.children(recursive=True)]
            mebibytes = max(mebibytes, max(sizes, default=0) / 2**20)
        if job["state"] != "done":
            raise RuntimeError(f"The import did not end well: {job}")
        return upload_seconds, time.perf_counter() - begun, job, mebibytes


async def _pieces(opened: io.BufferedReader) -> AsyncIterator[bytes]:
    while piece := opened.read(256 * 1024):
        yield piece


async def _copied(owner_url: str, world: World) -> dict[str, tuple[int, float]]:
    """Copy the rows that the import led to into tables of the same shape; return rows and seconds for each."""
    connection = await asyncpg.connect(owner_url)
    found = {}
    try:
        await connection.execute("CREATE SCHEMA raw")
        for name in WRITTEN:
            if await connection.fetchval("SELECT to_regclass('public.' || $1)", name) is None:
                continue
            rows = io.BytesIO()
            query = f'SELECT * FROM public."{name}" WHERE programme_id = $1'  # noqa: S608 - a name of ours
            query += " AND amount > 0" if name == "balance" else ""
            await connection.copy_from_query(query, world.programme_id, output=rows, format="binary")
            await connection.execute(f'CREATE TABLE raw."{name}" (LIKE public."{name}" INCLUDING ALL)')
            rows.seek(0)
            begun = time.perf_counter()
            done = await connection.copy_to_table(name, schema_name="raw", source=rows, format="binary")
            if count := int(done.removeprefix("COPY ")):
                found[name] = (count, time.perf_counter() - begun)
    finally:
        await connection.close()
    return found


async def _differences(world: World) -> int:
    async with transaction() as session:
        findings = [*await ledger.audit(session, world.programme_id), *await audit.audit(session, world.programme_id)]
    await db.dispose()
    return sum(each.differences for each in findings)
