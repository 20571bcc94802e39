"""Series of label units. The serials themselves are nowhere: see labels.units.serials."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

from core import clock
from core.ids import new_id


class UnitSeries(SQLModel, table=True):
    """An order of serialised labels for one product. Revoking it is for good; the row stays."""

    __tablename__ = "unit_series"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True, max_length=6, description="How each of its serials begins; random.")
    organization_id: UUID = Field(foreign_key="organization.id", index=True, description="Who ordered it.")
    gtin: str = Field(foreign_key="product.gtin", max_length=14, index=True)
    count: int = Field(description="How many units it has; their numbers are 1 to count.")
    key_id: str = Field(max_length=8, description="Names the secret it was made under.")
    note: str = Field(default="", description="What the maker calls it: a print run, a batch.")
    ordered_by: str
    ordered_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    revoked_by: str | None = None
    revoked_reason: str | None = None
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
