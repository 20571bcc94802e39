"""Loyalty numbers that residents link."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas import Line, Moment, Schema


class NewLoyaltyNumber(Schema):
    """A retailer's number, and the text the resident agreed to."""

    retailer_id: UUID
    number: Annotated[Line, StringConstraints(max_length=80)] = Field(
        description="As it stands on the retailer's card: 4 to 40 letters and digits; spaces and hyphens do not count."
    )
    consent_version: Annotated[Line, StringConstraints(max_length=40)] = Field(
        description="Of the text shown to the resident, from `GET /v1/me/loyalty-numbers`."
    )


class LoyaltyNumber(Schema):
    """A link to a retailer's number. The number itself is not kept, so it can not be shown."""

    loyalty_number_id: UUID
    retailer_id: UUID
    retailer_name_zh: str
    retailer_name_en: str
    consent_version: str
    linked_at: Moment
    withdrawn_at: Moment | None


class Consent(Schema):
    """The text to agree to."""

    version: str
    text_zh: str
    text_en: str


class LoyaltyNumbers(Schema):
    """Every number the resident linked, and what there is to agree to before linking one."""

    consent: Consent
    loyalty_numbers: list[LoyaltyNumber]
