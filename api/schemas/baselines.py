"""Baselines as anybody may see them."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.schemas import Schema
from labels.baseline_models import Model
from labels.grades import Spread, thresholds
from labels.tables import Baseline as Row


class GradeThreshold(Schema):
    """A grade goes up to and including `up_to_mg` per functional unit; the last one has no end."""

    grade: str
    up_to_mg: int | None


class Baseline(Schema):
    """What the usual product of a category emits, with everything its figure stands on."""

    baseline_id: UUID
    category_id: str
    gtin: str | None = Field(description="The only product it is for, under the model own_previous.")
    model: Model
    milligrams_per_unit: int
    functional_unit: str
    boundary: str
    standard: str
    region: str
    year: int | None
    sample_size: int
    lower_quartile_mg: int | None
    upper_quartile_mg: int | None
    thresholds: list[GradeThreshold] = Field(
        description="Grades that follow from the quartiles; none without them, or where both are the same."
    )
    method: str
    gwp_set: str
    data_quality: str
    verification: str
    source: str
    source_row: str
    licence: str
    valid_from: date
    valid_until: date | None = Field(description="The first day it no longer holds.")
    supersedes_id: UUID | None
    recorded_at: datetime

    @classmethod
    def of(cls, row: Row) -> Self:
        """Return a baseline as it is sent."""
        special = {"baseline_id", "thresholds", "model"}
        values = {name: getattr(row, name) for name in cls.model_fields if name not in special}
        return cls(baseline_id=row.id, model=Model(row.model), thresholds=_thresholds(row), **values)


class BaselinePage(Schema):
    """Baselines in the order they were recorded."""

    baselines: list[Baseline]
    next_cursor: str | None = Field(description="Where the next page starts; null when this is the last.")


def _thresholds(row: Row) -> list[GradeThreshold]:
    if row.lower_quartile_mg is None or row.upper_quartile_mg is None:
        return []
    spread = Spread(row.lower_quartile_mg, row.milligrams_per_unit, row.upper_quartile_mg, row.sample_size)
    return [GradeThreshold(grade=each.grade, up_to_mg=each.up_to_mg) for each in thresholds(spread)]
