"""From a CSV or XLSX file to a header and rows of text, within bounds that no file gets past. Pure.

A file is read from where it lies, a row at a time, and never held. One that was left in the middle is gone on with from
the byte after the last row that was taken; only a workbook, packed as it is, has to be unpacked again up to there.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Final

from labels.errors import UnreadableTableError
from labels.import_jobs.archives import Bounds
from labels.import_jobs.lines import Lines
from labels.import_jobs.workbooks import workbook_rows

MOST_ROWS: Final = 500_000
MOST_COLUMNS: Final = 200
REGISTRY_BOUNDS: Final = Bounds(rows=MOST_ROWS)
_FIRST_ROW: Final = 2
_ARCHIVE: Final = b"PK\x03\x04"
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
_PACKED: Final = b"\x1f\x8b"

Cells = list[str]
Row = Cells | str
"""Cells; or a line of JSON, which is taken apart later."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a file was taken: rows after its header, and the byte after the last of them (0: not told by bytes)."""

    header: Cells
    rows: int
    byte: int


@dataclass(frozen=True, slots=True)
class Table:
    """A file being read: `first` is the number of its first row, `byte` tells where the row after the last begins."""

    header: Cells
    rows: Iterator[Row]
    first: int
    byte: Callable[[], int]


def table_of(
    file: BinaryIO,
    encoding: str,
    bounds: Bounds = REGISTRY_BOUNDS,
    after: Place | None = None,
    *,
    skipped: int = 0,
    local: str = "",
) -> Table:
    """Return a table, from its beginning or `after` a place; what kind of file it is, its first bytes say.

    `file` may lack its first `skipped` bytes, all of them before that place. `local` ends the text of the
    times that a workbook knows as such.

    Raises:
        UnreadableTableError: it can not be read, now or while rows are taken; the message says what to do.
    """
    if after is not None and after.byte:
        file.seek(after.byte - skipped)
        lines = Lines(file, encoding, number=after.rows + _FIRST_ROW, start=after.byte)
        rows: Iterator[Cells] = _csv_rows(lines)
        return Table(after.header, _bounded(rows, bounds.rows, after.rows), _FIRST_ROW, lambda: lines.position)
    start = file.read(len(_ARCHIVE))
    file.seek(0)
    if start == _OLD_WORKBOOK:
        raise UnreadableTableError("This is a workbook of the old form (XLS); save it as XLSX and send that.")
    if start.startswith(_PACKED):
        raise UnreadableTableError("The file is packed with gzip; unpack it and send what is in it.")
    lines = Lines(file, encoding)
    if start != _ARCHIVE:
        rows = _csv_rows(lines)
        return Table(_header(rows), _bounded(rows, bounds.rows, 0), _FIRST_ROW, lambda: lines.position)
    done = 0 if after is None else after.rows
    passed = 0 if after is None else _FIRST_ROW - 1 + done
    rows = workbook_rows(file, bounds, columns=MOST_COLUMNS + 1, passed=passed, local=local)
    header = _header(rows) if after is None else after.header
    return Table(header, _bounded(rows, bounds.rows, done), _FIRST_ROW, lambda: 0)


def _header(rows: Iterator[Cells]) -> Cells:
    header = [name.strip() for name in next(rows, [])]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise UnreadableTableError("The file is empty: its first row must name the columns.")
    if len(header) > MOST_COLUMNS:
        raise UnreadableTableError(f"The file has {len(header)} columns; {MOST_COLUMNS} at most are read.")
    return header


def _bounded(rows: Iterator[Cells], most: int, done: int) -> Iterator[Row]:
    yield from islice(rows, most - done)
    if next(rows, None) is not None:
        raise too_many_rows(most)


def too_many_rows(most: int) -> UnreadableTableError:
    """Return what is said of a file with more rows than are read."""
    return UnreadableTableError(f"The file has more than {most:,} rows; split it and send the pieces one by one.")


def _csv_rows(lines: Lines) -> Iterator[Cells]:
    """Yield rows of a CSV file; one that is empty is a row without cells, so that numbers stay the spreadsheet's."""
    reader = csv.reader(lines, strict=True)
    try:
        for cells in reader:
            lines.number += 1
            yield cells
    except csv.Error as error:
        raise UnreadableTableError(
            f"Row {lines.number} is no CSV that can be read ({error}); save the file again as CSV."
        ) from error
