"""From a row of somebody's table to an emission factor, or every reason why it can not be one. Pure.

Two forms are read: the one of FACTOR_COLUMNS, and the extract of the announcements of China's Ministry of Ecology and
Environment, which has a level (nation, grid region, province, kind of generation) in place of a subject.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from labels.metrics import GRID_AVERAGE, FactorBoundary, Metric, NewFactor
from labels.quantities import LARGEST
from labels.regions import GRID_BY_NAME
from labels.registrations import Rejected

Row = Mapping[str, str]

FACTOR_COLUMNS: Final = {
    "metric": f"one of {', '.join(Metric)}",
    "subject": "what it is a factor of, such as grid_average or generation.coal",
    "value": "kg of the metric's gas per unit",
    "unit": "such as kgCO2e/kWh; the metric says which",
    "region": "ISO 3166, such as CN or CN-ZJ, or a grid region such as CN-EAST-GRID",
    "year": "the year the figure is for",
    "boundary": f"one of {', '.join(FactorBoundary)}; the metric says which",
    "standard, gwp_set, data_quality, verification": "optional: what the source says of them",
    "source, source_row": "where it comes from; source may be left out for the file's name",
    "licence": "under which it may be used",
    "valid_from, valid_until": "first day, as 2026-01-31; and optionally the first day it no longer holds",
}

_NANOGRAMS_PER_KILOGRAM: Final = 10**12
_SUBJECTS: Final = {
    "光伏发电": "generation.solar_photovoltaic",
    "光热发电": "generation.solar_thermal",
    "核能发电": "generation.nuclear",
    "水力发电": "generation.hydro",
    "燃气发电": "generation.gas",
    "燃煤发电": "generation.coal",
    "生物质发电": "generation.biomass",
    "风力发电": "generation.wind",
    "输配电（不含线损）": "transmission.without_losses",
    "输配电（含线损）": "transmission.with_losses",
}
_LEVELS: Final = {
    "national": GRID_AVERAGE,
    "grid_region": GRID_AVERAGE,
    "province": GRID_AVERAGE,
    "national_excl_market_traded_nonfossil": "grid_average.without_traded_nonfossil",
    "national_fossil_only": "fossil_average",
}
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def factor_of(row: Row, *, source: str) -> NewFactor | list[Rejected]:
    """Return the factor a row holds; `source` names the file where the row names no source."""
    cells = _official(row) if "announcement" in row else {name: (row.get(name) or "").strip() for name in _NAMES}
    faults: list[Rejected] = []
    numbers = {
        "nanograms_per_unit": _nanograms(cells["value"], faults),
        "year": _whole("year", cells["year"], faults),
    }
    days = {
        "valid_from": _day("valid_from", cells["valid_from"], faults, needed=True),
        "valid_until": _day("valid_until", cells["valid_until"], faults, needed=False),
    }
    words = {name: cells[name] for name in _WORDS}
    words |= {"subject": words["subject"] or GRID_AVERAGE, "source": words["source"] or source}
    return faults or NewFactor(**(words | numbers | days))  # type: ignore[arg-type]  # by the names of its fields


_WORDS: Final = (
    "metric",
    "subject",
    "unit",
    "region",
    "boundary",
    "standard",
    "gwp_set",
    "data_quality",
    "verification",
    "source",
    "source_row",
    "licence",
)
_NAMES: Final = (*_WORDS, "value", "year", "valid_from", "valid_until")


def _official(row: Row) -> dict[str, str]:
    """Return a row of the ministry's announcements in the form of FACTOR_COLUMNS."""
    name, level, announcement = row["region_zh"], row["level"], row["announcement"]
    footprint = row["metric"] == Metric.ELECTRICITY_FOOTPRINT
    day = _DAY.search(announcement)
    return {
        "metric": row["metric"],
        "subject": _LEVELS.get(level) or _SUBJECTS.get(name, ""),
        "value": row["value"],
        "unit": row["unit"],
        "region": GRID_BY_NAME.get(name, "") if level == "grid_region" else row["iso3166_2"],
        "year": row["year"],
        "boundary": FactorBoundary.LIFE_CYCLE if footprint else FactorBoundary.GENERATION,
        "standard": "MEE/NBS/NEA method for electricity carbon footprint factors"
        if footprint
        else "MEE/NBS method for electricity CO2 emission factors",
        "gwp_set": "as announced" if footprint else "CO2 only",
        "data_quality": f"official statistics of {row['year']}",
        "verification": row["evidence"],
        "source": announcement,
        "source_row": f"{level} {name}",
        "licence": "official figure; cite the announcement",
        "valid_from": "" if day is None else day[0],
        "valid_until": "",
    }


def _nanograms(value: str, faults: list[Rejected]) -> int:
    """Return kg as whole nanograms; a figure that is finer than that, or no number, is a fault."""
    try:
        nanograms = Decimal(value) * _NANOGRAMS_PER_KILOGRAM
    except InvalidOperation:
        faults.append(Rejected("value", f"must be a number such as 0.5777, not {value[:40]!r}."))
        return 0
    if not nanograms.is_finite() or nanograms != nanograms.to_integral_value() or abs(nanograms) > LARGEST:
        faults.append(Rejected("value", "must be a number of at most 12 decimals, below 9 million kg."))
        return 0
    return int(nanograms)


def _whole(name: str, value: str, faults: list[Rejected]) -> int:
    if re.fullmatch(r"[0-9]{4}", value, re.ASCII):
        return int(value)
    faults.append(Rejected(name, f"must be a year such as 2024, not {value[:40]!r}."))
    return 0


def _day(name: str, value: str, faults: list[Rejected], *, needed: bool) -> date | None:
    if not value and not needed:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        faults.append(Rejected(name, f"must be a day such as 2026-01-31, not {value[:40]!r}."))
        return None
