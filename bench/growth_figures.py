"""What growth is told in: turns, reads and bytes at each size, side by side, against the goals."""

import statistics
from dataclasses import dataclass
from typing import Final

from rich.table import Table

from bench.machine import machine
from bench.sizes import Share

RESIDENTS: Final = 200_000
PROCESSES: Final = 2
BATCH: Final = 100
MOST_MILLIONS: Final = 100
_PARTS: Final = ("rate", "p50", "p99")

GOAL_OF_FIRST: Final = 0.8
GOAL_BYTES: Final = 1_200


@dataclass(frozen=True, slots=True)
class Turn:
    """Recording in one turn: activities a second, and the seconds a batch took."""

    rate: float
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Reads:
    """Seconds that one reading took, at the median and at the 99th of a hundred."""

    balance_p50: float
    balance_p99: float
    statement_p50: float
    statement_p99: float


@dataclass(frozen=True, slots=True)
class Size:
    """What was found with so many activities there: turns of the grown database and of the fresh one, in pairs."""

    activities: int
    grown: list[Turn]
    fresh: list[Turn]
    reads: Reads
    shares: list[Share]

    @property
    def of_first(self) -> float:
        """The rate against the fresh database's, median over the pairs."""
        return statistics.median(ours.rate / first.rate for ours, first in zip(self.grown, self.fresh, strict=True))

    @property
    def bytes_each(self) -> float:
        """Bytes of all tables and indexes an activity."""
        return sum(share.bytes_each for share in self.shares)


@dataclass(frozen=True, slots=True)
class Grown:
    """Every size, and what the audit found at the end."""

    sizes: list[Size]
    differences: int


def quantiles(found: list[float]) -> tuple[float, float]:
    """Return the median and what 99 of a hundred stay within."""
    ordered = sorted(found)
    last = len(ordered) - 1
    return ordered[min(last, len(ordered) // 2)], ordered[min(last, len(ordered) * 99 // 100)]


def sizes_of(told: str) -> tuple[int, ...] | None:
    """Return sizes in millions as they were written, each once and in order; None when they are not numbers."""
    words = [word.strip() for word in told.split(",")]
    if not all(word.isascii() and word.isdigit() and int(word) <= MOST_MILLIONS for word in words):
        return None
    return tuple(sorted({int(word) for word in words}))


def table(found: Grown) -> Table:
    """Return recording and reading at each size, medians over the rounds, with the machine."""
    caption = f"batches of {BATCH} from {PROCESSES} processes, {RESIDENTS:,} residents, {machine()}"
    shown = Table(title="With so many activities there", caption=caption)
    headings = ("activities", "recorded/s", "of fresh", "batch p50 ms", "p99 ms", "fresh p99 ms")
    for heading in (*headings, "balance p50 ms", "p99 ms", "statement p50 ms", "p99 ms", "bytes each"):
        shown.add_column(heading, justify="right")
    for size in found.sizes:
        rate, p50, p99 = (statistics.median(getattr(turn, part) for turn in size.grown) for part in _PARTS)
        first = statistics.median(turn.p99 for turn in size.fresh)
        read = size.reads
        times = (p50, p99, first, read.balance_p50, read.balance_p99, read.statement_p50, read.statement_p99)
        told = [f"{each * 1000:.1f}" for each in times]
        shown.add_row(f"{size.activities:,}", f"{rate:,.0f}", f"{size.of_first:.2f}", *told, f"{size.bytes_each:,.0f}")
    return shown


def bytes_table(found: Grown) -> Table:
    """Return the bytes of each table and index for one activity, at the largest size."""
    last = found.sizes[-1]
    shown = Table(title=f"Bytes for each credited activity, {last.activities:,} there")
    shown.add_column("table or index")
    shown.add_column("bytes", justify="right")
    for share in last.shares:
        if share.bytes_each >= 1:
            shown.add_row(share.name, f"{share.bytes_each:,.0f}")
    shown.add_row("all", f"{last.bytes_each:,.0f}")
    return shown


def verdict(found: Grown) -> str:
    """Return the last size against the goals, and what the audit says, in words."""
    last = found.sizes[-1]
    return (
        f"With {last.activities:,} activities there, recording does {last.of_first:.2f} of a fresh database (goal "
        f"{GOAL_OF_FIRST}); {last.bytes_each:,.0f} bytes each (goal below {GOAL_BYTES:,}). "
        f"Audit: {found.differences} differences."
    )
