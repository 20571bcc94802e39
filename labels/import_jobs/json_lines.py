"""Files of one JSON object a line, cut into their lines; whoever knows what is in them takes each apart. Pure."""

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, Final

from labels.import_jobs.archives import Bounds
from labels.import_jobs.lines import Lines
from labels.import_jobs.spreadsheets import Place, Row, Table, too_many_rows

_BLANK: Final = b" \t\r\n\xef\xbb\xbf"
_SNIFFED: Final = 1_000
_ENCODING: Final = "utf-8"  # JSON has no other


def are_json_lines(file: BinaryIO) -> bool:
    """Tell whether a file begins as a JSON object does."""
    start = file.read(_SNIFFED)
    file.seek(0)
    return start.lstrip(_BLANK).startswith(b"{")


def json_lines_of(file: BinaryIO, bounds: Bounds, after: Place | None = None, *, skipped: int = 0) -> Table:
    """Return the lines of a file, from its beginning or `after` a place, as labels.import_jobs.spreadsheets does rows.

    Raises:
        UnreadableTableError: it can not be read, while rows are taken; the message says what to do.
    """
    done, byte = (0, 0) if after is None else (after.rows, after.byte)
    file.seek(byte - skipped if byte else 0)
    lines = Lines(file, _ENCODING, number=done + 1, start=byte)
    return Table([], _numbered(lines, bounds.rows, done), 1, lambda: lines.position)


def _numbered(lines: Lines, most: int, done: int) -> Iterator[Row]:
    for line in islice(lines, most - done):
        lines.number += 1
        yield line
    if next(lines, None) is not None:
        raise too_many_rows(most)
