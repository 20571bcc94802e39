import io
from datetime import UTC, date, datetime
from typing import get_args
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.errors import UnreadableTableError
from labels.import_jobs import archives
from labels.import_jobs.json_lines import are_json_lines, json_lines_of
from labels.import_jobs.lines import LONGEST_LINE, Encoding
from labels.import_jobs.spreadsheets import Place, Table, table_of
from tests.factories.tables import csv_of, xlsx_of

HEADER = ("gtin", "name", "valid_from")


def read(data: bytes, encoding: str = "utf-8") -> list[list[str]]:
    table = table_of(io.BytesIO(data), encoding)
    return [table.header, *(row for row in table.rows if not isinstance(row, str))]


def test_a_workbook_reads_as_the_same_table_in_csv_would() -> None:
    rows = [
        (6901234567892, "乌龙茶", date(2026, 1, 31)),
        (6901234567892.0, 8.91, datetime(2026, 1, 31)),  # noqa: DTZ001 - a workbook knows no time zones
        ("06901234567892", True, None),
    ]
    assert read(xlsx_of(HEADER, rows)) == [
        list(HEADER),
        ["6901234567892", "乌龙茶", "2026-01-31"],
        ["6901234567892", "8.91", "2026-01-31"],
        ["06901234567892", "true"],
    ]


def test_a_byte_order_mark_and_blank_lines_change_nothing_but_the_numbers_of_rows() -> None:
    assert read(b"\xef\xbb\xbfgtin,name\r\n\r\n1,2\r\n") == [["gtin", "name"], [], ["1", "2"]]


