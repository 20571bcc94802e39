"""What a programme has announced."""

from uuid import UUID

from pydantic import Field

from api.schemas import Schema


class DistrictName(Schema):
    """A district residents may say they live in."""

    district_id: UUID
    name_zh: str
    name_en: str


class CapsInForce(Schema):
    """The most one resident can be credited."""

    grams_per_day: int
    grams_per_month: int
    points_per_day: int
    points_per_month: int
    units_per_activity: int


class RulesInForce(Schema):
    """The policy and rate in force today; a receipt names the versions it was made by."""

    policy_version: int
    rate_version: int
    points_per_tonne: int
    schemes: list[str] = Field(description="Schemes or kinds of certificate that earn here.")
    certifiers: list[UUID] = Field(description="Organizations whose certificates earn here; empty: every certifier's.")
    sale_evidence_bp: int = Field(description="Hundredths of a percent of the saving that a confirmed sale credits.")
    scan_evidence_bp: int = Field(description="The same for a bare scan.")
    discovery_points: int
    discoveries_per_day: int
    maturity_days: int = Field(description="Days until points can be spent: the return window.")
    expiry_months: int
    backdating_days: int = Field(description="How late a sale may be reported.")
    scan_backdating_days: int = Field(description="How late a scan may be reported, by a phone that was offline.")
    shortage: str = Field(description="What happens when the budget is empty: grams_only credits grams without points.")
    caps: CapsInForce


class ProgrammePage(Schema):
    """A city programme, as everybody may see it."""

    slug: str
    name_zh: str
    name_en: str
    time_zone: str
    districts: list[DistrictName]
    rules: RulesInForce | None = Field(description="Null until the programme's first policy and rate are in force.")
