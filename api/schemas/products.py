"""Products as anybody may see them, and as partners register them."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas import Code, Line, Name, Schema, Slug
from labels import catalogue
from labels.certificates import Status, status_on, valid_until_on
from labels.registrations import CERTIFIED_KINDS
from labels.savings import (
    BASIS_POINTS,
    Basis,
    CertificateFact,
    Obstacle,
    ObstacleReason,
    ProductFacts,
    Saving,
    basis_on,
    saving,
)
from labels.tables import Product

LARGEST_CONTENT = 10**12
"""A million functional units in one unit sold: a ship, but no overflow."""

_KINDS = CERTIFIED_KINDS


class CertificateSummary(Schema):
    """A mark on the product."""

    number: str
    scheme: str
    kind: str
    status: Status = Field(description="As of the day asked for.")
    valid_from: date
    valid_until: date = Field(description="The first day it no longer holds.")


class FootprintSummary(Schema):
    """A certified footprint: mg CO2e per functional unit, without uptake or removals."""

    footprint_id: UUID
    milligrams_per_unit: int
    functional_unit: str
    boundary: str
    standard: str
    region: str
    quarantined: bool = Field(description="Outside what products of its category can have; not credited.")
    valid_from: date
    valid_until: date | None
    recorded_at: datetime


class Potential(Schema):
    """What one unit saves against the usual product of its category, with full evidence."""

    saving_grams: int
    certificate_number: str
    footprint_id: UUID
    baseline_id: UUID
    baseline_milligrams_per_unit: int
    baseline_model: str


class NoPotential(Schema):
    """Why no saving can be told."""

    reason: ObstacleReason
    detail: str
    fields: list[str] = Field(description="In which footprint and baseline differ, when that is why.")


class ProductPage(Schema):
    """A product, its marks, and what it saves, as of a day."""

    gtin: str
    name_zh: str
    name_en: str
    brand: str
    pack: str
    category_id: str | None
    net_content_micro: int | None = Field(description="Millionths of the category's functional unit in one unit sold.")
    as_of: date
    certificates: list[CertificateSummary]
    footprints: list[FootprintSummary]
    potential: Potential | None
    obstacle: NoPotential | None

    @classmethod
    def of(cls, product: Product, facts: ProductFacts, day: date) -> Self:
        """Return a product as it is shown for `day`."""
        worked_out = _potential(facts, day)
        return cls(
            gtin=product.gtin,
            name_zh=product.name_zh,
            name_en=product.name_en,
            brand=product.brand,
            pack=product.pack,
            category_id=product.category_id,
            net_content_micro=product.net_content_micro,
            as_of=day,
            certificates=[_certificate(each, day) for each in facts.certificates],
            footprints=[
                FootprintSummary(footprint_id=each.id, **_shared(FootprintSummary, each)) for each in facts.footprints
            ],
            potential=worked_out if isinstance(worked_out, Potential) else None,
            obstacle=worked_out if isinstance(worked_out, NoPotential) else None,
        )


class NewProduct(Schema):
    """A trade item. Without `net_content_micro`, its content is read from `pack` where that is clear."""

    gtin: Code = Field(description="8, 12, 13 or 14 digits with a right check digit, or any code that holds one.")
    name_zh: Name
    name_en: Name | None = None
    brand: Name | None = None
    category_id: Slug | None = None
    pack: Name | None = Field(None, description="The pack size as printed, such as 500ml or 33克*30.")
    model: Name | None = Field(None, description="What its maker calls it whatever the pack; marks are shown by it.")
    maker_id: UUID | None = Field(None, description="The organization that makes it.")
    net_content_micro: Annotated[int, Field(strict=True, ge=1, le=LARGEST_CONTENT)] | None = None
    source: Line | None = None

    def as_row(self, organization_id: UUID) -> catalogue.NewProduct:
        """Return the product as the registry takes it, registered by an organization."""
        given = {name: value for name, value in dict(self).items() if value is not None}
        return catalogue.NewProduct(**given, registered_by_id=organization_id)


class Registration(Schema):
    """Something was registered."""

    id: Annotated[str, StringConstraints(min_length=1)]
    status: Literal["accepted", "quarantined", "unchanged"] = Field(
        description="quarantined: a footprint that waits for review. unchanged: the same was registered before."
    )


def _certificate(each: CertificateFact, day: date) -> CertificateSummary:
    status = status_on(each.events, each.valid_from, each.valid_until, day)
    until = valid_until_on(each.events, each.valid_until, day)
    return CertificateSummary(**_shared(CertificateSummary, each) | {"status": status, "valid_until": until})


def _shared(schema: type[Schema], value: object) -> dict[str, object]:
    """Return the fields of `schema` that `value` has under the same names."""
    return {name: getattr(value, name) for name in schema.model_fields if hasattr(value, name)}


def _potential(facts: ProductFacts, day: date) -> Potential | NoPotential:
    basis = basis_on(facts, day, _KINDS)
    found = basis if isinstance(basis, Obstacle) else saving(basis, quantity=1, evidence_bp=BASIS_POINTS)
    match basis, found:
        case Basis(), Saving():
            return Potential(
                saving_grams=found.grams,
                certificate_number=basis.certificate_number,
                footprint_id=basis.footprint.id,
                baseline_id=basis.baseline.id,
                baseline_milligrams_per_unit=basis.baseline.milligrams_per_unit,
                baseline_model=basis.baseline.model,
            )
        case _, Obstacle(reason, detail, fields):
            return NoPotential(reason=reason, detail=detail, fields=list(fields))
    raise AssertionError(found)
