"""How a product compares, as anybody may see it."""

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import Field

from api.schemas import Schema
from api.schemas.products import NoPotential
from labels import grades
from labels.comparators import ALTERNATIVES_RULE, Comparator
from labels.grades import Grade
from labels.savings import Obstacle


class GradeThreshold(Schema):
    """A grade goes up to and including `up_to_mg`."""

    grade: Grade
    up_to_mg: int | None = Field(description="mg CO2e per functional unit; null: no end.")


class CategoryRange(Schema):
    """The comparable footprints registered in the category on the day, in mg CO2e per functional unit."""

    lowest_mg: int
    highest_mg: int
    products: int


class LowerProduct(Schema):
    """A lower-carbon product of the same category."""

    gtin: str
    name_zh: str
    name_en: str
    milligrams_per_unit: int
    below_bp: int | None = Field(description="How far below this product, in hundredths of a percent.")


class Comparison(Schema):
    """A product against the usual one; mg CO2e per functional unit, shares in hundredths of a percent."""

    certificate_number: str
    footprint_id: UUID
    milligrams_per_unit: int
    baseline_id: UUID
    baseline_milligrams_per_unit: int
    baseline_model: str
    functional_unit: str
    boundary: str
    standard: str
    region: str
    below_bp: int | None = Field(description="How far below the baseline; negative when above it.")
    grade: Grade | None = Field(
        description="Null where the baseline is a single figure, or its quartiles are the same."
    )
    grade_method: str
    thresholds: list[GradeThreshold]
    sample_size: int | None = Field(description="How many figures the thresholds were made from.")
    range: CategoryRange
    alternatives: list[LowerProduct]
    alternatives_rule: str

    @classmethod
    def of(cls, found: Comparator) -> Self:
        """Return what was found as it is shown."""
        footprint, baseline = found.basis.footprint, found.basis.baseline
        return cls(
            certificate_number=found.basis.certificate_number,
            footprint_id=footprint.id,
            milligrams_per_unit=footprint.milligrams_per_unit,
            baseline_id=baseline.id,
            baseline_milligrams_per_unit=baseline.milligrams_per_unit,
            baseline_model=baseline.model,
            functional_unit=footprint.functional_unit,
            boundary=footprint.boundary,
            standard=footprint.standard,
            region=footprint.region,
            below_bp=found.below_bp,
            grade=found.grade,
            grade_method=grades.METHOD,
            thresholds=[GradeThreshold.model_validate(each) for each in found.thresholds],
            sample_size=None if found.spread is None else found.spread.sample_size,
            range=CategoryRange.model_validate(found),
            alternatives=[LowerProduct.model_validate(each) for each in found.alternatives],
            alternatives_rule=ALTERNATIVES_RULE,
        )


class ComparisonPage(Schema):
    """How a product compares on a day, or why it can not be compared: one of the two is null."""

    gtin: str
    as_of: date
    comparison: Comparison | None
    obstacle: NoPotential | None

    @classmethod
    def of(cls, gtin: str, day: date, found: Comparator | Obstacle) -> Self:
        """Return what was found for a product as it is shown."""
        if isinstance(found, Obstacle):
            reason = NoPotential(reason=found.reason, detail=found.detail, fields=list(found.fields))
            return cls(gtin=gtin, as_of=day, comparison=None, obstacle=reason)
        return cls(gtin=gtin, as_of=day, comparison=Comparison.of(found), obstacle=None)
