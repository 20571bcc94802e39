"""Where a factor holds, and where to look next when there is none: province, grid region, nation. Pure.

The seven grid regions are those of the announcements of China's Ministry of Ecology and Environment of the CO2 factors
of electricity. Tibet has no value of its own there and belongs to none of the seven averages: it falls back to the
nation at once, rather than to a neighbour's figure.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_MEMBERS: Final = {
    "CN-NORTH-GRID": ("华北", ("BJ", "TJ", "HE", "SX", "SD", "NM")),
    "CN-NORTHEAST-GRID": ("东北", ("LN", "JL", "HL")),
    "CN-EAST-GRID": ("华东", ("SH", "JS", "ZJ", "AH", "FJ")),
    "CN-CENTRAL-GRID": ("华中", ("JX", "HA", "HB", "HN")),
    "CN-NORTHWEST-GRID": ("西北", ("SN", "GS", "QH", "NX", "XJ")),
    "CN-SOUTH-GRID": ("南方", ("GD", "GX", "HI", "GZ", "YN")),
    "CN-SOUTHWEST-GRID": ("西南", ("CQ", "SC")),
}

GRID_BY_NAME: Final[Mapping[str, str]] = MappingProxyType({name: code for code, (name, _) in _MEMBERS.items()})
"""The code of each grid region by its Chinese name."""

GRID_OF: Final[Mapping[str, str]] = MappingProxyType(
    {f"CN-{province}": code for code, (_, provinces) in _MEMBERS.items() for province in provinces}
)
"""The grid region of each province, by ISO 3166-2 code."""


def fallback(region: str) -> tuple[str, ...]:
    """Return the regions to look in, nearest first: itself, its grid region, its nation.

    A nation falls back to nothing: another nation's figure is another figure.
    """
    nation = region.partition("-")[0]
    steps = (region, GRID_OF.get(region), nation)
    return tuple(dict.fromkeys(step for step in steps if step))
