"""Baselines on their way to being published."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.schemas import Day, Line, Name, Schema, Slug
from labels.baseline_drafts import GradePreview, counted, rows_of
from labels.baseline_models import Model, NamedFigure
from labels.medians import ComparableFigure
from labels.quantities import Boundary, FunctionalUnit
from labels.tables import BaselineDraftSet
from points.earning.baseline_previews import SavingsPreview
from points.earning.reappraisals import Reappraised

_MOST_FIGURES = 5_000
_MOST_CHANGES = 500
_LARGEST_MG = 10**15


class NewFigure(Schema):
    """One sourced figure of an imported set."""

    category_id: Slug
    milligrams_per_unit: Annotated[int, Field(strict=True, ge=1, le=_LARGEST_MG)]
    functional_unit: FunctionalUnit
    boundary: Boundary
    standard: Name
    region: Name
    year: Annotated[int, Field(strict=True, ge=1990, le=2100)]
    source: Line
    source_row: Line
    licence: Name
    gwp_set: Name | None = None
    data_quality: Name | None = None
    verification: Name | None = None

    def as_figure(self) -> NamedFigure:
        """Return the figure as the registry takes it."""
        figure = ComparableFigure(
            path=(self.category_id,),
            milligrams_per_unit=self.milligrams_per_unit,
            functional_unit=self.functional_unit,
            boundary=self.boundary,
            standard=self.standard,
            region=self.region,
            source=self.source,
            source_row=self.source_row,
            licence=self.licence,
        )
        return NamedFigure(
            figure,
            year=self.year,
            gwp_set=self.gwp_set or "",
            data_quality=self.data_quality or "",
            verification=self.verification or "",
        )


class NewBaselineDraft(Schema):
    """What to make baselines of: the registry's certified footprints of some categories, or a given set of figures."""

    model: Model
    category_ids: Annotated[list[Slug], Field(max_length=200)] = Field(
        [], description="Categories of the registry; with `figures`, only these of them."
    )
    figures: Annotated[list[NewFigure], Field(max_length=_MOST_FIGURES)] = Field(
        [], description="An imported set; without it the registry's own footprints are taken."
    )
    valid_from: Day
    valid_until: Day | None = None
    reason: Line

    @model_validator(mode="after")
    def _something(self) -> Self:
        """Refuse a draft of nothing."""
        if not self.category_ids and not self.figures:
            raise ValueError("give category_ids, or figures")
        return self


class DraftedBaseline(Schema):
    """One baseline of a draft."""

    category_id: str
    from_category_id: str = Field(description="The finest category that had figures enough.")
    gtin: str | None
    milligrams_per_unit: int
    functional_unit: str
    boundary: str
    standard: str
    region: str
    year: int | None
    sample_size: int
    lower_quartile_mg: int | None
    upper_quartile_mg: int | None
    method: str
    source: str
    source_row: str
    licence: str


class BaselineDraft(Schema):
    """Baselines that would be published together."""

    draft_id: UUID
    state: Literal["draft", "published"]
    model: Model
    valid_from: date
    valid_until: date | None
    reason: str
    created_by: str
    created_at: datetime
    published_by: str | None
    published_at: datetime | None
    baselines: list[DraftedBaseline]

    @classmethod
    def of(cls, made: BaselineDraftSet) -> Self:
        """Return a draft as it is sent."""
        own = {"draft_id", "baselines"}
        values = {name: getattr(made, name) for name in cls.model_fields if name not in own}
        return cls(draft_id=made.id, baselines=[DraftedBaseline.model_validate(row) for row in rows_of(made)], **values)


class ChangedGrade(Schema):
    """A product whose grade would change; null: no grade."""

    gtin: str
    name_zh: str
    name_en: str
    category_id: str
    milligrams_per_unit: int
    before: str | None
    after: str | None


class GradeCount(Schema):
    """How many products would go from one grade to another."""

    before: str | None
    after: str | None
    products: int


class CategorySavings(Schema):
    """Grams that one category's activities saved, and would have saved."""

    category_id: str
    activities: int
    before_grams: int
    after_grams: int

    @classmethod
    def each(cls, found: Sequence[Reappraised]) -> list[Self]:
        """Return categories as they are sent."""
        return [cls.model_validate(one) for one in found]


class MonthSavings(Schema):
    """What the programme's last whole month saved and would have saved, before caps; `until` is exclusive."""

    since: date
    until: date
    activities: int = Field(description="How many were held against a baseline that the draft would take over from.")
    before_grams: int
    after_grams: int
    categories: list[CategorySavings]


class BaselinePreview(Schema):
    """What would change if a draft were published."""

    draft_id: UUID
    compared_products: int
    left_out_products: int = Field(
        description="Products whose comparable footprint medians leave out: no certificate valid on the first day."
    )
    changed_products: int
    grade_counts: list[GradeCount]
    changes: list[ChangedGrade] = Field(description=f"The first {_MOST_CHANGES} products whose grade would change.")
    last_month: MonthSavings

    @classmethod
    def of(cls, draft_id: UUID, grades: GradePreview, month: SavingsPreview) -> Self:
        """Return a preview as it is sent."""
        counts = sorted(counted(grades.changes).items(), key=lambda item: tuple(str(grade) for grade in item[0]))
        return cls(
            draft_id=draft_id,
            compared_products=grades.compared,
            left_out_products=grades.left_out,
            changed_products=len(grades.changes),
            grade_counts=[GradeCount(before=old, after=new, products=count) for (old, new), count in counts],
            changes=[ChangedGrade.model_validate(each) for each in grades.changes[:_MOST_CHANGES]],
            last_month=MonthSavings(
                since=month.since,
                until=month.until,
                activities=month.activities,
                before_grams=month.before_grams,
                after_grams=month.after_grams,
                categories=CategorySavings.each(month.categories),
            ),
        )
