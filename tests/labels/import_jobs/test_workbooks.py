"""Workbooks are read as openpyxl reads them, whoever wrote them and however they spell a cell; only faster."""

import io
import re
import tracemalloc
from datetime import date, datetime, time, timedelta
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.xml.constants import SHARED_STRINGS

from labels.errors import UnreadableTableError
from labels.import_jobs.archives import Bounds
from labels.import_jobs.sheet_xml import LONGEST_TEXT
from labels.import_jobs.workbooks import workbook_rows

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
BOUNDS = Bounds(rows=1_000_000)
XML_TEXT = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"), min_size=1, max_size=20
)
MOMENTS = st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - a workbook knows no time zones
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**14), 10**14),
    st.floats(-1e12, 1e12),
    XML_TEXT.filter(lambda text: not text.startswith("=") and "x005F_" not in text),
    MOMENTS.map(lambda each: each.replace(microsecond=0)),
    MOMENTS.map(datetime.date),
    st.times().map(lambda each: each.replace(microsecond=0)),
    st.timedeltas(timedelta(0), timedelta(days=99)).map(lambda each: timedelta(seconds=int(each.total_seconds()))),
)


def rows_of(data: bytes, *, columns: int = 201, passed: int = 0) -> list[list[str]]:
    return list(workbook_rows(io.BytesIO(data), BOUNDS, columns=columns, passed=passed))


