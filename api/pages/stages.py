"""The stages of a footprint as bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from labels.disclosures.terms import Stage
from labels.savings import BASIS_POINTS

_ORDER: Final = {stage: place for place, stage in enumerate(Stage)}


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage: mg CO2e per functional unit, its share of the whole, and how wide its bar is beside the widest."""

    code: str
    milligrams: int
    share_bp: int
    width_bp: int


def shares(stages: Sequence[tuple[str, int]]) -> list[Bar]:
    """Return stages, each with its mg CO2e, as bars in the order of life; one below zero has a figure and no bar."""
    whole = sum(milligrams for _, milligrams in stages)
    widest = max((milligrams for _, milligrams in stages), default=0)
    if whole <= 0 or widest <= 0:
        return []
    return [
        Bar(code, milligrams, _share_bp(milligrams, whole), max(0, _share_bp(milligrams, widest)))
        for code, milligrams in sorted(stages, key=lambda stage: _ORDER[Stage(stage[0])])
    ]


def _share_bp(part: int, whole: int) -> int:
    """Return a share in whole percent, to the nearest, as basis points: stages are not known more exactly."""
    return (200 * part + whole) // (2 * whole) * (BASIS_POINTS // 100)
