"""Which industry comes first, and whether that would still be so if somebody weighed things otherwise."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from labels.pilots import WEIGHTS, Candidate, CategoryFacts, Criterion, rank, registry_scores, weight_grid

SCORES = st.fixed_dictionaries({each: st.integers(0, 100) for each in Criterion})


def candidate(name: str, *scores: int) -> Candidate:
    return Candidate(name, dict(zip(Criterion, scores, strict=False)))


def test_the_published_weights_make_a_whole() -> None:
    assert sum(WEIGHTS.values()) == 100
    assert set(WEIGHTS) == set(Criterion)


def test_the_highest_weighted_sum_comes_first() -> None:
    chairs, tea = candidate("chairs", 90, 50, 40, 60), candidate("tea", 40, 80, 70, 30)
    first, second = rank([tea, chairs])
    assert (first.candidate, first.total_bp, first.rank) == (chairs, 90 * 30 + 50 * 30 + 40 * 20 + 60 * 20, 1)
    assert (second.candidate, second.total_bp, second.rank) == (tea, 40 * 30 + 80 * 30 + 70 * 20 + 30 * 20, 2)


def test_equals_share_the_better_rank() -> None:
    equals = [candidate(name, 5, 5, 5, 5) for name in "ab"]
    assert [each.rank for each in rank([*equals, candidate("c", 1, 1, 1, 1)])] == [1, 1, 3]


def test_what_is_best_in_everything_stays_first_whatever_the_weights() -> None:
    best, other = rank([candidate("best", 90, 90, 90, 90), candidate("other", 10, 20, 30, 40)])
    assert best.sensitivity is not None
    assert other.sensitivity is not None
    assert (best.sensitivity.best_rank, best.sensitivity.worst_rank, best.sensitivity.first_share_bp) == (1, 1, 10_000)
    assert (other.sensitivity.best_rank, other.sensitivity.worst_rank) == (2, 2)


def test_what_is_best_in_one_thing_only_moves_with_the_weights() -> None:
    both = [candidate("a", 100, 0, 0, 0), candidate("b", 0, 60, 60, 60)]
    ranked = {each.candidate.category_id: each for each in rank(both)}
    moved = ranked["a"].sensitivity
    assert moved is not None
    assert (moved.best_rank, moved.worst_rank) == (1, 2)
    assert 0 < moved.first_share_bp < 5_000


def test_a_category_somebody_has_yet_to_judge_is_not_ranked() -> None:
    complete, open_one = rank([candidate("open", 100, 100), candidate("complete", 1, 1, 1, 1)])
    assert (complete.candidate.category_id, complete.rank) == ("complete", 1)
    assert (open_one.rank, open_one.total_bp, open_one.sensitivity) == (None, None, None)
    assert open_one.candidate.missing == (Criterion.PROCESS_DIFFICULTY, Criterion.MEASURABILITY)


def test_the_grid_is_every_way_to_share_a_whole_in_tens() -> None:
    grid = list(weight_grid())
    by_hand = [shares for shares in itertools.product(range(0, 101, 10), repeat=4) if sum(shares) == 100]
    assert sorted(tuple(each.values()) for each in grid) == by_hand
    assert len(grid) == 286


@given(st.lists(SCORES, min_size=1, max_size=6))
def test_the_published_rank_lies_within_its_range(scores: list[dict[Criterion, int]]) -> None:
    for each in rank([Candidate(str(number), one) for number, one in enumerate(scores)]):
        assert each.sensitivity is not None
        assert each.rank is not None
        assert each.sensitivity.best_rank <= each.rank <= each.sensitivity.worst_rank


def test_scores_follow_from_the_registry_by_the_published_rules() -> None:
    assert registry_scores(CategoryFacts(0, 0, 0, 0, None)) == {Criterion.MEASURABILITY: 0}
    rich = CategoryFacts(10, 9, 5, largest_sample=12, best_spread_bp=2_150)
    assert registry_scores(rich) == {Criterion.MEASURABILITY: 40 + 40 + 10, Criterion.VISIBLE_REDUCTION: 43}
    single = CategoryFacts(4, 1, 4, largest_sample=1, best_spread_bp=9_000)
    assert registry_scores(single) == {Criterion.MEASURABILITY: 20 + 10 + 20, Criterion.VISIBLE_REDUCTION: 100}
