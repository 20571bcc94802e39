"""A programme and what it has decided, each decision a dated version that receipts name."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core import clock
from core.ids import new_id


class Programme(SQLModel, table=True):
    """A city's carbon-inclusion programme: the tenant, and the unit of distribution."""

    __tablename__ = "programme"

    programme_id: UUID = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(unique=True)
    name_zh: str
    name_en: str
    time_zone: str = "Asia/Shanghai"
    base_budget_id: UUID = Field(default_factory=new_id, description="Pays points for grams saved.")
    engagement_budget_id: UUID = Field(default_factory=new_id, description="Pays small discovery points.")
    created_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))


class Policy(SQLModel, table=True):
    """One version of a programme's rules; `terms` is points.programmes.policy.Terms as JSON."""

    __tablename__ = "policy"

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.programme_id")
    version: int = Field(primary_key=True)
    effective_from: datetime = Field(sa_type=DateTime(timezone=True))
    terms: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    recorded_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    published_by_id: UUID | None = Field(default=None, description="The staff member; null for what set it up.")
    withdrawn_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    withdrawn_by_id: UUID | None = Field(default=None, description="The staff member; null while it stands.")


class ConversionRate(SQLModel, table=True):
    """How many points a tonne of CO2e saved is worth, from a moment on."""

    __tablename__ = "conversion_rate"

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.programme_id")
    version: int = Field(primary_key=True)
    effective_from: datetime = Field(sa_type=DateTime(timezone=True))
    points_per_tonne: int = Field(sa_type=BigInteger)
    recorded_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    published_by_id: UUID | None = Field(default=None, description="The staff member; null for what set it up.")
    withdrawn_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    withdrawn_by_id: UUID | None = Field(default=None, description="The staff member; null while it stands.")


class PartnerKey(SQLModel, table=True):
    """An API key of a retailer, maker or certifier within one programme; only a digest of its secret is kept."""

    __tablename__ = "partner_key"

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.programme_id")
    key_id: UUID = Field(default_factory=new_id, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id")
    name: str
    prefix: str = Field(index=True, description="The part that may be shown and searched; 48 random bits.")
    secret_digest: bytes = Field(description="SHA-256; the secret has 256 random bits, so no salt is due.")
    scopes: str = Field(description="Comma-separated, sorted: see points.programmes.access.Scope.")
    created_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class Staff(SQLModel, table=True):
    """Someone who works for a programme: an operator, an auditor or an administrator."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("programme_id", "email", name="uq_staff_email"),)

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.programme_id")
    staff_id: UUID = Field(default_factory=new_id, primary_key=True)
    email: str
    role: str = Field(description="operator, auditor or administrator.")
    password_hash: str = Field(description="Argon2id.")
    created_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    disabled_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
