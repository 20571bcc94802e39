"""What a resident gathered over time, by category, and what it is about as much as."""

from datetime import date
from typing import Annotated

from pydantic import Field

from api.schemas import Schema

MINUS = "Less what was taken back, in the period of the activity itself."


class GatheredIn(Schema):
    """What was credited for activities of one period."""

    starts_on: date
    grams: Annotated[int, Field(description=f"Grams of CO2e saved. {MINUS}")]
    points: Annotated[int, Field(description=f"Points credited, spent or not. {MINUS}")]
    activities: int


class History(Schema):
    """Every period from the first to the last, also those in which nothing was credited."""

    periods: list[GatheredIn]


class GatheredOf(Schema):
    """What was credited for activities of one category."""

    category_id: Annotated[str, Field(description="Empty for what belongs to no category.")]
    name_zh: str
    name_en: str
    grams: int
    points: int
    units: Annotated[int, Field(description="Units bought, less units returned.")]
    activities: int


class CategoryHistory(Schema):
    """Categories in which something was credited, the most grams first."""

    categories: list[GatheredOf]


class Equivalent(Schema):
    """What the grams are about as much as. Rounded down; `source` says whose figure it is made with."""

    key: str
    name_zh: str
    name_en: str
    unit: str
    amount_thousandths: Annotated[int, Field(description="Thousandths of `unit`.")]
    milligrams_per_unit: int
    region: str
    year: int
    source: str
    licence: str


class Equivalents(Schema):
    """All grams a resident has, in things everybody knows."""

    grams: int
    equivalents: list[Equivalent]
