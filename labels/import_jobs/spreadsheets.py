"""From a CSV or XLSX file to a header and rows of text, within bounds that no file gets past. Pure.

A file is read from where it lies, a row at a time, and never held. One that was left in the middle is gone on with from
the byte after the last row that was taken; only a workbook, packed as it is, has to be unpacked again up to there.

A workbook is a ZIP archive: a small one may hold gigabytes; labels.import_jobs.archives looks at it before it is read.
"""

import csv
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import BinaryIO, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from labels.errors import UnreadableTableError
from labels.import_jobs.archives import Bounds, require_bounds
from labels.import_jobs.lines import Lines

MOST_ROWS: Final = 500_000
MOST_COLUMNS: Final = 200
REGISTRY_BOUNDS: Final = Bounds(rows=MOST_ROWS)
_FIRST_ROW: Final = 2
_ARCHIVE: Final = b"PK\x03\x04"
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
_PACKED: Final = b"\x1f\x8b"
_NOT_XLSX: Final = "The file is no workbook that can be read; save it as XLSX or as CSV in UTF-8 and send it again."
# What openpyxl lets through when a workbook is broken in one place or another; defusedxml's refusals are ValueErrors.
_BROKEN: Final = (
    BadZipFile,
    InvalidFileException,
    ParseError,
    zlib.error,
    EOFError,
    OSError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,
)

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
    file: BinaryIO, encoding: str, bounds: Bounds = REGISTRY_BOUNDS, after: Place | None = None, *, skipped: int = 0
) -> Table:
    """Return a table, from its beginning or `after` a place; what kind of file it is, its first bytes say.

    `file` may lack its first `skipped` bytes, all of them before that place.

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
    is_workbook = start == _ARCHIVE
    rows = _xlsx_rows(file, bounds) if is_workbook else _csv_rows(lines)
    header = _header(rows)
    done = 0 if after is None else after.rows
    most = min(bounds.rows, bounds.workbook_rows) if is_workbook else bounds.rows
    return Table(
        header,
        _bounded(islice(rows, done, None), most, done),
        _FIRST_ROW,
        lambda: 0 if is_workbook else lines.position,
    )


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
    return UnreadableTableError(
        f"The file has more than {most:,} rows; split it and send the pieces one by one, or, for a workbook, send CSV."
    )


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


def _xlsx_rows(file: BinaryIO, bounds: Bounds) -> Iterator[Cells]:
    """Yield rows of a workbook's first sheet."""
    try:
        require_bounds(file, bounds)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1):
            yield _trimmed(row)
    except _BROKEN as error:
        raise UnreadableTableError(_NOT_XLSX) from error


def _trimmed(row: Sequence[object]) -> Cells:
    cells = [_text(value) for value in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(value: object) -> str:
    """Return what a cell holds as it would stand in CSV: numbers without an empty fraction, days as days."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:  # beyond, a double is no exact number
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value).encode("utf-8", "replace").decode()
