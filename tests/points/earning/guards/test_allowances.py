"""Who shares a cap draws on the same room."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from points.earning.activities import Cut
from points.earning.guards.allowances import UNSHARED, Allowances, CapUse

HOME, SHOP = UUID(int=1), UUID(int=2)
FIRST, SECOND, THIRD = UUID(int=11), UUID(int=12), UUID(int=13)
DAY = 739_000


def test_an_activity_without_shared_caps_has_no_limits() -> None:
    assert Allowances.after({}).of(FIRST) == UNSHARED


def test_members_of_a_household_share_its_room_and_nobody_elses() -> None:
    day = CapUse(Cut.HOUSEHOLD_GRAMS_PER_DAY, HOME, DAY, 100)
    points = CapUse(Cut.HOUSEHOLD_POINTS_PER_DAY, HOME, DAY, 5, of_points=True)
    next_day = CapUse(Cut.HOUSEHOLD_GRAMS_PER_DAY, HOME, DAY + 1, 100)
    allowances = Allowances.after({FIRST: (day, points), SECOND: (day, points), THIRD: (next_day,)})
    allowances.of(FIRST).add(grams=30, points=2)
    assert [limit.left for limit in allowances.of(SECOND).grams] == [70]
    assert [limit.left for limit in allowances.of(SECOND).points] == [3]
    assert [limit.left for limit in allowances.of(THIRD).grams] == [100]


@given(st.lists(st.integers(min_value=0, max_value=50), max_size=30), st.integers(min_value=0, max_value=300))
def test_what_is_left_is_what_was_there_less_what_was_credited(wanted: list[int], cap: int) -> None:
    use = CapUse(Cut.RETAILER_GRAMS_PER_DAY, SHOP, DAY, cap)
    ids = [UUID(int=100 + number) for number in range(len(wanted))]
    allowances = Allowances.after(dict.fromkeys(ids, (use,)))
    credited = 0
    for activity_id, grams in zip(ids, wanted, strict=True):
        allowance = allowances.of(activity_id)
        given_grams = min([grams, *(max(0, limit.left) for limit in allowance.grams)])
        allowance.add(given_grams, 0)
        credited += given_grams
    assert credited == min(cap, sum(wanted))
