"""Whether a footprint can be what it says: bounds by category, and the unit errors that people really make. Pure.

A figure that looks wrong is not refused but kept apart until a person has looked at it. Each finding says what makes it
suspicious and, where one guess suggests itself, what the figure would be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from labels.quantities import MILLIGRAMS_PER_KILOGRAM, FunctionalUnit

_THOUSANDS: Final = (1_000, 1_000_000)
_BEYOND_ANY_KG: Final[Mapping[str, int]] = {
    FunctionalUnit.KILOGRAM: 500,
    FunctionalUnit.LITRE: 500,
    FunctionalUnit.ITEM: 100_000,
    FunctionalUnit.PAIR: 1_000,
    FunctionalUnit.SQUARE_METRE: 5_000,
    FunctionalUnit.METRE: 5_000,
    FunctionalUnit.CUBIC_METRE: 50_000,
    FunctionalUnit.KILOWATT_HOUR: 5,
    FunctionalUnit.MEAL: 200,
}
"""Above this many kg CO2e no consumer product lies: a kilogram is beyond 500 only for refrigerants that escape (the
extract of CPCD has 50 such figures, and all others among them are errors of unit), an item is beyond 100 t not even
for a lorry's making and fuel for years."""


class Suspicion(StrEnum):
    """What can look wrong with a footprint."""

    NEGATIVE = "negative"
    ZERO = "zero"
    BELOW_RANGE = "below_range"
    ABOVE_RANGE = "above_range"
    FACTOR_THOUSAND = "factor_thousand"
    COUNTED_BY_MASS = "counted_by_mass"
    OTHER_UNIT = "other_unit"
    BEYOND_ANY_PRODUCT = "beyond_any_product"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a category's products are counted in, and the range they can believably have, in mg CO2e, ends included."""

    functional_unit: str
    low_mg: int | None
    high_mg: int | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason to look twice. `suggested_mg` is what the figure would be if the guess is right."""

    suspicion: Suspicion
    detail: str
    suggested_mg: int | None = None


def examine(milligrams: int, functional_unit: str, bounds: Bounds | None) -> tuple[Finding, ...]:
    """Return what looks wrong with a figure in mg CO2e per `functional_unit`; nothing when it is believable.

    `bounds` are those of the product's category, None when it is not known; then only what holds for any product is
    looked at.
    """
    found = [*_by_itself(milligrams, functional_unit)]
    if bounds is None:
        return tuple(found)
    if functional_unit != bounds.functional_unit:
        return (*found, _unit_finding(milligrams, functional_unit, bounds))
    if milligrams > 0:
        found += _in_range(milligrams, bounds)
    return tuple(found)


def _by_itself(milligrams: int, functional_unit: str) -> list[Finding]:
    if milligrams < 0:
        return [Finding(Suspicion.NEGATIVE, "A footprint is not below zero: uptake and removals are stated apart.")]
    if milligrams == 0:
        return [Finding(Suspicion.ZERO, "Nothing is made for nothing: zero stands for a figure that is missing.")]
    most = _BEYOND_ANY_KG.get(functional_unit)
    if most is not None and milligrams > most * MILLIGRAMS_PER_KILOGRAM:
        detail = f"No consumer product emits more than {most:,} kg CO2e per {functional_unit}."
        return [Finding(Suspicion.BEYOND_ANY_PRODUCT, detail)]
    return []


def _unit_finding(milligrams: int, functional_unit: str, bounds: Bounds) -> Finding:
    """Return what is wrong with the unit; a whole item's figure that is given per kg is the common case."""
    counted = bounds.functional_unit
    by_piece = counted in {FunctionalUnit.ITEM, FunctionalUnit.PAIR}
    if by_piece and functional_unit == FunctionalUnit.KILOGRAM:
        whole = milligrams if _within(milligrams, bounds) else None
        guess = " It would be believable as the figure of a whole one." if whole is not None else ""
        detail = f"This is given per kg, and the category is counted by the {counted}.{guess}"
        return Finding(Suspicion.COUNTED_BY_MASS, detail, whole)
    return Finding(
        Suspicion.OTHER_UNIT, f"This is given per {functional_unit}, and the category is counted by the {counted}."
    )


def _in_range(milligrams: int, bounds: Bounds) -> list[Finding]:
    if _within(milligrams, bounds):
        return []
    low, high = _range(bounds)
    below = bounds.low_mg is not None and milligrams < bounds.low_mg
    suspicion = Suspicion.BELOW_RANGE if below else Suspicion.ABOVE_RANGE
    found = [
        Finding(suspicion, f"Products of this category have {low} to {high} kg CO2e per {bounds.functional_unit}.")
    ]
    guesses = [(milligrams * by if below else _divided(milligrams, by), by) for by in _THOUSANDS]
    for guess, by in guesses:
        if _within(guess, bounds):
            what = "g was taken for kg, or kg for t" if below else "kg was taken for g, or t for kg"
            much = f"{'Times' if below else 'Divided by'} {by:,} it would be believable: perhaps {what}."
            found.append(Finding(Suspicion.FACTOR_THOUSAND, much, guess))
            break
    return found


def _divided(number: int, divisor: int) -> int:
    """Return a positive whole number divided by another, rounded half to even."""
    whole, rest = divmod(number, divisor)
    return whole + (1 if 2 * rest > divisor or (2 * rest == divisor and whole % 2) else 0)


def _within(milligrams: int, bounds: Bounds) -> bool:
    above = bounds.low_mg is None or milligrams >= bounds.low_mg
    return above and (bounds.high_mg is None or milligrams <= bounds.high_mg)


def _range(bounds: Bounds) -> tuple[str, str]:
    return _kilograms(bounds.low_mg, "any"), _kilograms(bounds.high_mg, "any")


def _kilograms(milligrams: int | None, unbounded: str) -> str:
    if milligrams is None:
        return unbounded
    whole, rest = divmod(milligrams, MILLIGRAMS_PER_KILOGRAM)
    return f"{whole:,}.{rest:06}".rstrip("0").rstrip(".")
