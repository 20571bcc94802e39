"""Edits of products, and what was changed when and by whom."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.schemas import Line, Name, Schema, Slug
from api.schemas.products import LARGEST_CONTENT
from labels.edits import Edit
from labels.revisions import Revision


class ProductEdit(Schema):
    """New values for what is given; the rest stays. Null empties maker, category and content."""

    name_zh: Name | None = None
    name_en: Name | None = None
    brand: Name | None = None
    model: Name | None = Field(None, description="What its maker calls it whatever the pack; marks are shown by it.")
    maker_id: UUID | None = None
    category_id: Slug | None = None
    pack: Name | None = None
    net_content_micro: Annotated[int, Field(strict=True, ge=1, le=LARGEST_CONTENT)] | None = None
    reason: Line = Field(description="Why; it stands in the product's history.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        given = self.model_fields_set - {"reason"}
        if not given:
            raise ValueError("give at least one value to change")
        empty = sorted(
            name for name in given - {"maker_id", "category_id", "net_content_micro"} if getattr(self, name) is None
        )
        if empty:
            raise ValueError(f"send no null for {', '.join(empty)}; leave out what is to stay")
        return self

    def as_edit(self, gtin: str, by_id: UUID | None) -> Edit:
        """Return the edit as the registry takes it."""
        return Edit(gtin, {name: getattr(self, name) for name in self.model_fields_set - {"reason"}}, by_id)


class RevisionView(Schema):
    """One change: each field with its value before and after."""

    recorded_at: datetime
    changes: dict[str, list[Any]]
    organization_id: UUID | None = Field(description="Who made it; null: the programme's staff.")
    name_zh: str | None
    name_en: str | None
    reason: str

    @classmethod
    def of(cls, revision: Revision) -> Self:
        """Return a change as it is shown."""
        return cls.model_validate({name: getattr(revision, name) for name in cls.model_fields})


class RevisionList(Schema):
    """The changes of a product, newest first."""

    gtin: str
    revisions: list[RevisionView]
    next_cursor: str | None
