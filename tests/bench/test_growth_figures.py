import pytest

from bench.growth_figures import Grown, Reads, Size, Turn, quantiles, sizes_of, verdict
from bench.sizes import Share


def test_the_99th_of_a_hundred_is_not_the_slowest_of_many() -> None:
    assert quantiles([float(number) for number in range(1000)]) == (500.0, 990.0)
    assert quantiles([7.0]) == (7.0, 7.0)


def test_a_size_is_held_against_the_fresh_turn_of_the_same_round() -> None:
    grown = [Turn(90.0, 0.1, 0.2), Turn(40.0, 0.1, 0.2), Turn(10.0, 0.1, 0.2)]
    first = [Turn(100.0, 0.1, 0.2), Turn(50.0, 0.1, 0.2), Turn(100.0, 0.1, 0.2)]
    size = Size(1, grown, first, Reads(0.0, 0.0, 0.0, 0.0), [Share("activity", 300.5), Share("lot", 99.5)])

    assert size.of_first == pytest.approx(0.8)
    assert size.bytes_each == pytest.approx(400.0)


@pytest.mark.parametrize(
    ("told", "sizes"),
    [("0,1,5,10", (0, 1, 5, 10)), (" 5, 0,5", (0, 5)), ("1.5", None), ("-1", None), ("", None), ("101", None)],
)
def test_sizes_are_whole_millions(told: str, sizes: tuple[int, ...] | None) -> None:
    assert sizes_of(told) == sizes


def test_the_verdict_is_about_the_largest_size() -> None:
    turn, none = Turn(90.0, 0.1, 0.2), Reads(0.0, 0.0, 0.0, 0.0)
    found = [Size(number, [turn], [turn], none, [Share("activity", 1e9 / (number + 1))]) for number in (0, 999_999)]

    assert "With 999,999 activities there, recording does 1.00" in verdict(Grown(found, 0))
    assert "1,000 bytes each" in verdict(Grown(found, 0))
