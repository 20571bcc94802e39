"""Cutting rows into chunks: none lost, none twice, each under its own number, and nobody in two that could share."""

from hypothesis import given
from hypothesis import strategies as st

from labels.import_jobs.cutting import dealt_out, in_order
from labels.import_jobs.spreadsheets import Row

_FIRST = 2


def whose(row: Row) -> str:
    return row[0]


rows_of_few = st.lists(st.sampled_from("ABCDE").map(lambda name: [name, "1"]), max_size=60)


@given(rows_of_few, st.integers(1, 9))
def test_every_row_is_in_one_chunk_under_its_own_number(rows: list[Row], size: int) -> None:
    numbered = dict(enumerate(rows, start=_FIRST))
    for chunks in (in_order(rows, _FIRST, size), dealt_out(rows, _FIRST, size, whose)):
        found = [pair for each in chunks for pair in zip(each.numbers, each.rows, strict=True)]
        assert len(found) == len(rows)
        assert dict(found) == numbered


@given(rows_of_few, st.integers(1, 9))
def test_rows_about_the_same_stay_in_their_order_and_in_one_chunk_unless_it_grew_too_long(
    rows: list[Row], size: int
) -> None:
    chunks = dealt_out(rows, _FIRST, size, whose)
    assert all(list(each.numbers) == sorted(each.numbers) and 0 < len(each.rows) <= 2 * size for each in chunks)
    for name in {whose(row) for row in rows}:
        places = [each for each in chunks if name in map(whose, each.rows)]
        assert len(places) == 1 or len(rows) > 2 * size


def test_rows_that_follow_each_other_need_no_numbers_of_their_own() -> None:
    rows: list[Row] = [["A"], ["B"], ["C"]]
    assert [(each.stretch, each.follow, list(each.rows)) for each in in_order(rows, _FIRST, 2)] == [
        (2, True, [["A"], ["B"]]),
        (4, True, [["C"]]),
    ]
    dealt = dealt_out(rows, _FIRST, 2, whose)
    assert {(each.stretch, each.follow) for each in dealt} == {(2, False)}
