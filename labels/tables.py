"""The registry. Every figure is a row with its source; a corrected figure is a new row that supersedes the old one.

Masses of CO2e are whole milligrams per functional unit; contents are millionths of a functional unit (85.5 g in a
category counted by the kilogram: 85,500), so that every product of the two stays an integer.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core import clock
from core.ids import new_id


def _words(description: str) -> Any:  # noqa: ANN401 - SQLModel's Field is of any type
    """Return a text column that older rows leave empty."""
    return Field(default="", description=description, sa_column_kwargs={"server_default": ""})


class Organization(SQLModel, table=True):
    """A maker, retailer or certifier; one organization may be several."""

    __tablename__ = "organization"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name_zh: str
    name_en: str
    roles: str = Field(description="Comma-separated, sorted: certifier, maker, retailer.")
    created_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))


class Category(SQLModel, table=True):
    """A group of comparable products, the unit they are compared by, and the range a footprint can believably have."""

    __tablename__ = "category"

    id: str = Field(primary_key=True, description="A stable slug, such as `tea` or `beverages.beer`.")
    parent_id: str | None = Field(default=None, foreign_key="category.id")
    name_zh: str
    name_en: str
    functional_unit: str = Field(description="kg, L, item, m2 ...: see labels.quantities.FunctionalUnit.")
    plausible_low_mg: int | None = Field(default=None, sa_type=BigInteger, description="mg CO2e per functional unit.")
    plausible_high_mg: int | None = Field(default=None, sa_type=BigInteger, description="mg CO2e per functional unit.")


class Factor(SQLModel, table=True):
    """An emission factor, one vintage a row; a later vintage supersedes, never overwrites. Only ever added to."""

    __tablename__ = "factor"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    metric: str = Field(index=True, description="See labels.metrics; two metrics are never substituted for each other.")
    subject: str = _words("What it is a factor of, within the metric: grid_average, generation.coal ...")
    nanograms_per_unit: int = Field(sa_type=BigInteger, description="ng CO2e (or CO2, as the metric says) per `unit`.")
    unit: str
    region: str = Field(description="ISO 3166 country or subdivision, or a grid region of labels.regions.")
    year: int = Field(description="The year the figure is for.")
    boundary: str
    standard: str = _words("What it was worked out by.")
    gwp_set: str = _words("The set of global warming potentials, such as AR6; none where only CO2 counts.")
    data_quality: str = _words("How good the data behind it are, in the source's own terms.")
    verification: str = _words("Who checked it, or how it was read from its source.")
    source: str
    source_row: str
    licence: str
    valid_from: date
    valid_until: date | None = Field(default=None, description="The first day it no longer holds.")
    supersedes_id: UUID | None = Field(default=None, foreign_key="factor.id")
    recorded_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))


class Baseline(SQLModel, table=True):
    """What the usual product of a category emits, for one functional unit, boundary, standard and region class.

    Only ever added to: a further row supersedes.
    """

    __tablename__ = "baseline"
    __table_args__ = (Index("ix_baseline_category_valid_from", "category_id", "valid_from"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    category_id: str = Field(foreign_key="category.id")
    model: str = Field(description="category_mean, own_previous, conventional_product or regulated.")
    milligrams_per_unit: int = Field(sa_type=BigInteger, description="mg CO2e per functional unit.")
    functional_unit: str
    boundary: str
    standard: str
    region: str
    sample_size: int
    lower_quartile_mg: int | None = Field(default=None, sa_type=BigInteger)
    upper_quartile_mg: int | None = Field(default=None, sa_type=BigInteger)
    method: str = Field(description="How the figure was made, with its version: `median/1`.")
    gtin: str | None = Field(
        default=None, max_length=14, description="The only product it is for: that of its maker's previous certificate."
    )
    year: int | None = Field(default=None, description="The year the figures are for, where their source says.")
    gwp_set: str = _words("The set of global warming potentials, such as AR5.")
    data_quality: str = _words("How good the data behind it are, in the source's own terms.")
    verification: str = _words("Who checked it, or how it was read from its source.")
    source: str
    source_row: str = ""
    licence: str
    valid_from: date
    valid_until: date | None = Field(default=None, description="The first day it no longer holds.")
    supersedes_id: UUID | None = Field(default=None, foreign_key="baseline.id")
    recorded_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))


class Product(SQLModel, table=True):
    """A trade item under its 14-digit GTIN."""

    __tablename__ = "product"
    __table_args__ = (Index("ix_product_maker_model", "maker_id", "model", postgresql_where=text("model <> ''")),)

    gtin: str = Field(primary_key=True, max_length=14)
    name_zh: str
    name_en: str
    brand: str = ""
    model: str = _words("What its maker calls it, whatever the size of the pack; marks are shown together by it.")
    maker_id: UUID | None = Field(default=None, foreign_key="organization.id")
    category_id: str | None = Field(default=None, foreign_key="category.id", index=True)
    net_content_micro: int | None = Field(
        default=None, sa_type=BigInteger, description="Millionths of the category's functional unit in one unit sold."
    )
    pack: str = Field(default="", description="The pack size as printed, such as 500ml or 33克*30.")
    source: str = ""
    registered_by_id: UUID | None = Field(default=None, foreign_key="organization.id")
    created_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))


class ProductRevision(SQLModel, table=True):
    """What somebody changed in a product; only ever added."""

    __tablename__ = "product_revision"
    __table_args__ = (Index("ix_product_revision_gtin", "gtin", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    gtin: str = Field(foreign_key="product.gtin", max_length=14)
    changes: dict[str, Any] = Field(sa_type=JSONB, description="Field -> its value before and after.")
    organization_id: UUID | None = Field(
        default=None, foreign_key="organization.id", description="Whose key it was; none of staff."
    )
    actor: str
    reason: str = ""
    recorded_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))


class Footprint(SQLModel, table=True):
    """A product's certified carbon footprint: one version a row."""

    __tablename__ = "footprint"
    __table_args__ = (Index("ix_footprint_gtin_valid_from", "gtin", "valid_from"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    gtin: str = Field(foreign_key="product.gtin", max_length=14)
    milligrams_per_unit: int = Field(
        sa_type=BigInteger, description="mg CO2e per functional unit: fossil and land use, without uptake or removals."
    )
    uptake_mg: int = Field(
        default=0, sa_type=BigInteger, description="Biogenic uptake and removals, apart; never credited."
    )
    functional_unit: str
    boundary: str
    standard: str
    region: str
    uncertainty_bp: int = Field(default=0, description="Deduction for uncertainty, in hundredths of a percent.")
    status: str = Field(default="accepted", description="accepted; quarantined until reviewed; rejected by a review.")
    source: str = ""
    valid_from: date
    valid_until: date | None = Field(default=None, description="The first day it no longer holds.")
    supersedes_id: UUID | None = Field(default=None, foreign_key="footprint.id")
    recorded_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))


