"""What pages write figures, days and codes with, in the reader's language."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from labels import wording
from labels.savings import BASIS_POINTS
from labels.wording import Language, Words

LOCALES: Final = {Language.CHINESE: Locale("zh", "CN", script="Hans"), Language.ENGLISH: Locale("en", "GB")}
_ZONE: Final = ZoneInfo("Asia/Shanghai")

_TABLES: Final[dict[str, Words]] = {
    "beside": wording.BESIDE,
    "boundary": wording.BOUNDARIES,
    "event": wording.EVENTS,
    "grade": wording.GRADES,
    "kind": wording.KINDS,
    "metric": wording.METRICS,
    "model": wording.MODELS,
    "obstacle": wording.OBSTACLES,
    "placement": wording.PLACEMENTS,
    "stage": wording.STAGES,
    "status": wording.STATUSES,
    "unit": wording.UNITS,
}
_MILLI: Final = 10**6
_NANO: Final = 10**12
"""Milligrams and nanograms in a kilogram."""


@dataclass(frozen=True, slots=True)
class Formats:
    """The functions of templates, for one language."""

    language: Language

    def word(self, table: str, code: str) -> str:
        """Return what a code of the registry is called; `table` is one of _TABLES."""
        return wording.word(_TABLES[table], code, self.language)

    def name(self, thing: Any) -> str:  # noqa: ANN401 - whatever has a name in both languages
        """Return the name of a row."""
        return wording.name_in(self.language, thing.name_zh, thing.name_en)

    def mass(self, milligrams: int) -> str:
        """Return mg of CO2e for people, to three digits."""
        return "{} {} CO₂e".format(*wording.mass(milligrams))

    def exact(self, milligrams: int) -> str:
        """Return mg of CO2e in kilograms, to the last milligram."""
        return f"{format_decimal(Decimal(milligrams) / _MILLI, '#,##0.######', self._locale)} kg CO₂e"

    def factor(self, nanograms: int) -> str:
        """Return ng in kilograms, to the last nanogram."""
        return str(format_decimal(Decimal(nanograms) / _NANO, "#,##0.############", self._locale))

    def share(self, basis_points: int) -> str:
        """Return basis points as a percentage."""
        return f"{format_decimal(Decimal(basis_points) * 100 / BASIS_POINTS, '0.##', self._locale)} %"

    def day(self, value: date) -> str:
        """Return a day, written out."""
        return str(format_date(value, "long", self._locale))

    def last_day(self, first_after: date) -> str:
        """Return the last day of a period, by the first one after it."""
        return self.day(first_after - timedelta(days=1))

    def moment(self, value: datetime) -> str:
        """Return a time, in China's."""
        return str(format_datetime(value, "medium", _ZONE, self._locale))

    def region(self, code: str) -> str:
        """Return what a region is called: a nation, a province or a grid region; another by its code."""
        if code in wording.REGIONS:
            return wording.word(wording.REGIONS, code, self.language)
        return str(self._locale.territories.get(code) or code)

    def likeness(self, below_bp: int | None, model: str | None) -> str:
        """Return how a product compares, in a few words."""
        return wording.likeness(below_bp, model, self.language)

    def functions(self) -> dict[str, Callable[..., str]]:
        """Return the functions by the names that templates call them by."""
        return {name: getattr(self, name) for name in _FUNCTIONS}

    @property
    def _locale(self) -> Locale:
        return LOCALES[self.language]


_FUNCTIONS: Final = (
    *("word", "name", "mass", "exact", "factor", "share"),
    *("day", "last_day", "moment", "region", "likeness"),
)
