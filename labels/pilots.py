"""Which industries to begin with: scores by published criteria, and how far the ranking hangs on their weights. Pure.

Two criteria follow from the registry, two are judged by people, with reasons. Every score is from 0, bad for a pilot,
to 100, good. The total is the weighted sum in hundredths of a percent of the highest possible.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

METHOD: Final = "pilots/1"
"""Names criteria, weights and rules; a change of any of them is another version."""

_TOP: Final = 3
_STEP: Final = 10
_BASIS_POINTS: Final = 10_000
_FULL: Final = 100


class Criterion(StrEnum):
    """What a pilot industry is chosen by."""

    EXPORT_DEMAND = "export_demand"
    VISIBLE_REDUCTION = "visible_reduction"
    PROCESS_DIFFICULTY = "process_difficulty"
    MEASURABILITY = "measurability"


WEIGHTS: Final[Mapping[Criterion, int]] = MappingProxyType(
    {
        Criterion.EXPORT_DEMAND: 30,
        Criterion.VISIBLE_REDUCTION: 30,
        Criterion.PROCESS_DIFFICULTY: 20,
        Criterion.MEASURABILITY: 20,
    }
)
"""The published weights, in percent."""

JUDGED: Final = (Criterion.EXPORT_DEMAND, Criterion.PROCESS_DIFFICULTY)
"""What the registry can not tell: how much buyers abroad ask for it, and how simple its making is to follow."""

RULES: Final[Mapping[Criterion, str]] = MappingProxyType(
    {
        Criterion.EXPORT_DEMAND: "Judged: 100 where buyers abroad ask for footprints already, 0 where nobody does.",
        Criterion.VISIBLE_REDUCTION: "Twice the percentage by which the best quarter of the category lies below its "
        "median, at most 100.",
        Criterion.PROCESS_DIFFICULTY: "Judged: 100 where few processes and suppliers have to be measured, 0 where "
        "hundreds have.",
        Criterion.MEASURABILITY: "40 for a baseline of three figures or more (20 for one or two), 10 for each product "
        "with an accepted footprint up to 40, and up to 20 for the share of products whose content is known.",
    }
)


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """What the registry knows of a category. `best_spread_bp`: how far the best quarter lies below the median."""

    products: int
    measured_products: int
    products_with_content: int
    largest_sample: int
    best_spread_bp: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A category with its scores; a criterion that nobody can tell yet is missing."""

    category_id: str
    scores: Mapping[Criterion, int]

    @property
    def missing(self) -> tuple[Criterion, ...]:
        """The criteria that have no score."""
        return tuple(each for each in Criterion if each not in self.scores)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What becomes of a rank over every way to weigh the criteria, in steps of 10 %; shares in basis points."""

    best_rank: int
    worst_rank: int
    first_share_bp: int
    top_three_share_bp: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its total and rank; both None, and no sensitivity, while a criterion is missing."""

    candidate: Candidate
    total_bp: int | None
    rank: int | None
    sensitivity: Sensitivity | None


def registry_scores(facts: CategoryFacts) -> dict[Criterion, int]:
    """Return the scores that follow from the registry; no spread, no score for visible reduction."""
    scores = {Criterion.MEASURABILITY: _measurability(facts)}
    if facts.best_spread_bp is not None:
        scores[Criterion.VISIBLE_REDUCTION] = min(_FULL, max(0, 2 * facts.best_spread_bp // _FULL))
    return scores


def rank(candidates: Sequence[Candidate]) -> list[Ranked]:
    """Return candidates by their total under the published weights, best first, the incomplete ones last.

    Equal totals share the better rank. Only complete candidates are ranked, and against each other.
    """
    complete = [each for each in candidates if not each.missing]
    totals = [_total(each, WEIGHTS) for each in complete]
    ranks = _ranks(totals)
    grid = list(weight_grid())
    over_grid = [_ranks([_total(each, weights) for each in complete]) for weights in grid]
    ranked = [
        Ranked(each, totals[place], ranks[place], _sensitivity([row[place] for row in over_grid]))
        for place, each in enumerate(complete)
    ]
    ranked.sort(key=lambda each: (each.rank or 0, each.candidate.category_id))
    rest = sorted((each for each in candidates if each.missing), key=lambda each: each.category_id)
    return ranked + [Ranked(each, None, None, None) for each in rest]


def weight_grid(step: int = _STEP) -> Iterator[dict[Criterion, int]]:
    """Yield every way to share 100 % among the criteria in steps of `step` %: 286 of them at 10 %."""
    for first in range(0, _FULL + 1, step):
        for second in range(0, _FULL + 1 - first, step):
            for third in range(0, _FULL + 1 - first - second, step):
                shares = (first, second, third, _FULL - first - second - third)
                yield dict(zip(Criterion, shares, strict=True))


def _total(candidate: Candidate, weights: Mapping[Criterion, int]) -> int:
    return sum(weights[each] * candidate.scores[each] for each in Criterion)


def _ranks(totals: Sequence[int]) -> list[int]:
    place = {total: index + 1 for index, total in reversed(list(enumerate(sorted(totals, reverse=True))))}
    return [place[total] for total in totals]


def _sensitivity(ranks: Sequence[int]) -> Sensitivity:
    return Sensitivity(
        best_rank=min(ranks),
        worst_rank=max(ranks),
        first_share_bp=_BASIS_POINTS * sum(each == 1 for each in ranks) // len(ranks),
        top_three_share_bp=_BASIS_POINTS * sum(each <= _TOP for each in ranks) // len(ranks),
    )


def _measurability(facts: CategoryFacts) -> int:
    baseline = 0 if facts.largest_sample == 0 else 20 if facts.largest_sample < _TOP else 40
    footprints = min(40, 10 * facts.measured_products)
    contents = 20 * facts.products_with_content // facts.products if facts.products else 0
    return baseline + footprints + contents
