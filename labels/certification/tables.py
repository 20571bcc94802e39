"""Schemes of certification, official pictures of marks, and applications with everything that happened to them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core import clock
from core.ids import new_id


class Scheme(SQLModel, table=True):
    """The rules a mark is given under: whose they are, what it says, where and how it may be shown."""

    __tablename__ = "scheme"

    id: str = Field(primary_key=True, description="A stable slug, such as `cn.carbon_footprint`.")
    kind: str = Field(description="What its mark says: see labels.registrations.CertificateKind.")
    name_zh: str
    name_en: str
    owner_zh: str
    owner_en: str
    region: str = Field(description="Where it is from: ISO 3166, or GLO.")
    self_declared: bool = Field(default=False, description="The maker alone answers for it; nobody else looked.")
    site_check: bool = Field(default=True, description="Somebody must see the works before it is granted.")
    months_valid: int | None = Field(default=None, description="How long a certificate holds, where the scheme says.")
    placements: list[str] = Field(sa_type=JSONB, description="Where it may be shown: labels.certification.mark_use.")
    must_show: list[str] = Field(sa_type=JSONB, description="What must stand beside the mark, in the same terms.")
    rules_zh: str = Field(description="How the mark may be used, in words.")
    rules_en: str
    source: str
    source_row: str = Field(default="", description="The article or page of the source.")


class CertificateApplication(SQLModel, table=True):
    """A maker's request for a certificate, as it was sent; nothing changes it. Its stage is its last step."""

    __tablename__ = "certificate_application"
    __table_args__ = (
        Index("ix_certificate_application_applicant", "applicant_id", "id"),
        Index("ix_certificate_application_certifier", "certifier_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    gtin: str = Field(foreign_key="product.gtin", max_length=14)
    scheme_id: str = Field(foreign_key="scheme.id")
    footprint_id: UUID | None = Field(default=None, foreign_key="footprint.id")
    applicant_id: UUID = Field(foreign_key="organization.id")
    certifier_id: UUID = Field(foreign_key="organization.id")
    recorded_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))


class ApplicationStep(SQLModel, table=True):
    """Something that happened to an application; only ever added."""

    __tablename__ = "application_step"
    __table_args__ = (Index("ix_application_step_application", "application_id", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    application_id: UUID = Field(foreign_key="certificate_application.id")
    step: str = Field(description="See labels.certification.transitions.Step.")
    effective_on: date
    recorded_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    actor: str
    reason: str = ""
    certificate_id: UUID | None = Field(
        default=None, foreign_key="certificate.id", description="What granting it registered."
    )


class MarkAsset(SQLModel, table=True):
    """The official picture of a certificate's mark, unaltered; only ever added, and the last one counts."""

    __tablename__ = "mark_asset"
    __table_args__ = (Index("ix_mark_asset_certificate", "certificate_id", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    certificate_id: UUID = Field(foreign_key="certificate.id")
    media_type: str = Field(description="See labels.certification.pictures.MediaType.")
    sha256: str = Field(max_length=64, description="Of `data`, as hexadecimal digits.")
    data: bytes = Field(sa_type=LargeBinary)
    actor: str
    recorded_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
