"""The rows of a workbook's first sheet, as they would stand in CSV. Pure.

Whatever is small in a workbook (which sheet is first, what its styles are) openpyxl reads; its sheet is read as it
comes (labels.import_jobs.sheet_xml), after labels.import_jobs.archives has looked whether that is wise.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS_MAX_SIZE, builtin_format_code
from openpyxl.styles.stylesheet import Stylesheet
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml.constants import ARC_STYLE, SHARED_STRINGS
from openpyxl.xml.functions import fromstring

from labels.errors import UnreadableTableError
from labels.import_jobs.archives import Bounds, require_bounds
from labels.import_jobs.sheet_xml import SHARED, SharedTexts, SheetRows

_NOT_XLSX: Final = "The file is no workbook that can be read; save it as XLSX or as CSV in UTF-8 and send it again."
_PIECE: Final = 64 * 1024
_EXACT: Final = 10**15
"""Beyond, a double is no exact number."""
_ASIDE: Final = re.compile(r'\[[^]]*]|"[^"]*"|\\\\.')
"""What a form says beside days and hours: language, colour, words."""
# What openpyxl lets through when a workbook is broken in one place or another; defusedxml's refusals are ValueErrors.
_BROKEN: Final = (
    BadZipFile,
    InvalidFileException,
    ParseError,
    ExpatError,
    zlib.error,
    EOFError,
    OSError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,
)


def workbook_rows(
    file: BinaryIO, bounds: Bounds, *, columns: int, passed: int = 0, local: str = ""
) -> Iterator[list[str]]:
    """Yield the rows behind the first `passed` ones; rows that are not written down are empty.

    `local` ends the text of every time that the workbook knows as one: it says nothing of its distance from UTC. Cells
    beyond so many columns, and empty ones at the end of a row, are left out.

    Raises:
        UnreadableTableError: it can not be read, now or while rows are taken; the message says what to do.
    """
    try:
        require_bounds(file, bounds)
        reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
        reader.read_manifest()
        reader.read_workbook()
        rows = SheetRows(_texts(reader, local), columns=columns, passed=passed)
        expected = passed + 1
        for number, cells in _numbered(reader.archive, _first_sheet(reader), rows):
            while expected < number:
                expected += 1
                yield []
            if expected == number:
                expected += 1
                yield cells
    except _BROKEN as error:
        raise UnreadableTableError(_NOT_XLSX) from error


def _first_sheet(reader: ExcelReader) -> str:
    sheets: list[Any] = [relation for _, relation in reader.parser.find_sheets() if "chartsheet" not in relation.Type]
    return next(str(each.target) for each in sheets if each.target in reader.valid_files)


def _numbered(archive: ZipFile, path: str, rows: SheetRows) -> Iterator[tuple[int, list[str]]]:
    for piece, last in _pieces(archive, path):
        rows.feed(piece, last=last)
        yield from rows.take()


def _pieces(archive: ZipFile, path: str) -> Iterator[tuple[bytes, bool]]:
    with archive.open(path) as opened:
        while piece := opened.read(_PIECE):
            yield piece, False
    yield b"", True


def _shared(archive: ZipFile, manifest: Any) -> SharedTexts:  # noqa: ANN401 - openpyxl leaves its methods untyped
    shared = SharedTexts()
    part = manifest.find(SHARED_STRINGS)
    if part is not None:
        for piece, last in _pieces(archive, part.PartName[1:]):
            shared.feed(piece, last=last)
    return shared


def _texts(reader: ExcelReader, local: str) -> Callable[[str, int, str], str]:
    """Return what tells what a cell says, by the styles and shared texts of this workbook."""
    shared = _shared(reader.archive, reader.package)
    days: set[int] = set()
    spans: set[int] = set()
    hours: set[int] = set()
    if ARC_STYLE in reader.valid_files:
        tree: Any = fromstring(reader.archive.read(ARC_STYLE))
        styles: Any = Stylesheet.from_tree(tree)  # its type lacks what is asked of it here
        days, spans = styles.date_formats, styles.timedelta_formats
        hours = {style for style in days if "h" in _form(styles, style)}
    epoch = reader.wb.epoch

    def text_of(kind: str, style: int, written: str) -> str:
        if kind == SHARED:
            return shared[int(written)]
        if kind == "n":
            if style not in days:
                return _number(written)
            return _moment(written, epoch, local, span=style in spans, hours=style in hours)
        return _other(kind, written, local)

    return text_of


def _form(styles: Any, style: int) -> str:  # noqa: ANN401 - openpyxl publishes no types
    """Return how cells of a style show numbers, such as `yyyy-mm-dd hh:mm`."""
    number = styles.cell_styles[style].numFmtId
    custom = number - BUILTIN_FORMATS_MAX_SIZE
    form = builtin_format_code(number) if custom < 0 else styles.number_formats[custom]
    return _ASIDE.sub("", str(form)).lower()


def _other(kind: str, written: str, local: str) -> str:
    """Return what a cell says whose value is no number and no shared text: texts, outcomes of formulas, errors."""
    if kind == "b":
        return str(bool(int(written))).lower()
    if kind == "d":
        return _said(from_ISO8601(written), local, hours="T" in written)  # type: ignore[no-untyped-call] # openpyxl's
    return written


def _number(written: str) -> str:
    """Return a number without an empty fraction."""
    if written.isdigit():
        return str(int(written))
    if "." not in written and "E" not in written and "e" not in written:
        return str(int(written))
    value = float(written)
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else str(value)


def _moment(written: str, epoch: datetime, local: str, *, span: bool, hours: bool) -> str:
    try:
        return _said(from_excel(float(written), epoch, timedelta=span), local, hours=hours)
    except (OverflowError, ValueError):
        return "#VALUE!"


def _said(value: object, local: str, *, hours: bool) -> str:
    """Return days as days. Midnight is one, unless the cell shows `hours` and times are asked for as `local` ones."""
    if isinstance(value, datetime):
        if value.time() == time.min and not (local and hours):
            return value.date().isoformat()
        return value.isoformat() + local
    return value.isoformat() if isinstance(value, (datetime, date, time)) else str(value)
