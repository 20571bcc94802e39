"""What a programme has announced."""

from uuid import UUID

from pydantic import Field

from api.schemas import Schema
from api.schemas.policies import TermsInForce


class DistrictName(Schema):
    """A district residents may say they live in."""

    district_id: UUID
    name_zh: str
    name_en: str


class RulesInForce(TermsInForce):
    """The policy and rate in force today; a receipt names the versions it was made by."""

    policy_version: int
    rate_version: int
    points_per_tonne: int


class ProgrammePage(Schema):
    """A city programme, as everybody may see it."""

    slug: str
    name_zh: str
    name_en: str
    time_zone: str
    districts: list[DistrictName]
    rules: RulesInForce | None = Field(description="Null until the programme's first policy and rate are in force.")
