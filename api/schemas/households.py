"""Residents who live together."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas import Code, Schema


class HouseholdMember(Schema):
    """Somebody of a household."""

    resident_id: UUID
    nickname: str
    since: datetime | None


class Household(Schema):
    """A household and who lives there; some caps are shared by all of them."""

    household_id: UUID
    members: list[HouseholdMember]


class HouseholdInvitation(Schema):
    """A code by which one person can join, once."""

    code: str
    until: datetime


class NewMembership(Schema):
    """The code of an invitation."""

    invitation: Code


class NewGrouping(Schema):
    """Residents who live together, as the programme knows."""

    resident_ids: Annotated[list[UUID], Field(min_length=2, max_length=12)]
