"""Residents who work for a retailer."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas import Name, Schema


class NewRetailerStaff(Schema):
    """The member codes of people who work there."""

    member_codes: Annotated[list[Name], Field(min_length=1, max_length=200)]


class RetailerStaffAdded(Schema):
    """How many of them were not known before."""

    added: int


class RetailerStaffMember(Schema):
    """Somebody who works for a retailer."""

    resident_id: UUID
    declared_by: str
    declared_at: datetime


class RetailerStaffPage(Schema):
    """Who works for a retailer."""

    members: list[RetailerStaffMember]
    next_cursor: str | None = Field(description="Where the next page starts; null when this is the last.")
