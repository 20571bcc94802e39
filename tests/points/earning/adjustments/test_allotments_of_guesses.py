"""What guesses may have been of, by the time for returns of each sale, and several returns of one batch in turn."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from core.ids import new_id
from points.earning.activities import Reason, Refusal
from points.earning.adjustments.allotments import Allotted, Left
from points.earning.adjustments.plans import Case
from points.earning.adjustments.return_lines import ReturnLine
from tests.factories.cases import GTIN, make_case
from tests.factories.credits import NOW

DAY = timedelta(days=1)
FIRST, SECOND, THIRD = new_id(), new_id(), new_id()


def line(units: int = 1, at: datetime = NOW) -> ReturnLine:
    return ReturnLine("B1", 1, None, None, GTIN, units, at)


def left_of(*cases: Case) -> Left:
    return Left.of({each.activity_id: each for each in cases})


def units(found: object) -> list[tuple[UUID, int, UUID | None]]:
    assert isinstance(found, list), found
    allotment: Iterable[Allotted] = found
    return [(each.activity_id, each.units, each.instead_of) for each in allotment]


@pytest.mark.parametrize(("days", "is_meant"), [(30, True), (31, False)])
def test_a_guess_was_of_no_sale_that_was_too_long_ago_to_be_returned_then(days: int, *, is_meant: bool) -> None:
    guessed_at = NOW - DAY
    taken = make_case(SECOND, 0, guessed_at - 2 * DAY, guessed=1, guessed_until=guessed_at)
    left = left_of(make_case(FIRST, 1, guessed_at - days * DAY), taken)
    found = left.named(line(), taken)
    if is_meant:
        assert units(found) == [(FIRST, 1, SECOND)]
    else:
        assert isinstance(found, Refusal)
        assert found.reason is Reason.ALREADY_RETURNED


def test_of_several_guesses_the_first_may_have_been_of_what_the_last_can_not() -> None:
    last = NOW - DAY
    taken = make_case(SECOND, 0, last - 20 * DAY, guessed=2, guessed_until=last, guessed_since=last - 10 * DAY)
    sold_at = last - 35 * DAY
    found = left_of(make_case(FIRST, 1, sold_at), taken).named(line(), taken)
    assert isinstance(found, list), found
    assert found == [Allotted(FIRST, 1, sold_at + 30 * DAY, SECOND, in_place=True)], "no later than it came back"


@pytest.mark.parametrize("order", [(SECOND, THIRD), (THIRD, SECOND)])
def test_in_one_batch_what_went_in_place_of_another_gives_way_as_well(order: tuple[UUID, UUID]) -> None:
    guessed_at = NOW - DAY
    cases = {
        FIRST: make_case(FIRST, 1, guessed_at - 3 * DAY),
        SECOND: make_case(SECOND, 1, guessed_at - 2 * DAY),
        THIRD: make_case(THIRD, 0, guessed_at - DAY, guessed=1, guessed_until=guessed_at),
    }
    left = Left.of(cases)
    gone: list[UUID] = []
    for named in order:
        found = left.named(line(), cases[named])
        gone += [activity_id for activity_id, _, _ in units(found)]
        assert isinstance(found, list)
        left.take(found)
    assert sorted(gone) == sorted([FIRST, SECOND])


def test_in_one_batch_a_guess_gives_way_to_one_that_has_less_to_choose_from() -> None:
    older, newer = make_case(FIRST, 1, NOW - 2 * DAY), make_case(SECOND, 1, NOW - DAY)
    left = left_of(older, newer)
    any_of_them = left.latest(line(), [older, newer], None)
    assert units(any_of_them) == [(SECOND, 1, None)]
    assert isinstance(any_of_them, list)
    left.take(any_of_them)
    assert units(left.latest(line(), [newer], None)) == [(FIRST, 1, None)], "both are guesses still"


def test_a_guess_that_another_gave_way_to_gives_way_itself() -> None:
    older, newer = make_case(FIRST, 1, NOW - 9 * DAY), make_case(SECOND, 1, NOW - DAY)
    between = make_case(THIRD, 1, NOW - 5 * DAY)
    left = left_of(older, newer, between)
    for at, cases in ((NOW, [older, newer]), (NOW - 4 * DAY, [older])):
        found = left.latest(line(at=at), cases, FIRST)
        assert isinstance(found, list), found
        left.take(found)
    assert units(left.named(line(), older)) == [(THIRD, 1, FIRST)], "the second guess was of what was sold in between"


def test_a_guess_that_gave_way_to_a_later_one_may_be_of_what_was_sold_in_between() -> None:
    older, newer = make_case(FIRST, 1, NOW - 9 * DAY), make_case(SECOND, 1, NOW - 8 * DAY)
    between = make_case(THIRD, 1, NOW - 5 * DAY)
    left = left_of(older, newer, between)
    for at, cases in ((NOW - 6 * DAY, [older, newer]), (NOW - 4 * DAY, [newer])):
        found = left.latest(line(at=at), cases, None)
        assert isinstance(found, list), found
        left.take(found)
    assert (left.units[FIRST], left.units[SECOND]) == (0, 0)
    assert units(left.named(line(), older)) == [(THIRD, 1, FIRST)], "the second guess was of that, the first of another"
