"""What a serial scanned off a label is."""

from typing import Literal

from pydantic import AwareDatetime, Field

from api.schemas import Schema


class Unit(Schema):
    """A unit whose label was made here. Its number within the series is nobody's business, and is not told."""

    gtin: str
    serial: str
    state: Literal["genuine", "revoked"]
    ordered_at: AwareDatetime = Field(description="When the maker ordered the label.")
    revoked_at: AwareDatetime | None
    revoked_reason: str | None
