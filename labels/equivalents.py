"""What so many grams of CO2e are about as much as, in things everybody knows. Pure.

Only for a sense of size: nothing is credited by these figures. Each is an official factor for what it names, and its
source is told with it.
"""

from dataclasses import dataclass
from typing import Final

_MILLI: Final = 1_000


@dataclass(frozen=True, slots=True)
class Everyday:
    """Something that causes `milligrams` of CO2e for each unit, by an official figure."""

    key: str
    name_zh: str
    name_en: str
    unit: str
    milligrams: int
    region: str
    year: int
    source: str
    licence: str


@dataclass(frozen=True, slots=True)
class Equivalent:
    """`thousandths` of a unit of `everyday`, rounded down: never more than was saved."""

    everyday: Everyday
    thousandths: int


_DEFRA: Final = "UK Government GHG Conversion Factors for Company Reporting 2025, business travel by land"
_OGL: Final = "Open Government Licence v3.0"

EVERYDAY: Final = (
    Everyday(
        "electricity",
        "中国电网平均用电",
        "electricity from China's grid, on average",
        "kWh",
        577_700,
        "CN",
        2024,
        "MEE/NBS/NEA announcement of 2025-09-28, 2024 electricity carbon footprint factors, national average",
        "official figure; cite the announcement",
    ),
    Everyday(
        "petrol_car",
        "乘普通汽油轿车行驶",
        "driving an average petrol car",
        "km",
        162_720,
        "GB",
        2025,
        f"{_DEFRA}: cars by size, average car, petrol",
        _OGL,
    ),
    Everyday(
        "light_rail",
        "乘轻轨或有轨电车出行",
        "travelling by light rail or tram",
        "passenger-km",
        28_600,
        "GB",
        2025,
        f"{_DEFRA}: rail, light rail and tram",
        _OGL,
    ),
)
"""Kilograms of CO2e a unit in the sources: 0.5777 a kWh, 0.16272 a km, 0.0286 a passenger-km."""


def equivalents(grams: int) -> tuple[Equivalent, ...]:
    """Return what `grams` of CO2e are about as much as.

    Raises:
        ValueError: when `grams` is negative: nothing was saved then.
    """
    if grams < 0:
        raise ValueError(f"Equivalents are of what was saved, not of {grams} grams.")
    return tuple(Equivalent(each, grams * 1_000 * _MILLI // each.milligrams) for each in EVERYDAY)