class Certificate(SQLModel, table=True):
    """A certifier's mark on one product. Its status is not here: it follows from its events, as of a day."""

    __tablename__ = "certificate"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: str = Field(unique=True)
    scheme: str
    kind: str = Field(description="See labels.registrations.CertificateKind.")
    gtin: str = Field(foreign_key="product.gtin", index=True, max_length=14)
    footprint_id: UUID | None = Field(default=None, foreign_key="footprint.id")
    certifier_id: UUID = Field(foreign_key="organization.id")
    valid_from: date
    valid_until: date = Field(description="The first day it no longer holds.")
    recorded_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))


class CertificateEvent(SQLModel, table=True):
    """Something that happened to a certificate; only ever added."""

    __tablename__ = "certificate_event"
    __table_args__ = (Index("ix_certificate_event_certificate", "certificate_id", "effective_on"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    certificate_id: UUID = Field(foreign_key="certificate.id")
    kind: str = Field(description="See labels.certificates.EventKind.")
    effective_on: date
    recorded_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    actor: str
    reason: str = ""
    valid_until: date | None = Field(default=None, description="The new end, of a renewal.")


class FootprintReview(SQLModel, table=True):
    """What a person decided about a quarantined footprint; only ever added."""

    __tablename__ = "footprint_review"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    footprint_id: UUID = Field(foreign_key="footprint.id", index=True)
    decision: str = Field(description="accepted or rejected.")
    reason: str
    actor: str
    recorded_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))


class BaselineDraftSet(SQLModel, table=True):
    """Baselines somebody wants to publish together: drafted, looked at, then published or left."""

    __tablename__ = "baseline_draft_set"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    state: str = Field(default="draft", description="draft or published.")
    model: str
    valid_from: date
    valid_until: date | None = Field(default=None, description="The first day they no longer hold.")
    rows: list[dict[str, Any]] = Field(sa_type=JSONB, description="The baselines, each with the columns of `baseline`.")
    reason: str
    created_by: str
    created_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    published_by: str | None = None
    published_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class PilotJudgement(SQLModel, table=True):
    """What a person thinks of a category by one criterion of the choice of pilot industries; the latest counts."""

    __tablename__ = "pilot_judgement"
    __table_args__ = (Index("ix_pilot_judgement_category", "category_id", "criterion", "recorded_at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    category_id: str = Field(foreign_key="category.id")
    criterion: str
    score: int = Field(description="0, bad for a pilot, to 100, good.")
    reason: str
    source: str = _words("Where the judgement comes from, such as a statistic.")
    actor: str
    recorded_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
