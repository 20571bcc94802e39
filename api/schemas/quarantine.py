"""Footprints that look wrong, and what is decided about them."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from api.schemas import Line, Schema
from labels.plausibility import Suspicion
from labels.quarantine import Decision


class Finding(Schema):
    """One reason to look twice."""

    suspicion: Suspicion
    detail: str
    suggested_mg: int | None = Field(description="What the figure would be if the guess is right.")


class QuarantinedFootprint(Schema):
    """A footprint that waits for review, with its product; mg CO2e per functional unit."""

    footprint_id: UUID
    gtin: str
    name_zh: str
    name_en: str
    brand: str
    category_id: str | None
    milligrams_per_unit: int
    functional_unit: str
    boundary: str
    standard: str
    region: str
    source: str
    recorded_at: datetime
    plausible_low_mg: int | None
    plausible_high_mg: int | None
    findings: list[Finding]


class QuarantinePage(Schema):
    """The queue, oldest first."""

    footprints: list[QuarantinedFootprint]
    next_cursor: str | None = Field(description="Where the next page starts; null when this is the last.")


class NewDecision(Schema):
    """What is decided, and why."""

    decision: Decision
    reason: Line


class ReviewDecision(Schema):
    """A decision, which stands."""

    review_id: UUID
    footprint_id: UUID
    decision: Decision
    reason: str
    actor: str
    recorded_at: datetime
