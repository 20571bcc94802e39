"""Where a product and its category's thresholds stand on a drawn scale."""

from dataclasses import dataclass
from typing import Final

from labels.comparators import Comparator

WIDTH: Final = 400
"""Units of the drawing from its left to its right end."""
_PAD: Final = 8
_LEFT, _RIGHT = 95, 305
"""Nearer to an end than this, a word is written away from that end."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of the scale that one grade takes."""

    letter: str
    left: int
    width: int

    @property
    def middle(self) -> int:
        """Where its letter stands."""
        return self.left + self.width // 2


@dataclass(frozen=True, slots=True)
class Scale:
    """The drawing; its ends are in mg CO2e per functional unit."""

    segments: tuple[Segment, ...]
    own: int
    usual: int
    low_mg: int
    high_mg: int

    def anchor(self, place: int) -> str:
        """Return how a word at `place` is written so that it stays on the drawing."""
        if place < _LEFT:
            return "start"
        return "end" if place > _RIGHT else "middle"


def scale_of(found: Comparator) -> Scale | None:
    """Return the scale of a comparator, or None where its baseline has no spread to be drawn."""
    if found.spread is None or not found.thresholds:
        return None
    own, spread = found.basis.footprint.milligrams_per_unit, found.spread
    points = (own, spread.lower_quartile_mg, spread.upper_quartile_mg, found.lowest_mg, found.highest_mg)
    low, high = min(points), max(points)
    pad = max(1, (high - low) // _PAD)
    low, high = max(0, low - pad), high + pad

    def at(milligrams: int) -> int:
        return min(max((milligrams - low) * WIDTH // (high - low), 0), WIDTH)

    segments, left = [], 0
    for threshold in found.thresholds:
        right = WIDTH if threshold.up_to_mg is None else at(threshold.up_to_mg)
        if right > left:
            segments.append(Segment(threshold.grade.value, left, right - left))
            left = right
    return Scale(tuple(segments), at(own), at(found.basis.baseline.milligrams_per_unit), low, high)
