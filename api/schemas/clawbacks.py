"""Orders to take credits back, as operators write them and everybody on the staff reads them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.schemas import Day, Line, Moment, Name, PositiveCount, Schema
from api.schemas.troubles import ClawbackStuck
from points.earning.clawbacks.clawbacks import Grounds, Overview
from points.earning.clawbacks.scopes import OfCertificate, OfFigures, OfFraud, OfRetailer, ReceiptLine, Wanted
from points.earning.clawbacks.tables import Clawback as Row
from points.earning.clawbacks.values import State
from points.programmes.policy import SpentPoints

StateName = Literal["draft", "previewing", "previewed", "ordered", "running", "done", "cancelled"]
_STATES: dict[State, StateName] = {
    State.DRAFT: "draft",
    State.FINDING: "previewing",
    State.TRYING: "previewing",
    State.PREVIEWED: "previewed",
    State.ORDERED: "ordered",
    State.TAKING: "running",
    State.LOOKING: "running",
    State.DONE: "done",
    State.CANCELLED: "cancelled",
}
_Ids = Annotated[tuple[UUID, ...], Field(max_length=1000)]


class CertificateScope(Schema):
    """Everything that was earned on a certificate from a day on. The register has to say that it does not hold."""

    cause: Literal["certificate"]
    certificate_number: Name
    from_day: Day
    until_day: Day | None = Field(default=None, description="The first day left alone; none: for ever.")

    def wanted(self) -> Wanted:
        """Return what it is about."""
        return OfCertificate(self.certificate_number, self.from_day, self.until_day)


class SoldLine(Schema):
    """One line of a till's receipt."""

    receipt: Name
    line: PositiveCount


class RetailerScope(Schema):
    """What a retailer sold between two times, or some lines of receipts of that time."""

    cause: Literal["retailer"]
    retailer_id: UUID
    from_at: Moment
    until_at: Moment = Field(description="The first moment left alone.")
    lines: Annotated[tuple[SoldLine, ...], Field(max_length=1000)] = Field(
        default=(), description="Only these; none: everything between the two times."
    )

    def wanted(self) -> Wanted:
        """Return what it is about."""
        lines = tuple(ReceiptLine(each.receipt, each.line) for each in self.lines)
        return OfRetailer(self.retailer_id, self.from_at, self.until_at, lines)


class Replacement(Schema):
    """A figure found wrong, and the right one; without one, all that was earned with it is taken back."""

    wrong_id: UUID
    right_id: UUID | None = None


class FiguresScope(Schema):
    """Everything that was worked out with wrong footprints or baselines. It is only ever corrected downward."""

    cause: Literal["figures"]
    footprints: Annotated[tuple[Replacement, ...], Field(max_length=200)] = ()
    baselines: Annotated[tuple[Replacement, ...], Field(max_length=200)] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for pairs in (self.footprints, self.baselines):
            if len({each.wrong_id for each in pairs}) < len(pairs):
                raise ValueError("name each wrong figure once")
        return self

    def wanted(self) -> Wanted:
        """Return what it is about."""
        return OfFigures(
            {each.wrong_id: each.right_id for each in self.footprints},
            {each.wrong_id: each.right_id for each in self.baselines},
        )


class FraudScope(Schema):
    """All that some residents did, until a time if one is given, and single activities."""

    cause: Literal["fraud"]
    resident_ids: _Ids = ()
    activity_ids: _Ids = ()
    until_at: Moment | None = None

    def wanted(self) -> Wanted:
        """Return what it is about."""
        return OfFraud(self.resident_ids, self.activity_ids, self.until_at)


class NewClawback(Schema):
    """What is to be taken back, and why; residents read the reason."""

    scope: Annotated[CertificateScope | RetailerScope | FiguresScope | FraudScope, Field(discriminator="cause")]
    reason_zh: Line
    reason_en: Line
    spent_points: Literal["owed", "programme"] | None = Field(
        default=None,
        description="Who bears points that are spent already; null: as the policy of each activity's time says.",
    )

    def reason(self) -> Grounds:
        """Return why."""
        return Grounds(self.reason_zh, self.reason_en)

    def spent(self) -> SpentPoints | None:
        """Return who bears what is spent."""
        return None if self.spent_points is None else SpentPoints(self.spent_points)


