from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from points.earning.funding.waiting import NOBODY, Spoken, Waiting, parted, payable

AT = datetime(2026, 5, 1, tzinfo=UTC)
BUDGETS = [new_id() for _ in range(3)]


def award(budget: int, points: int, *, expires_at: datetime = AT) -> Waiting:
    return Waiting(new_id(), BUDGETS[budget], new_id(), points, AT, AT, expires_at, date(2026, 5, 1))


def test_what_waits_is_spoken_for_before_anybody_who_comes_now() -> None:
    spoken = Spoken({BUDGETS[0]: 30, BUDGETS[1]: None}, {})
    left = dict(zip(BUDGETS, (100, 1_000_000, 7), strict=True))
    assert list(spoken.open(left).values()) == [70, 0, 7]
    assert spoken.open({BUDGETS[0]: 29}) == {BUDGETS[0]: 0}
    assert NOBODY.open(left) == left


def test_an_award_that_is_not_covered_whole_holds_up_its_own_queue_only() -> None:
    first, second, third, other = award(0, 5), award(0, 6), award(0, 1), award(1, 9)
    left = {BUDGETS[0]: 10, BUDGETS[1]: 9}
    assert payable([third, other, second, first], left) == [first, other]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(1, 20)), max_size=30), st.lists(st.integers(0, 90), min_size=3)
)
def test_no_budget_pays_more_than_it_has_and_nobody_overtakes(drawn: list[tuple[int, int]], funds: list[int]) -> None:
    queue = [award(budget, points) for budget, points in drawn]
    left = dict(zip(BUDGETS, funds, strict=False))
    paid = payable(queue, left)
    for budget_id in BUDGETS:
        mine = [each for each in queue if each.budget_id == budget_id]
        granted = [each for each in paid if each.budget_id == budget_id]
        assert granted == mine[: len(granted)]
        rest = left[budget_id] - sum(each.points for each in granted)
        assert rest >= 0
        assert len(granted) == len(mine) or mine[len(granted)].points > rest


def test_what_lapsed_while_it_waited_is_told_apart_to_the_moment() -> None:
    live, lapsed = award(0, 1, expires_at=AT + timedelta(microseconds=1)), award(0, 1)
    assert parted([live, lapsed], AT) == ([live], [lapsed])
