"""Proving who one is."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas import Moment, Schema, Slug
from api.schemas.me import Nickname

Contact = Annotated[str, StringConstraints(min_length=6, max_length=254, pattern=r"^[!-~ ]+$")]


class CodeRequest(Schema):
    """Where a one-time code is to be sent."""

    programme: Slug
    contact: Contact = Field(description="A mobile number or an e-mail address.")


class CodeSent(Schema):
    """A code is on its way. The answer is the same whether or not the contact has joined before."""

    expires_in_seconds: int


class ResidentTokenRequest(Schema):
    """The code that was received, and on joining what others may see."""

    programme: Slug
    contact: Contact
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    nickname: Nickname | None = Field(
        None, description="On joining: what stands on leaderboards, if the resident agrees."
    )
    district_id: UUID | None = Field(None, description="On joining: one of the programme's districts.")
    ranked: bool = Field(False, description="On joining: whether to appear on leaderboards, under the nickname.")


class ResidentToken(Schema):
    """A resident's token."""

    token: str = Field(description="Send it as `Authorization: Bearer <token>`.")
    token_type: Literal["Bearer"]
    expires_at: Moment
    resident_id: UUID
    member_code: str = Field(description="What the till reads.")


class StaffTokenRequest(Schema):
    """A staff member's programme, address and password."""

    programme: Slug
    email: Contact
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class StaffToken(Schema):
    """A staff member's token."""

    token: str
    token_type: Literal["Bearer"]
    expires_at: Moment
    role: str