class ClawbackFigures(Schema):
    """What is taken, over some residents; of the points, where they come from."""

    residents: int
    activities: int
    grams: int
    points: int
    pending: int = Field(description="Points that could not be spent yet.")
    available: int = Field(description="Points that could be spent.")
    expired: int = Field(description="Points that had lapsed.")
    owed: int = Field(description="Points spent already that the residents owe.")
    borne: int = Field(description="Points spent already that the programme bears.")


class Clawback(Schema):
    """An order to take credits back, and where it stands."""

    clawback_id: UUID = Field(description="The `order_id` of its adjustments on receipts.")
    cause: Literal["certificate", "retailer", "figures", "fraud"]
    state: StateName
    reason_zh: str
    reason_en: str
    spent_points: Literal["owed", "programme"] | None
    scope: dict[str, Any] = Field(description="What it is about, by ids; only what its cause has.")
    prepared_by: str
    prepared_at: datetime
    previewed_at: datetime | None
    ordered_by: str | None
    ordered_at: datetime | None
    cancelled_by: str | None
    note: str | None = Field(description="Why it was cancelled, or why the last of what it took was given back.")
    ended_at: datetime | None = Field(description="When it was done, or cancelled.")
    stuck_since: datetime | None = Field(description="Since when something of it fails; the order itself says what.")
    previewed: ClawbackFigures | None = Field(description="What the preview said; it stays as it was when ordered.")

    @classmethod
    def of(cls, order: Row) -> Self:
        """Return an order as it is sent."""
        return cls.model_validate(told(order))


class DistrictFigures(Schema):
    """What is taken of one district's residents."""

    district_id: UUID | None = Field(description="Null for those who told none.")
    name_zh: str | None
    name_en: str | None
    figures: ClawbackFigures


class DayFigures(Schema):
    """What is taken of one day's activities."""

    day: date
    activities: int
    grams: int
    points: int


class ClawbackOverview(Clawback):
    """An order with its totals: of what was taken once there is any, before that of the preview."""

    taken: ClawbackFigures = Field(description="What has been taken so far.")
    activities: int = Field(description="How many it is about.")
    done: int = Field(description="How many of them are done.")
    late: int = Field(description="How many came in after the preview.")
    refused: int = Field(description="How many could not be changed; the activities say why.")
    stuck: ClawbackStuck | None = Field(description="Null where all goes well.")
    by_district: list[DistrictFigures]
    by_day: list[DayFigures]

    @classmethod
    def shown(cls, overview: Overview) -> Self:
        """Return an order with its totals."""
        progress = overview.progress
        counts = {name: getattr(progress, name) for name in ("activities", "done", "late", "refused")}
        counts["stuck"] = ClawbackStuck.of(overview.troubles)
        totals = {"taken": overview.taken, "by_district": overview.by_district, "by_day": overview.by_day}
        return cls.model_validate(told(overview.order) | counts | totals)


class ClawbackPage(Schema):
    """Orders, newest first."""

    clawbacks: list[Clawback]
    next_cursor: str | None = Field(description="Where the next page starts; null when this is the last.")


class ClawbackResident(Schema):
    """What is taken of one resident."""

    resident_id: UUID
    activities: int
    grams: int
    points: int
    pending: int
    available: int
    expired: int
    owed: int
    borne: int


class ClawbackResidentPage(Schema):
    """What is taken of each resident, by their ids."""

    residents: list[ClawbackResident]
    next_cursor: str | None = Field(description="Where the next page starts; null when this is the last.")


class ClawbackActivity(Schema):
    """What is taken of one activity: by the preview, and in truth."""

    activity_id: UUID = Field(description="The receipt's id.")
    resident_id: UUID
    day: date
    grams: int | None = Field(description="By the preview; null for what came in later.")
    points: int | None
    taken_grams: int | None = Field(description="Null before its turn.")
    taken_points: int | None
    adjustment_id: UUID | None
    late: bool
    refusal: str | None


class ClawbackActivityPage(Schema):
    """What is taken of each activity, by resident."""

    activities: list[ClawbackActivity]
    next_cursor: str | None = Field(description="Where the next page starts; null when this is the last.")


def told(order: Row) -> dict[str, Any]:
    """Return an order's own columns as they are sent."""
    names = Clawback.model_fields.keys() - {"state", "scope"}
    scope = {name: value for name, value in order.scope.items() if value not in (None, [], {})}
    return {name: getattr(order, name) for name in names} | {"state": _STATES[State(order.state)], "scope": scope}
