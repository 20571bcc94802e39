from datetime import timedelta

from bench.growth_fill import copying, spans

DAY = timedelta(days=1)


def test_spans_follow_each_other_without_a_gap_and_come_to_the_whole() -> None:
    cut = list(spans(250, -10 * DAY, 0 * DAY, most=100))

    assert [each.activities for each in cut] == [100, 100, 50]
    assert (cut[0].begins, cut[-1].ends) == (-10 * DAY, 0 * DAY)
    assert [each.ends for each in cut[:-1]] == [each.begins for each in cut[1:]]
    assert cut[0].ends - cut[0].begins == 4 * DAY


def test_many_millions_of_two_years_are_cut_as_well() -> None:
    cut = list(spans(10_000_000, -730 * DAY, 0 * DAY))

    assert sum(each.activities for each in cut) == 10_000_000
    assert (cut[0].begins, cut[-1].ends) == (-730 * DAY, 0 * DAY)


def test_nothing_to_fill_is_no_span() -> None:
    assert list(spans(0, -DAY, DAY)) == []


def test_a_copy_takes_over_columns_that_nobody_told_it_of() -> None:
    told = copying("entry", ["programme_id", "entry_id", "added_tomorrow"])
    assert "(programme_id, entry_id, added_tomorrow) SELECT s.programme_id, c.new_id, s.added_tomorrow" in told
