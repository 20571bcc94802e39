"""Tables as spreadsheets take them: CSV that opens as UTF-8, in pieces, and runs nothing that somebody typed."""

import csv
import io
from collections.abc import Iterable
from typing import Final

BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""What such a file begins with: by it spreadsheets see that it is UTF-8."""

_FORMULA: Final = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
"""What a formula begins with; of the first four, spreadsheets of East Asia take the full-width forms as well."""


def csv_of(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as lines of CSV. What would be a formula to a spreadsheet is made text; numbers are left alone."""
    text = io.StringIO()
    csv.writer(text).writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
