"""The code a resident shows at the till."""

from uuid import UUID

from pydantic import Field

from api.schemas import Moment, Schema


class MemberCode(Schema):
    """A code that changes every minute; docs/member-codes.md says what is in it and how a till checks it."""

    programme_id: UUID = Field(description="Part of what is signed.")
    code: str = Field(description="What stands in the QR code: 122 capital letters and digits.")
    issued_at: Moment
    refresh_after: Moment = Field(description="Show the next one from here on.")
    expires_at: Moment = Field(description="Tills refuse it from here on, give or take how wrong their clocks may be.")
    qr_svg: str = Field(description="The QR code as an SVG image, with its quiet zone.")
