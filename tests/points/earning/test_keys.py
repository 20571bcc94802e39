from datetime import date
from itertools import combinations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from points.earning.keys import sale_key, scan_key, unit_key

RETAILER = UUID("00000000-0000-7000-8000-00000000000a")
RESIDENT = UUID("00000000-0000-7000-8000-00000000000b")

lines = st.tuples(st.uuids(), st.text(min_size=1, max_size=12), st.integers(min_value=1, max_value=999))


def test_keys_stay_as_they_are_or_what_was_credited_could_be_credited_again() -> None:
    assert sale_key(RETAILER, "2026-11-22/03/000417", 2) == "sale:vTnNijjblm8nxpqB"
    assert unit_key(("06901234567892", "A1B2C3")) == "unit:KBZU1ZL9Y-7gVpxy"
    assert scan_key(RESIDENT, "06901234567892", date(2026, 11, 22)) == "scan:HNLGBE_GkliOF9bL"


@given(st.lists(lines, min_size=2, max_size=20, unique=True))
def test_two_lines_have_two_keys(told: list[tuple[UUID, str, int]]) -> None:
    keys = [sale_key(*each) for each in told]

    assert len(set(keys)) == len(told)


def test_lines_that_differ_where_their_receipts_are_cut_have_keys_of_their_own() -> None:
    told = [(receipt, line) for receipt in ("", "1", "12", "12a", "12b", "12ab", "12ba") for line in (1, 12, 21)]

    assert all(sale_key(RETAILER, *one) != sale_key(RETAILER, *other) for one, other in combinations(told, 2))


def test_keys_of_receipts_that_follow_each_other_at_a_till_lie_side_by_side() -> None:
    ours = {sale_key(RETAILER, f"03-0004{number:02}", line) for number in range(100) for line in (1, 2, 3)}
    others = {sale_key(RETAILER, f"07-{number:06}", line) for number in range(1000) for line in (1, 2, 3)}

    places = [key in ours for key in sorted(ours | others)]

    assert places.index(True) + sum(places) - 1 == len(places) - 1 - places[::-1].index(True)
