"""How rows are put together into chunks: as they follow each other, or so that what belongs together is in one. Pure.

Chunks are taken at once, each in a database transaction of its own that locks whom its rows are about until it ends.
Rows of one person in several of them would make those wait for each other, and in a long file everybody is in nearly
every chunk. So a stretch of rows is dealt out by whom they are about: its chunks share nobody.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from labels.import_jobs.spreadsheets import Row

STRETCH_ROWS: Final = 20_000
"""So many rows that follow each other are cut together, in one database transaction: whole chunks of them."""
_TOO_LONG: Final = 2
"""So many times the size a chunk may come to have; what is longer, of one person say, is cut all the same."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that are taken together, with their numbers, and the number of the first row of the stretch they are of."""

    stretch: int
    numbers: Sequence[int]
    rows: Sequence[Row]

    @property
    def follow(self) -> bool:
        """Whether its rows follow each other from the beginning of the stretch, so that their numbers are known."""
        return isinstance(self.numbers, range)


def in_order(rows: Sequence[Row], first: int, size: int) -> list[Chunk]:
    """Return rows, the first of which has the number `first`, in chunks of `size` that follow each other."""
    return [
        Chunk(first + start, range(first + start, first + start + len(part)), part)
        for start in range(0, len(rows), size)
        for part in [rows[start : start + size]]
    ]


def dealt_out(rows: Sequence[Row], first: int, size: int, about: Callable[[Row], str]) -> list[Chunk]:
    """Return a stretch of rows in chunks of about `size`, those that are `about` the same in one, in their order."""
    hands = max(1, -(-len(rows) // size))
    dealt: list[list[int]] = [[] for _ in range(hands)]
    for place, row in enumerate(rows):
        dealt[crc32(about(row).encode()) % hands].append(place)
    return [
        Chunk(first, [first + place for place in part], [rows[place] for place in part])
        for hand in dealt
        for part in _parts(hand, size)
    ]


def _parts(hand: list[int], size: int) -> list[list[int]]:
    if not hand:
        return []
    step = len(hand) if len(hand) <= _TOO_LONG * size else size
    return [hand[start : start + step] for start in range(0, len(hand), step)]
