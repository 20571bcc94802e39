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
    UNKNOWN_PRODUCT = "unknown_product"
    NO_CERTIFICATE = "no_certificate"
    CERTIFICATE_NOT_VALID = "certificate_not_valid"
    SCHEME_NOT_RECOGNISED = "scheme_not_recognised"
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
    RETURNS_NOT_ACCEPTED = "returns_not_accepted"
    TOO_MANY_UNITS = "too_many_units"
    KEY_REUSED = "key_reused"
    CREDITED_TO_ANOTHER = "credited_to_another"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One scan or one sale line, as reported.

    `key` is what makes it once: `sale:{retailer}:{receipt}:{line}`, `scan:{resident}:{gtin}:{day}`. `quantity` is in
    units sold; a negative one is a return.
    """

    key: str
    kind: Kind
    resident_id: UUID | None
    code: str
    quantity: int
    effective_at: datetime
    retailer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CampaignAward:
    """What one campaign paid for one activity, and what it would have paid with a full budget and no cap."""

    campaign_id: UUID
    wanted: int
    points: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an activity was credited, under the id of its entry.

    `wanted_grams` and `wanted_points` are before caps and budgets, so that what was cut off can be told.
    """

    activity_id: UUID
    resident_id: UUID
    kind: Kind
    gtin: str
    quantity: int
    effective_at: datetime
    day: date
    saving_grams: int
    grams: int
    base_points: int
    points: int
    awards: tuple[CampaignAward, ...] = ()
    cuts: tuple[str, ...] = ()
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing was credited, and why; `detail` names what differed or what to do."""

    reason: Reason
    detail: str