def saved(book: Workbook) -> bytes:
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def told(value: object) -> str:
    """What a cell openpyxl has read would be in CSV."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, (datetime, date, time)) else "" if value is None else str(value)


def with_shared(data: bytes, texts: str, *, sheet: str | None = None) -> bytes:
    """The workbook with shared texts, as a spreadsheet program writes them and openpyxl does not, or another sheet."""
    made = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as sound, ZipFile(made, "w", ZIP_DEFLATED) as changed:
        for name in sound.namelist():
            content = sound.read(name)
            if name == "[Content_Types].xml":
                part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHARED_STRINGS}"/></Types>'
                content = content.replace(b"</Types>", part.encode())
            elif sheet is not None and name.endswith("sheet1.xml"):
                content = sheet.encode()
            changed.writestr(name, content)
        changed.writestr("xl/sharedStrings.xml", texts)
    return made.getvalue()


def shared(data: bytes) -> bytes:
    """The same workbook with each text of a cell among those that cells share."""
    texts: list[str] = []

    def put(found: re.Match[str]) -> str:
        texts.append(f"<si>{found[1]}</si>")
        return f't="s"><v>{len(texts) - 1}</v>'

    with ZipFile(io.BytesIO(data)) as sound:
        sheet = sound.read("xl/worksheets/sheet1.xml").decode()
    sheet = re.sub(r't="inlineStr"><is>(.*?)</is>', put, sheet, flags=re.DOTALL)
    return with_shared(data, f'<sst xmlns="{MAIN}">{"".join(texts)}</sst>', sheet=sheet)


def written(rows: str, *, texts: str = "") -> bytes:
    """A workbook whose rows and shared texts are spelt like this."""
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return with_shared(saved(Workbook()), f'<sst xmlns="{MAIN}">{texts}</sst>', sheet=sheet)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(VALUES, max_size=5), min_size=1, max_size=6), st.booleans(), st.booleans())
def test_every_cell_says_what_openpyxl_reads_in_it(
    rows: list[list[object]],
    sharing: bool,  # noqa: FBT001 - drawn
    old_days: bool,  # noqa: FBT001 - drawn
) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(index=0)
    if old_days:
        book.epoch = CALENDAR_MAC_1904
    for row in rows:
        sheet.append(row)
    data = shared(saved(book)) if sharing else saved(book)
    read = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
    read.reset_dimensions()
    expected = [[told(value) for value in row] for row in read.iter_rows(values_only=True)]
    for cells in expected:
        while cells and not cells[-1]:
            cells.pop()
    found: list[list[str]] = rows_of(data)
    assert found == expected + [[]] * (len(found) - len(expected))
    for passed in range(len(found)):
        assert rows_of(data, passed=passed) == found[passed:]


@pytest.mark.parametrize("old_days", [False, True])
def test_times_are_marked_as_local_where_that_is_asked_for_and_days_and_texts_never(old_days: bool) -> None:  # noqa: FBT001 - drawn
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if old_days:
        book.epoch = CALENDAR_MAC_1904
    moment, midnight = datetime(2026, 5, 1, 8, 30, 15), datetime(2026, 5, 1)  # noqa: DTZ001 - a workbook knows no zones
    sheet.append(
        [moment, midnight, midnight, moment, midnight, time(8, 30), date(2026, 5, 1), "2026-05-01T08:30:00", 7]
    )
    for cell, form in (
        ("B1", "yyyy/m/d h:mm"),
        ("C1", 'yyyy"年"m"月"d"日"'),
        ("D1", "yyyy-mm-dd"),
        ("E1", "[$-zh-CN]d/m/yy"),
    ):
        sheet[cell].number_format = form
    data = saved(book)
    [told] = workbook_rows(io.BytesIO(data), BOUNDS, columns=201, local="!")
    days = ["2026-05-01"] * 2
    assert told == [
        "2026-05-01T08:30:15!",
        "2026-05-01T00:00:00!",
        "2026-05-01",
        "2026-05-01T08:30:15!",
        "2026-05-01",
        "08:30:00",
        "2026-05-01",
        "2026-05-01T08:30:00",
        "7",
    ]
    [plain] = rows_of(data)
    assert plain[:3] == ["2026-05-01T08:30:15", *days]


def test_times_written_as_text_of_the_standard_are_local_too() -> None:
    sheet = '<row><c t="d"><v>2026-05-01T08:30:00</v></c><c t="d"><v>2026-05-01</v></c></row>'
    [told] = workbook_rows(io.BytesIO(written(sheet)), BOUNDS, columns=201, local="!")
    assert told == ["2026-05-01T08:30:00!", "2026-05-01"]


def test_rows_and_cells_that_are_left_out_or_not_numbered_stand_where_they_belong() -> None:
    cell = "<c><v>%d</v></c>"
    sheet = (
        f"<row>{cell % 1}{cell % 2}</row>"
        '<row r="4"><c r="C4"><v>3</v></c><c/><c><v>5</v></c></row>'
        '<row r="2"><c r="A2"><v>9</v></c></row>'
        '<row r="5.0"><c r="B5"><v>6</v></c><c r="IV5"><v>7</v></c></row>'
    )
    assert rows_of(written(sheet), columns=10) == [["1", "2"], [], [], ["", "", "3", "", "5"], ["", "6"]]


def test_texts_in_runs_are_whole_and_their_pronunciation_is_left_out() -> None:
    runs = "<r><t>乌</t></r><r><rPr/><t>龙茶</t></r><rPh><t>wulong</t></rPh>"
    sheet = (
        f'<row><c t="s"><v>1</v></c><c t="inlineStr"><is>{runs}</is></c><c t="str"><f>A1&amp;1</f><v>x</v></c></row>'
    )
    texts = f"<si><t>none</t></si><si>{runs}</si>"
    assert rows_of(written(sheet, texts=texts)) == [["乌龙茶", "乌龙茶", "x"]]


@pytest.mark.parametrize(
    "sheet",
    [
        '<row><c t="s"><v>7</v></c></row>',
        '<row><c t="s"><v>-1</v></c></row>',
        '<row r="inf"/>',
        '<row r="1.5"/>',
        '<row><c r="12"><v>1</v></c></row>',
        "<row><c><v>many</v></c></row>",
        "<row><c>",
        f'<row><c t="str"><v>{"x" * (LONGEST_TEXT + 1)}</v></c></row>',
    ],
    ids=["no such text", "below 0", "infinite", "between rows", "no column", "no number", "cut short", "endless text"],
)
def test_what_no_spreadsheet_writes_is_refused(sheet: str) -> None:
    with pytest.raises(UnreadableTableError, match="no workbook"):
        rows_of(written(sheet))


def test_entities_are_refused_in_shared_texts_too() -> None:
    hostile = f'<!DOCTYPE a [<!ENTITY a "aaaa">]><sst xmlns="{MAIN}"><si><t>&a;</t></si></sst>'
    with pytest.raises(UnreadableTableError, match="no workbook"):
        rows_of(with_shared(saved(Workbook()), hostile))


def test_a_cell_at_the_far_corner_and_rows_by_the_hundred_thousand_take_no_room() -> None:
    row = '<row><c t="inlineStr"><is><t>some receipt</t></is></c><c><v>6901234567892</v></c></row>'
    data = written(row * 20_000 + '<row r="200000"><c r="XFD200000"><v>1</v></c></row>')
    rows = workbook_rows(io.BytesIO(data), BOUNDS, columns=201)
    tracemalloc.start()
    try:
        assert sum(1 for _ in rows) == 200_000
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
