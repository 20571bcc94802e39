"""Which vintage of which factor holds for a place on a day. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from labels.metrics import GRID_AVERAGE, FactorFact
from labels.regions import fallback

Found = TypeVar("Found", bound=FactorFact)


@dataclass(frozen=True, slots=True)
class Chosen(Generic[Found]):
    """The factor that holds; `fell_back` says that it is a wider region's than was asked for."""

    factor: Found
    asked_region: str
    fell_back: bool


@dataclass(frozen=True, slots=True)
class NoFactor:
    """None holds: `looked_in` are the regions that were tried, nearest first."""

    looked_in: tuple[str, ...]
    detail: str


def choose(
    factors: Iterable[Found], kind: type[Found], *, region: str, day: date, subject: str = GRID_AVERAGE
) -> Chosen[Found] | NoFactor:
    """Return the factor of `kind` and `subject` for a region on a day, or the next wider region's.

    A factor holds from the day it was published until its last day. Of several that hold in one region the one for the
    latest year counts, then the one valid from the latest day, then the greatest id. A nearer region's older vintage
    wins over a wider region's newer one: place says more than a year or two. Factors of another metric are of another
    type and are never looked at.
    """
    looked_in = fallback(region)
    holding = [
        factor
        for factor in factors
        if isinstance(factor, kind) and factor.subject == subject and factor.region in looked_in and _holds(factor, day)
    ]
    for place in looked_in:
        here = [factor for factor in holding if factor.region == place]
        if here:
            latest = max(here, key=lambda factor: (factor.year, factor.valid_from, factor.id))
            return Chosen(latest, region, fell_back=place != region)
    return NoFactor(looked_in, f"No {kind.metric} of {subject} holds on {day} in {', '.join(looked_in)}.")


def _holds(factor: FactorFact, day: date) -> bool:
    return factor.valid_from <= day and (factor.valid_until is None or day < factor.valid_until)
