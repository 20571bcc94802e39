"""The stages of a footprint as bars."""

from collections.abc import Sequence
from dataclasses import dataclass

from labels.disclosures.tables import FootprintStage
from labels.savings import BASIS_POINTS


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage: mg CO2e per functional unit, its share of the whole, and how wide its bar is beside the widest."""

    code: str
    milligrams: int
    share_bp: int
    width_bp: int


def shares(stages: Sequence[FootprintStage]) -> list[Bar]:
    """Return stages as bars; one below zero has a figure and no bar."""
    whole = sum(stage.milligrams for stage in stages)
    widest = max((stage.milligrams for stage in stages), default=0)
    if whole <= 0 or widest <= 0:
        return []
    return [
        Bar(
            stage.stage,
            stage.milligrams,
            stage.milligrams * BASIS_POINTS // whole,
            max(0, stage.milligrams) * BASIS_POINTS // widest,
        )
        for stage in stages
    ]
