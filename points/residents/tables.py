"""Residents and the districts and communities they are ranked in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core import clock
from core.ids import new_id


class District(SQLModel, table=True):
    """A district of the city; communities (社区) belong to it later."""

    __tablename__ = "district"

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.programme_id")
    district_id: UUID = Field(default_factory=new_id, primary_key=True)
    name_zh: str
    name_en: str


class Resident(SQLModel, table=True):
    """A person in a programme. Nothing here says who: the contact is a keyed digest, the nickname is theirs."""

    __tablename__ = "resident"
    __table_args__ = (
        UniqueConstraint("programme_id", "contact_digest", name="uq_resident_contact"),
        UniqueConstraint("programme_id", "member_code", name="uq_resident_member_code"),
        Index(
            "ix_resident_household",
            "programme_id",
            "household_id",
            postgresql_where=text("household_id IS NOT NULL"),
        ),
        Index(
            "ix_resident_left_household",
            "programme_id",
            "left_household_id",
            postgresql_where=text("left_household_id IS NOT NULL"),
        ),
    )

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.programme_id")
    resident_id: UUID = Field(default_factory=new_id, primary_key=True)
    contact_digest: bytes = Field(sa_type=LargeBinary, description="HMAC-SHA-256 of the phone number or address.")
    member_code: str = Field(description="What the till reads; says nothing about the person.")
    nickname: str
    district_id: UUID | None = None
    ranked: bool = Field(default=False, description="The resident agreed to appear on leaderboards under the nickname.")
    joined_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    left_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    household_id: UUID | None = Field(default=None, description="Those who live together share some caps.")
    household_since: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    left_household_id: UUID | None = Field(
        default=None, description="The household left at household_since: its caps are shared until that month ends."
    )


class Household(SQLModel, table=True):
    """Residents who live together, by their own word; `household_id` of each says who they are."""

    __tablename__ = "household"
    __table_args__ = (UniqueConstraint("programme_id", "invitation_digest", name="uq_household_invitation"),)

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.programme_id")
    household_id: UUID = Field(default_factory=new_id, primary_key=True)
    invitation_digest: bytes | None = Field(
        default=None, sa_type=LargeBinary, description="SHA-256 of the code by which somebody may join, once."
    )
    invitation_until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    created_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))


class LoyaltyNumber(SQLModel, table=True):
    """A retailer's loyalty number that a resident linked. Once withdrawn, only that there was one is left."""

    __tablename__ = "loyalty_number"
    __table_args__ = (
        Index(
            "uq_loyalty_number_digest",
            "programme_id",
            "number_digest",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(
            "uq_loyalty_number_resident",
            "programme_id",
            "resident_id",
            "retailer_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        CheckConstraint("(number_digest IS NULL) = (withdrawn_at IS NOT NULL)", name="ck_loyalty_number_forgotten"),
    )

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.programme_id")
    loyalty_number_id: UUID = Field(default_factory=new_id, primary_key=True)
    retailer_id: UUID = Field(foreign_key="organization.id")
    number_digest: bytes | None = Field(
        default=None, sa_type=LargeBinary, description="HMAC-SHA-256 of programme, retailer and number."
    )
    resident_id: UUID
    consent_version: str = Field(description="The text the resident agreed to.")
    linked_at: datetime = Field(sa_type=DateTime(timezone=True))
    withdrawn_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class Notice(SQLModel, table=True):
    """Something a resident has to know, told once for each thing it is about."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("programme_id", "resident_id", "about_id", name="uq_notice_about"),
        Index("ix_notice_appealed", "programme_id", "about_id", postgresql_where=text("appealed_at IS NOT NULL")),
    )

    programme_id: UUID = Field(primary_key=True)
    resident_id: UUID = Field(primary_key=True)
    notice_id: UUID = Field(primary_key=True)
    kind: str = Field(description="points.residents.notice_wording.NoticeKind.")
    about_id: UUID = Field(description="What it is about: an order, the entry that ended debt, or a review.")
    reason_zh: str
    reason_en: str
    grams: int = Field(default=0, sa_type=BigInteger)
    points: int = Field(default=0, sa_type=BigInteger)
    owed: int = Field(default=0, sa_type=BigInteger, description="Of the points, those spent already and owed.")
    borne: int = Field(default=0, sa_type=BigInteger, description="Of the points, those nobody is asked for.")
    made_at: datetime = Field(sa_type=DateTime(timezone=True))
    read_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    grown_at: datetime | None = Field(
        default=None, sa_type=DateTime(timezone=True), description="When more was taken that no appeal is about yet."
    )
    appeal: str | None = Field(default=None, description="Why the resident thinks it wrong, in their last appeal.")
    appealed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    earlier_appeals: list[dict[str, Any]] = Field(
        default_factory=list,
        sa_type=JSONB,
        description="Appeals before the last, oldest first: `appeal`, `appealed_at`, and `appealed_figures` of then.",
    )
    appealed_figures: dict[str, int] | None = Field(
        default=None,
        sa_column=Column(JSONB(none_as_null=True)),
        description="The `grams`, `points` and `owed` that the notice named when it was last appealed against.",
    )

    @property
    def appealable(self) -> bool:
        """Whether it names anything that its resident has not appealed against yet."""
        return self.appealed_at is None or self.grown_at is not None