def test_a_file_of_a_chinese_excel_is_read_when_its_encoding_is_said() -> None:
    data = csv_of(HEADER, [("1", "示范乌龙茶", "")], "gb18030")
    assert read(data, "gb18030")[1][1] == "示范乌龙茶"
    with pytest.raises(UnreadableTableError, match="encoding=gb18030"):
        read(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\r\n1,2", "empty"),
        (b'gtin,name\n"1,2', "CSV"),
        (b"gtin,name\n" + b"x" * 200_000, "CSV"),
        (b"PK\x03\x04 and then nothing of the kind", "no workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS"),
        (b",".join(b"c%d" % number for number in range(201)), "columns"),
        (b"gtin,name\n1,2\n" + b"x" * (LONGEST_LINE + 1), "Row 3 has a line of more"),
        (b"gtin,name\n1,2\n\xff\xff,2\n", r"Row 3 is not in utf-8 \(byte 14\)"),
        (b'gtin,name\n1,2\n3,"4\n' + b"5,6\n" * 50_000, "Row 3 is no CSV"),
        (b"\x1f\x8b\x08\x00" + bytes(50), "gzip"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableTableError, match=reason):
        read(data)


def archive(**members: bytes) -> bytes:
    data = io.BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/"), content)
    return data.getvalue()


def test_a_small_archive_that_holds_hundreds_of_megabytes_is_refused_before_it_is_unpacked() -> None:
    bomb = archive(sheet=bytes(archives.MOST_UNPACKED_BYTES + 1))
    assert len(bomb) < 1_000_000
    with pytest.raises(UnreadableTableError, match="unpacks to more than"):
        read(bomb)


def test_an_archive_of_other_things_and_one_that_was_cut_short_are_no_workbooks() -> None:
    whole = xlsx_of(HEADER, [("1", "x", "")] * 50)
    with ZipFile(io.BytesIO(whole)) as made:
        sheet = made.getinfo("xl/worksheets/sheet1.xml").header_offset + 100
    for data in (archive(notes=b"hello"), whole[: len(whole) // 2], whole[:sheet] + bytes(100) + whole[sheet + 100 :]):
        with pytest.raises(UnreadableTableError, match="no workbook"):
            read(data)


def test_entities_of_a_hostile_workbook_are_not_expanded() -> None:
    whole = xlsx_of(HEADER, [])
    hostile = (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
    )
    data = io.BytesIO()
    with ZipFile(io.BytesIO(whole)) as source, ZipFile(data, "w") as made:
        for name in source.namelist():
            made.writestr(name, hostile if "sheet" in name and name.endswith(".xml") else source.read(name))
    with pytest.raises(UnreadableTableError, match="no workbook"):
        read(data.getvalue())


def test_a_file_with_more_rows_than_are_read_says_so_after_the_last_one() -> None:
    rows = table_of(io.BytesIO(b"gtin\n1\n2\n3\n"), "utf-8", archives.Bounds(rows=2)).rows
    assert [next(rows), next(rows)] == [["1"], ["2"]]
    with pytest.raises(UnreadableTableError, match="more than 2 rows"):
        next(rows)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.booleans(), st.sampled_from(get_args(Encoding)))
def test_whatever_is_handed_in_is_read_or_refused(data: bytes, in_archive: bool, encoding: str) -> None:  # noqa: FBT001 - drawn
    whole = xlsx_of(HEADER, [("1", "x", datetime(2026, 1, 1, tzinfo=UTC).date())])
    tried = whole[: len(data) * 10] + data + whole[len(data) * 11 :] if in_archive else data
    try:
        table = read(tried, encoding)
    except UnreadableTableError as error:
        assert str(error)  # noqa: PT017 - either will do
    else:
        assert all(isinstance(cell, str) for row in table for cell in row)


QUOTED = b'a,b\n1,"two\nlines"\n\n2,"\xe8\x8c\xb6 ""x"""\r\n3,z'


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("taken", range(5))
def test_a_table_that_was_left_anywhere_is_gone_on_with_from_that_byte(start: bytes, taken: int) -> None:
    data = start + QUOTED
    whole = list(table_of(io.BytesIO(data), "utf-8").rows)
    left = table_of(io.BytesIO(data), "utf-8")
    before = [next(left.rows) for _ in range(taken)]
    place = Place(left.header, taken, left.byte())
    skipped = min(place.byte, 4)
    rest = table_of(io.BytesIO(data[skipped:]), "utf-8", after=place, skipped=skipped)
    assert before + list(rest.rows) == whole
    assert rest.byte() == len(data)


def test_a_workbook_that_was_left_goes_on_behind_the_rows_that_were_taken() -> None:
    data = xlsx_of(("a",), [("1",), ("2",), ("3",)])
    left = table_of(io.BytesIO(data), "utf-8")
    next(left.rows)
    assert left.byte() == 0
    assert list(table_of(io.BytesIO(data), "utf-8", after=Place(left.header, 1, 0)).rows) == [["2"], ["3"]]


def test_a_workbook_may_have_as_many_rows_as_text() -> None:
    cells = [("1",), ("2",), ("3",)]
    for data in (csv_of(("a",), cells), xlsx_of(("a",), cells)):
        assert len(list(table_of(io.BytesIO(data), "utf-8", archives.Bounds(rows=3)).rows)) == 3
        with pytest.raises(UnreadableTableError, match="more than 2 rows"):
            list(table_of(io.BytesIO(data), "utf-8", archives.Bounds(rows=2)).rows)


def json_rows(table: Table) -> list[object]:
    return list(table.rows)


def test_lines_of_json_are_cut_and_gone_on_with_and_bounded() -> None:
    data = b'\xef\xbb\xbf{"a": 1}\n\n{"a": "\xe8\x8c\xb6"}\nno json\n'
    assert are_json_lines(io.BytesIO(data))
    assert not are_json_lines(io.BytesIO(b"a,b\n1,2\n"))
    left = json_lines_of(io.BytesIO(data), archives.Bounds(rows=4))
    assert (left.first, next(left.rows)) == (1, '{"a": 1}\n')
    place = Place([], 1, left.byte())
    assert json_rows(left) == ["\n", '{"a": "茶"}\n', "no json\n"]
    assert json_rows(json_lines_of(io.BytesIO(data[3:]), archives.Bounds(rows=4), place, skipped=3))[1:] == [
        '{"a": "茶"}\n',
        "no json\n",
    ]
    with pytest.raises(UnreadableTableError, match="more than 3 rows"):
        json_rows(json_lines_of(io.BytesIO(data), archives.Bounds(rows=3)))
    with pytest.raises(UnreadableTableError, match="Row 2 is not in utf-8"):
        json_rows(json_lines_of(io.BytesIO(b'{"a": 1}\n\xff\n'), archives.Bounds(rows=3)))
