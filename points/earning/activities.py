"""What people report and what they get for it: the values that earning takes and returns. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from uuid import UUID

from core.values import unguarded


class Kind(IntEnum):
    """How an activity became known."""

    SALE = 1
    SCAN = 2
    UNIT = 3
    """A serialised label scanned: evidence of one physical unit, which counts once."""
    CLAIMED = 4
    """A line of an anonymous sale, claimed by a resident with the code on the till's receipt."""


class Reason(StrEnum):
    """Why an activity earned nothing. Stable: the app shows a text for each, which `reasons` and `remedies` hold."""

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
    MEMBER_CODE_EXPIRED = "member_code_expired"
    MEMBER_CODE_INVALID = "member_code_invalid"
    MEMBER_CODE_NOT_TAKEN = "member_code_not_taken"
    ANONYMOUS = "anonymous"
    IN_FUTURE = "in_future"
    TOO_OLD = "too_old"
    NO_RULES_YET = "no_rules_yet"
    RETURNS_NOT_ACCEPTED = "returns_not_accepted"
    NO_QUANTITY = "no_quantity"
    TOO_MANY_UNITS = "too_many_units"
    REPORTED_DIFFERENTLY = "reported_differently"
    ALREADY_CREDITED = "already_credited"
    UNIT_ALREADY_CLAIMED = "unit_already_claimed"
    UNIT_NOT_GENUINE = "unit_not_genuine"
    UNIT_REVOKED = "unit_revoked"
    CLAIM_WINDOW_OVER = "claim_window_over"
    ALREADY_RETURNED = "already_returned"
    MORE_THAN_BOUGHT = "more_than_bought"
    NO_SUCH_SALE = "no_such_sale"
    TOO_LATE_TO_RETURN = "too_late_to_return"
    OTHER_PRODUCT = "other_product"
    BEFORE_SALE = "before_sale"
    NO_SUCH_RECEIPT = "no_such_receipt"
    SALES_REVOKED = "sales_revoked"
    HELD_FOR_REVIEW = "held_for_review"
    REFUSED_BY_GUARD = "refused_by_guard"


class Cut(StrEnum):
    """What made an activity earn less than it was worth. Stable, and its texts are in `reasons`."""

    GRAMS_PER_DAY = "grams_per_day"
    GRAMS_PER_MONTH = "grams_per_month"
    POINTS_PER_DAY = "points_per_day"
    POINTS_PER_MONTH = "points_per_month"
    DISCOVERIES_PER_DAY = "discoveries_per_day"
    HOUSEHOLD_GRAMS_PER_DAY = "household_grams_per_day"
    HOUSEHOLD_GRAMS_PER_MONTH = "household_grams_per_month"
    HOUSEHOLD_POINTS_PER_DAY = "household_points_per_day"
    HOUSEHOLD_POINTS_PER_MONTH = "household_points_per_month"
    RETAILER_GRAMS_PER_DAY = "retailer_grams_per_day"
    RETAILER_GRAMS_PER_MONTH = "retailer_grams_per_month"
    BUDGET = "budget"


@unguarded
@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line of a till receipt. `member_code` is None when the buyer showed none."""

    receipt: str
    line: int
    member_code: str | None
    code: str
    quantity: int
    sold_at: datetime


@unguarded
@dataclass(frozen=True, slots=True)
class Sale:
    """One line of a sale, as a retailer reports it. `quantity` is in units sold; a negative one is a return.

    Retailer, receipt and line make it once. `resident_id` is None where the member code belongs to nobody, or where
    there was none: `member_code` tells the two apart. `claimed` says that the sale was anonymous, and that the resident
    claimed it with the code on the till's receipt. `returned` units came back while it was nobody's; `quantity` is
    without them.
    """

    retailer_id: UUID
    receipt: str
    line: int
    member_code: str | None
    resident_id: UUID | None
    code: str
    quantity: int
    effective_at: datetime
    claimed: bool = False
    returned: int = 0


@dataclass(frozen=True, slots=True)
class Scan:
    """One code a resident scanned; resident, product and the programme's day make it once."""

    resident_id: UUID
    code: str
    effective_at: datetime
    symbology: str | None = None


Evidence = Sale | Scan


@unguarded
@dataclass(frozen=True, slots=True)
class CampaignAward:
    """What one campaign paid for one activity, and what it would have paid with a full budget and no cap."""

    campaign_id: UUID
    wanted: int
    points: int


@unguarded
@dataclass(frozen=True, slots=True)
class Receipt:
    """What an activity was credited, under the id of its entry: grams of CO2e and points.

    `saving_grams` is what was saved by the evidence given, `grams` what caps left of it; `potential_grams` is what a
    purchase with full evidence saves, which a bare scan is about. `points` is everything credited: `base_points` and
    the points of `awards`. `matched` names label units scanned before the sale they belong to: what they saved by their
    own evidence is not in the sale's `saving_grams` again.
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
    matched: tuple[UUID, ...] = ()
    waiting_points: int = 0
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


@dataclass(frozen=True, slots=True)
class Claimable(Refusal):
    """Nothing was credited because the buyer showed nothing; whoever has the till's receipt can claim it."""

    claim_code: str


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing was credited yet: an operator looks at it first.

    What is credited later is an activity of its own, which the review names. `rule` is the guard's stable name;
    `detail` says what it found and what the resident can do.
    """

    review_id: UUID
    rule: str
    detail: str


Outcome = Receipt | Refusal | Held
