"""Small workbooks that would be gigabytes to whoever reads them are refused in little room and time."""

import io
import tracemalloc
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from labels.errors import UnreadableTableError
from labels.import_jobs.archives import MOST_ELEMENTS
from labels.import_jobs.spreadsheets import table_of
from tests.factories.tables import xlsx_of

NAMESPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ROWS = b"<worksheet " + NAMESPACE + b"><sheetData>%s</sheetData></worksheet>"


def workbook(sheet: bytes) -> bytes:
    """A sound workbook but for its sheet."""
    data = io.BytesIO()
    with ZipFile(io.BytesIO(xlsx_of(("gtin",), [("1",)]))) as sound, ZipFile(data, "w", ZIP_DEFLATED) as made:
        for name in sound.namelist():
            made.writestr(name, sheet if name.endswith("sheet1.xml") else sound.read(name))
    return data.getvalue()


@pytest.mark.parametrize(
    "sheet",
    [
        ROWS % (b"<row>" + b"<c/>" * (MOST_ELEMENTS + 1) + b"</row>"),
        ROWS % (b"<row>" + b"<c/><!--<row>-->" * (MOST_ELEMENTS + 1) + b"</row>"),
        ROWS % (b"<row>" + b"<c " + b" ".join(b'a%d=""' % each for each in range(500_000)) + b"/></row>"),
    ],
    ids=["cells", "cells with comments between them", "attributes"],
)
def test_a_row_of_millions_of_empty_things_is_refused_before_it_is_built(sheet: bytes) -> None:
    bomb = workbook(sheet)
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableTableError, match="CSV"):
            table_of(io.BytesIO(bomb), "utf-8")
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_many_rows_of_few_cells_are_read() -> None:
    row = b'<row><c t="inlineStr"><is><t>gtin</t></is></c></row>'
    table = table_of(io.BytesIO(workbook(ROWS % (row * 30_000))), "utf-8")
    assert table.header == ["gtin"]
    assert sum(1 for _ in table.rows) == 29_999
