"""From the bytes of a CSV or XLSX file to a header and rows of text, within bounds that no file gets past. Pure.

A workbook is a ZIP archive: a small one may hold gigabytes; labels.import_jobs.archives looks at it before it is read.
"""

import csv
import io
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from labels.errors import UnreadableTableError
from labels.import_jobs.archives import require_bounds

ENCODINGS: Final = ("utf-8", "gb18030")
MOST_ROWS: Final = 500_000
MOST_COLUMNS: Final = 200
_ARCHIVE: Final = b"PK\x03\x04"
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
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


def table_of(data: bytes, encoding: str) -> tuple[Cells, Iterator[Cells]]:
    """Return the header of a table, and its rows one after the other; what kind of file it is, its first bytes say.

    Raises:
        UnreadableTableError: it can not be read, now or while rows are taken; the message says what to do.
    """
    if data.startswith(_OLD_WORKBOOK):
        raise UnreadableTableError("This is a workbook of the old form (XLS); save it as XLSX and send that.")
    rows = _xlsx_rows(data) if data.startswith(_ARCHIVE) else _csv_rows(data, encoding)
    header = [name.strip() for name in next(rows, [])]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise UnreadableTableError("The file is empty: its first row must name the columns.")
    if len(header) > MOST_COLUMNS:
        raise UnreadableTableError(f"The file has {len(header)} columns; {MOST_COLUMNS} at most are read.")
    return header, _bounded(rows)


def _bounded(rows: Iterator[Cells]) -> Iterator[Cells]:
    yield from islice(rows, MOST_ROWS)
    if next(rows, None) is not None:
        raise UnreadableTableError(f"The file has more than {MOST_ROWS:,} rows; split it. Those before are imported.")


def _csv_rows(data: bytes, encoding: str) -> Iterator[Cells]:
    """Yield rows of a CSV file; one that is empty is a row without cells, so that numbers stay the spreadsheet's."""
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="")
    try:
        yield from csv.reader(text, strict=True)
    except UnicodeDecodeError as error:
        raise UnreadableTableError(
            f"The file is not in {encoding} (byte {error.start:,}); save it as CSV UTF-8, or say encoding=gb18030 for "
            "a file of a Chinese Excel."
        ) from error
    except csv.Error as error:
        raise UnreadableTableError(f"The file is no CSV that can be read ({error}); save it again as CSV.") from error


def _xlsx_rows(data: bytes) -> Iterator[Cells]:
    """Yield rows of a workbook's first sheet."""
    try:
        require_bounds(data)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
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
