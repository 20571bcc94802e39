"""What was reported of physical units and of sales without a member, so that each of them is credited once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, text
from sqlmodel import Field, SQLModel


class UnitClaim(SQLModel, table=True):
    """A unit of a serialised label that was credited or came back, and which sale it turned out to belong to.

    Guarded by the claim of its `unit:` key while it is first reported, and by its resident's lock after that. Once the
    sale that named it is known, the row stays as it is until the unit comes back; from then on the claim guards it.
    """

    __tablename__ = "unit_claim"
    __table_args__ = (
        Index(
            "ix_unit_claim_unmatched",
            "programme_id",
            "resident_id",
            "gtin",
            postgresql_where=text("matched_sale_id IS NULL"),
        ),
        Index(
            "ix_unit_claim_sale",
            "programme_id",
            "matched_sale_id",
            postgresql_where=text("matched_sale_id IS NOT NULL"),
        ),
    )

    programme_id: UUID = Field(primary_key=True)
    gtin: str = Field(primary_key=True, max_length=14)
    serial: str = Field(primary_key=True, max_length=20)
    resident_id: UUID = Field(description="Whose it is: who scanned or bought it; nil: nobody known.")
    activity_id: UUID = Field(
        description="What credited it: its own activity, or the sale; nil: it came back of nobody's line."
    )
    matched_sale_id: UUID | None = Field(
        default=None, description="The sale it was part of, once that is known; nil: it came back."
    )
    named: bool = Field(default=False, description="That sale named its serial; else it was matched by a guess.")
    effective_at: datetime = Field(sa_type=DateTime(timezone=True), description="When it was scanned or sold.")
    back_at: datetime | None = Field(
        default=None,
        sa_type=DateTime(timezone=True),
        description="When it last came back, or was sold to nobody known after that: no sale before that is of it.",
    )


class UnitStay(SQLModel, table=True):
    """From when to when a unit was with a buyer who brought it back; guarded by the claim of its `unit:` key.

    Returns that are told late find here what others told of the time before, and after.
    """

    __tablename__ = "unit_stay"

    programme_id: UUID = Field(primary_key=True)
    gtin: str = Field(primary_key=True, max_length=14)
    serial: str = Field(primary_key=True, max_length=20)
    sold_at: datetime = Field(sa_type=DateTime(timezone=True), primary_key=True)
    back_at: datetime = Field(sa_type=DateTime(timezone=True))
    retailer_id: UUID
    resident_id: UUID = Field(description="Whose sale it came back of; nil: nobody's.")
    guessed: bool = Field(description="The return named no sale: the resident's latest at the retailer was meant.")
    settled: bool = Field(
        description="A sale told later that names the unit was credited: another had lost one for it."
    )


class AnonymousSale(SQLModel, table=True):
    """A line of a sale whose buyer showed nothing, to be claimed with the code on the till's receipt.

    Whether it has been credited does not stand here: the claim of the sale's own key says so, for members and for
    claimants alike.
    """

    __tablename__ = "anonymous_sale"
    __table_args__ = (
        CheckConstraint("returned BETWEEN 0 AND quantity", name="ck_anonymous_sale_returned"),
        Index(
            "ix_anonymous_sale_unit",
            "programme_id",
            "gtin",
            "serial",
            postgresql_where=text("serial IS NOT NULL"),
        ),
    )

    programme_id: UUID = Field(primary_key=True)
    claim_code: str = Field(primary_key=True, max_length=20, description="The same for all lines of one receipt.")
    line: int = Field(primary_key=True)
    retailer_id: UUID
    receipt: str
    code: str = Field(description="As the till scanned it.")
    gtin: str = Field(max_length=14)
    serial: str | None = Field(default=None, max_length=20, description="Of one of its units, where the code names it.")
    quantity: int = Field(description="Units sold.")
    returned: int = Field(default=0, description="Units brought back before anybody claimed them.")
    sold_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
    claimed_by: UUID | None = Field(default=None, description="The resident.")
    claimed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    claimable_until: datetime | None = Field(
        default=None,
        sa_type=DateTime(timezone=True),
        description="Longer than the policy's days, where a claim was refused after a review that took some of them.",
    )
