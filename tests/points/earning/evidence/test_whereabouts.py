"""A unit is with one buyer at a time: what is told late finds its place by its times."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.earning.evidence.anonymous_lines import AnonymousLine
from points.earning.evidence.units import BROUGHT_BACK, NOBODY, Stay, Unit
from points.earning.evidence.whereabouts import Whereabouts

MONDAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
KEY = ("09520000000004", "SERIAL")
ANN, SHOP, SALE, LABEL = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)


def hour(number: int) -> datetime:
    return MONDAY + timedelta(hours=number)


def stay(sold: int, back: int) -> Stay:
    return Stay(hour(sold), hour(back), SHOP, ANN)


def line(sold: int) -> AnonymousLine:
    return AnonymousLine(f"C{sold}", 1, SHOP, f"S{sold}", KEY[0], KEY[0], 1, hour(sold), serial=KEY[1])


def known(unit: Unit | None = None, *stays: Stay, lines: tuple[AnonymousLine, ...] = ()) -> Whereabouts:
    return Whereabouts(KEY, unit, stays, lines)


def named(sold: int) -> Unit:
    """Return a unit that a sale named, which credited it in full."""
    return Unit(KEY, ANN, SALE, 1_000, hour(sold), SALE, named=True)


def scanned(at: int, back: int | None = None) -> Unit:
    """Return a unit of which no sale is known; `back` is when it was sold to nobody known, having come back before."""
    return Unit(KEY, ANN, LABEL, 500, hour(at), back_at=None if back is None else hour(back))


@given(starts=st.tuples(st.integers(0, 9), st.integers(0, 9)), long=st.tuples(st.integers(1, 5), st.integers(1, 5)))
def test_two_stays_meet_when_a_unit_would_be_with_two_buyers(starts: tuple[int, int], long: tuple[int, int]) -> None:
    (a, c), (b, d) = starts, (starts[0] + long[0], starts[1] + long[1])
    hours = set(range(a, b)) & set(range(c, d))
    assert stay(a, b).meets(hour(c), hour(d)) is bool(hours)
    assert stay(a, b).meets(hour(c), hour(d)) is stay(c, d).meets(hour(a), hour(b))


def test_it_may_come_back_and_be_sold_again_at_one_moment() -> None:
    assert known(None, stay(1, 3), stay(5, 7)).moved(hour(3), hour(5), []) == {}


@pytest.mark.parametrize(("sold", "back"), [(0, 2), (1, 2), (2, 4), (0, 9), (1, 3)])
def test_it_was_not_with_another_while_it_was_with_who_brought_it_back(sold: int, back: int) -> None:
    assert known(None, stay(1, 3)).moved(hour(sold), hour(back), [hour(2)]) is None


def test_nor_before_it_was_sold_to_who_scanned_it_and_has_it_now() -> None:
    where = known(scanned(6, back=5))
    assert where.moved(hour(1), hour(7), []) is None
    assert where.moved(hour(1), hour(4), []) == {}


def test_what_came_back_before_a_guess_of_it_makes_that_a_guess_of_a_sale_since() -> None:
    guess = replace(stay(1, 8), guessed=True)
    assert known(None, guess).moved(hour(2), hour(4), [hour(5), hour(6), hour(9)]) == {
        hour(1): replace(guess, sold_at=hour(6))
    }


@pytest.mark.parametrize(
    ("guess", "others"),
    [
        (stay(1, 8), [5]),
        (replace(stay(1, 8), guessed=True), []),
        (replace(stay(1, 8), guessed=True), [3, 9]),
        (replace(stay(1, 4), guessed=True), [4]),
    ],
    ids=["no guess", "no other sale", "none since", "it came back no later"],
)
def test_else_it_was_with_another(guess: Stay, others: list[int]) -> None:
    assert known(None, guess).moved(hour(2), hour(4), [hour(each) for each in others]) is None


def test_another_sale_that_named_it_has_it_until_it_comes_back_of_that() -> None:
    assert known(named(2)).was_sold_elsewhere(hour(1), hour(4), ())
    assert not known(named(2)).was_sold_elsewhere(hour(1), hour(4), (SALE,))
    assert not known(named(5)).was_sold_elsewhere(hour(1), hour(4), ()), "it was sold after that"
    assert not known(replace(named(2), gone=True)).was_sold_elsewhere(hour(1), hour(4), ())


def test_so_has_a_line_of_nobodys_that_named_it_meanwhile() -> None:
    where = known(lines=(line(2),))
    assert where.was_sold_elsewhere(hour(1), hour(4), ())
    assert not where.was_sold_elsewhere(hour(2), hour(4), ())
    assert not where.but_of(line(2)).was_sold_elsewhere(hour(1), hour(4), ()), "of its own line it may come back"


def test_the_label_goes_with_a_unit_of_which_no_sale_is_known() -> None:
    assert known(scanned(2)).label_at(hour(4)) == LABEL
    assert known(named(2)).label_at(hour(4)) is None
    assert known(scanned(6, back=5)).label_at(hour(4)) is None, "it is of who bought it after that"
    assert known(scanned(6), lines=(line(5),)).label_at(hour(4)) is None, "a line says so, told before the return"
    assert known(scanned(6), lines=(line(5),)).label_at(hour(7)) == LABEL


def test_it_came_back_last_before_a_moment() -> None:
    where = known(None, stay(1, 3), stay(5, 7))
    assert [where.back_before(hour(each)) for each in (2, 3, 6, 8)] == [None, hour(3), hour(3), hour(7)]


@pytest.mark.parametrize("unit", [None, named(2), scanned(2)], ids=["unknown", "sold", "scanned"])
def test_what_came_back_is_nobodys_from_then_on(unit: Unit | None) -> None:
    back = known(unit).once_back(stay(1, 4), SALE, label_went=True)
    assert (back.is_back, back.named, back.effective_at, back.back_at) == (True, False, hour(4), hour(4))
    assert back.sale_id == BROUGHT_BACK


def test_what_it_became_since_is_not_changed_by_what_is_told_late() -> None:
    sold_since = named(6)
    assert known(sold_since).once_back(stay(1, 4), SALE, label_went=False) == sold_since
    back_since = known(named(6)).once_back(stay(6, 8), SALE, label_went=False)
    assert known(back_since, stay(6, 8)).once_back(stay(1, 4), SALE, label_went=False) == back_since


def test_who_bought_it_after_that_and_scanned_it_keeps_it() -> None:
    unit = scanned(6)
    after = known(unit, lines=(line(5),)).once_back(stay(1, 4), SALE, label_went=False)
    assert after == replace(unit, back_at=hour(5)), "no sale before its line is of it any more"
    assert not after.is_back


def test_a_label_that_was_not_taken_back_keeps_its_unit() -> None:
    unit = scanned(2)
    assert known(unit).once_back(stay(1, 4), SALE, label_went=False) == unit


def test_what_came_back_of_nobodys_line_is_of_no_credit() -> None:
    back = known(scanned(2)).once_back(replace(stay(1, 4), resident_id=NOBODY), NOBODY, label_went=True)
    assert back.activity_id == NOBODY
