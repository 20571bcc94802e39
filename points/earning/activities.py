"""What people report and what they get for it: the values that earning takes and returns. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from uuid import UUID


class Kind(IntEnum):
    """How an activity became known."""

    SALE = 1
    SCAN = 2


class Reason(StrEnum):
    """Why an activity earned nothing. Stable: the app shows a text for each."""

    INVALID_CODE = "invalid_code"
    CANNOT_CARRY_LABEL = "cannot_carry_label"
    UNKNOWN_PRODUCT = "unknown_product"
    NO_CERTIFICATE = "no_certificate"
    CERTIFICATE_NOT_VALID = "certificate_not_valid"
    SCHEME_NOT_RECOGNISED = "scheme_not_recognised"
    CERTIFIER_NOT_RECOGNISED = "certifier_not_recognised"
    NO_FOOTPRINT = "no_footprint"
    FOOTPRINT_QUARANTINED = "footprint_quarantined"
    NO_BASELINE = "no_baseline"
    NOT_COMPARABLE = "not_comparable"
    NO_NET_CONTENT = "no_net_content"
    NO_SAVING = "no_saving"
    UNKNOWN_MEMBER = "unknown_member"
    ANONYMOUS = "anonymous"
    IN_FUTURE = "in_future"
    TOO_OLD = "too_old"
    NO_RULES_YET = "no_rules_yet"
    RETURNS_NOT_ACCEPTED = "returns_not_accepted"
    NO_QUANTITY = "no_quantity"
    TOO_MANY_UNITS = "too_many_units"
    REPORTED_DIFFERENTLY = "reported_differently"


class Cut(StrEnum):
    """What made an activity earn less than it was worth."""

    GRAMS_PER_DAY = "grams_per_day"
    GRAMS_PER_MONTH = "grams_per_month"
    POINTS_PER_DAY = "points_per_day"
    POINTS_PER_MONTH = "points_per_month"
    DISCOVERIES_PER_DAY = "discoveries_per_day"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line of a till receipt. `member_code` is None when the buyer showed none."""

    receipt: str
    line: int
    member_code: str | None
    code: str
    quantity: int
    sold_at: datetime


@dataclass(frozen=True, slots=True)
class Sale:
    """One line of a sale, as a retailer reports it. `quantity` is in units sold; a negative one is a return.

    Retailer, receipt and line make it once. `resident_id` is None where the member code belongs to nobody, or where
    there was none: `member_code` tells the two apart.
    """

    retailer_id: UUID
    receipt: str
    line: int
    member_code: str | None
    resident_id: UUID | None
    code: str
    quantity: int
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class Scan:
    """One code a resident scanned; resident, product and the programme's day make it once."""

    resident_id: UUID
    code: str
    effective_at: datetime
    symbology: str | None = None


Evidence = Sale | Scan


@dataclass(frozen=True, slots=True)
class CampaignAward:
    """What one campaign paid for one activity, and what it would have paid with a full budget and no cap."""

    campaign_id: UUID
    wanted: int
    points: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an activity was credited, under the id of its entry: grams of CO2e and points.

    `saving_grams` is what was saved by the evidence given, `grams` what caps left of it; `potential_grams` is what a
    purchase with full evidence saves, which a bare scan is about. `points` is everything credited: `base_points` and
    the points of `awards`.
    """

    activity_id: UUID
    resident_id: UUID
    kind: Kind
    gtin: str
    quantity: int
    effective_at: datetime
    day: date
    potential_grams: int | None
    saving_grams: int
    grams: int
    points: int
    awards: tuple[CampaignAward, ...] = ()
    cuts: tuple[Cut, ...] = ()
    replayed: bool = False

    @property
    def base_points(self) -> int:
        """Points paid from the programme's own budgets."""
        return self.points - sum(award.points for award in self.awards)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing was credited, and why; `detail` names what differed or what to do."""

    reason: Reason
    detail: str


Outcome = Receipt | Refusal
