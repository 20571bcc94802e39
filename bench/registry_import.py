"""A whole catalogue through `tanhui import products`, beside PostgreSQL's own COPY of the same file, in one run."""

import asyncio
import gzip
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import asyncpg
from rich.table import Table

from bench.ground import ground
from bench.machine import machine
from core.embedded import Servers

GOAL: Final = 0.3
GOAL_GROWTH: Final = 1.2
"""How much more memory the whole file may take than its tenth."""
_REFUSED: Final = 1
"""How the command ends when it refused rows: the file has numbers that shops use for themselves."""
_TENTH: Final = 10
# As the file has it; the key is the registry's, and the second index, as the registry's, is one of few values.
_RAW: Final = """
    CREATE TABLE raw_product (gtin text, gtin14 varchar(14) PRIMARY KEY, gs1_scope text, name text);
    CREATE INDEX ON raw_product (gs1_scope);
"""


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds of one COPY and one import of the same file, each into an empty table.

    `start_seconds` of the import are gone before it reads a row: the command starts, and connects. COPY is timed
    without either.
    """

    rows: int
    copy_seconds: float
    import_seconds: float
    start_seconds: float
    registered: int
    mebibytes: float

    @property
    def ratio(self) -> float:
        """Rows a second of the import as a share of COPY's, both without their start."""
        return self.copy_seconds / (self.import_seconds - self.start_seconds)


@dataclass(frozen=True, slots=True)
class Imported:
    """Rounds over the whole file, and the memory that its first tenth takes."""

    rounds: list[Round]
    tenth_mebibytes: float


def measure(file: Path, *, rounds: int, say: Callable[[str], None]) -> Imported:
    """Measure rounds of COPY and import in turn, each on a server of its own; `say` is told of each."""
    found = []
    for number in range(1, rounds + 1):
        with ground() as servers:
            found.append(_round(file, servers))
        say(
            f"round {number}: COPY {found[-1].copy_seconds:.2f} s, import {found[-1].import_seconds:.2f} s of which "
            f"{found[-1].start_seconds:.2f} s to start ({found[-1].ratio:.2f} of COPY), {found[-1].mebibytes:.0f} MiB"
        )
    with tempfile.TemporaryDirectory() as folder, ground():
        tenth = _first(file, Path(folder), found[0].rows // _TENTH)
        _, mebibytes = _import(tenth)
    say(f"its first tenth: {mebibytes:.0f} MiB")
    return Imported(found, mebibytes)


def table(found: Imported, file: Path) -> Table:
    """Return the medians over the rounds, with the machine."""
    shown = Table(title=f"{found.rounds[0].rows:,} rows of {file.name} (medians over the rounds)", caption=machine())
    for heading in ("", "seconds", "rows/s", "of COPY", "peak MiB"):
        shown.add_column(heading, justify="left" if not heading else "right")
    rows = found.rounds[0].rows
    copied = statistics.median(each.copy_seconds for each in found.rounds)
    taken = statistics.median(each.import_seconds for each in found.rounds)
    start = statistics.median(each.start_seconds for each in found.rounds)
    shown.add_row("COPY, two indexes", f"{copied:.2f}", f"{rows / copied:,.0f}", "1.00", "")
    shown.add_row(
        "tanhui import products",
        f"{taken:.2f}",
        f"{rows / taken:,.0f}",
        f"{copied / taken:.2f}",
        f"{_mebibytes(found):.0f}",
    )
    shown.add_row(
        "without the start of the command",
        f"{taken - start:.2f}",
        f"{rows / (taken - start):,.0f}",
        f"{_ratio(found):.2f}",
        "",
    )
    shown.add_row("its first tenth", "", "", "", f"{found.tenth_mebibytes:.0f}")
    return shown


def verdict(found: Imported) -> str:
    """Return the figures against the goals, in words."""
    one = found.rounds[0]
    growth = _mebibytes(found) / found.tenth_mebibytes
    return (
        f"The import does {_ratio(found):.2f} of COPY (goal {GOAL}), neither with its start; {one.registered:,} "
        f"of {one.rows:,} rows are products. Memory for the whole file is {growth:.2f} times that for its tenth "
        f"(goal at most {GOAL_GROWTH})."
    )


def _ratio(found: Imported) -> float:
    return statistics.median(each.ratio for each in found.rounds)


def _mebibytes(found: Imported) -> float:
    return statistics.median(each.mebibytes for each in found.rounds)


def _round(file: Path, servers: Servers) -> Round:
    assert servers.migration_database_url is not None
    owner = servers.migration_database_url
    copy_seconds, rows = asyncio.run(_copied(file, owner))
    with tempfile.TemporaryDirectory() as folder:
        start_seconds, _ = _import(_first(file, Path(folder), 0))
    import_seconds, mebibytes = _import(file)
    return Round(rows, copy_seconds, import_seconds, start_seconds, asyncio.run(_products(owner)), mebibytes)


async def _copied(file: Path, owner_url: str) -> tuple[float, int]:
    """Return the seconds that COPY takes for the file, unpacked on the way as the import does it, and its rows."""
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute(_RAW)
        begun = time.perf_counter()
        with gzip.open(file, "rb") as source:
            done = await connection.copy_to_table("raw_product", source=source, format="csv", header=True)
        return time.perf_counter() - begun, int(done.removeprefix("COPY "))
    finally:
        await connection.close()


def _import(file: Path) -> tuple[float, float]:
    """Run the command as an operator does, and return its seconds and the most mebibytes it took.

    Raises:
        RuntimeError: it ended in some other way than with refusals.
    """
    command = [sys.executable, "-m", "cli", "import", "products", str(file)]
    begun = time.perf_counter()
    process = os.posix_spawn(
        sys.executable, command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    )
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - begun
    if os.waitstatus_to_exitcode(status) not in {0, _REFUSED}:
        raise RuntimeError(f"`tanhui import products` ended with {os.waitstatus_to_exitcode(status)}.")
    return seconds, usage.ru_maxrss / 2**10


async def _products(owner_url: str) -> int:
    connection = await asyncpg.connect(owner_url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM product"))
    finally:
        await connection.close()


def _first(file: Path, folder: Path, rows: int) -> Path:
    """Return a file of the header and the first rows of another."""
    shorter = folder / file.name.removesuffix(".gz")
    with gzip.open(file, "rb") as source, shorter.open("wb") as target:
        target.writelines(islice(source, rows + 1))
    return shorter
