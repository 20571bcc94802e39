"""Which characters the fonts of labels can draw, read from the fonts themselves (OpenType, table `cmap`, format 12)."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from struct import calcsize, unpack
from typing import Any, BinaryIO, Final

_COLLECTION: Final = b"ttcf"
_SEGMENTED: Final = 12
_FORMAT_AND_SIZE: Final = 16
_VARIATION_SELECTORS: Final = range(0xFE00, 0xFE10)

Ranges = tuple[tuple[int, int], ...]


def lacking(words: str, fonts: Iterable[str]) -> str:
    """Return the characters of `words` that none of some font files can draw, each once, in order.

    What is never drawn, such as a joiner, lacks nothing. A font without the table in this format is not judged.
    """
    known = [ranges for font in fonts if (ranges := _ranges(font))]
    if not known:
        return ""
    seen = dict.fromkeys(each for each in words if not _is_invisible(each))
    return "".join(each for each in seen if not any(_holds(ranges, ord(each)) for ranges in known))


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or ord(character) in _VARIATION_SELECTORS


def _holds(ranges: Ranges, code: int) -> bool:
    place = bisect_right(ranges, (code, 0x110000)) - 1
    return place >= 0 and ranges[place][0] <= code <= ranges[place][1]


@cache
def _ranges(path: str) -> Ranges:
    """Return the first and last codes of the runs of characters a font file holds, in order and apart."""
    with open(path, "rb") as file:  # noqa: PTH123 - a path of ours, and a stream to seek in
        found = sorted(run for table in _tables(file) for run in _runs(file, table))
    merged: list[tuple[int, int]] = []
    for first, last in found:
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def _tables(file: BinaryIO) -> set[int]:
    """Return where the tables of characters are; fonts of one collection share theirs."""
    tables: set[int] = set()
    for start in _fonts(file):
        (count,) = _read(file, start + 4, ">H")
        for place in range(count):
            tag, _, where, _ = _read(file, start + 12 + 16 * place, ">4sIII")
            if tag == b"cmap":
                _, subtables = _read(file, where, ">HH")
                tables |= {where + _read(file, where + 4 + 8 * each, ">HHI")[2] for each in range(subtables)}
    return tables


def _fonts(file: BinaryIO) -> tuple[int, ...]:
    """Return where each font of a file starts: one font, or a collection."""
    tag, _, count = _read(file, 0, ">4sII")
    return tuple(_read(file, 12, f">{count}I")) if tag == _COLLECTION else (0,)


def _runs(file: BinaryIO, table: int) -> Iterator[tuple[int, int]]:
    """Yield the runs of a table of format 12; others hold no more characters than that one."""
    kind, _, _, _, groups = _read(file, table, ">HHIII")
    if kind != _SEGMENTED:
        return
    numbers = _read(file, table + _FORMAT_AND_SIZE, f">{3 * groups}I")
    yield from zip(numbers[::3], numbers[1::3], strict=True)


def _read(file: BinaryIO, place: int, form: str) -> tuple[Any, ...]:
    file.seek(place)
    return unpack(form, file.read(calcsize(form)))
