"""What tills tell of goods that came back, what they are answered, and which lines can not be taken. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from labels.errors import InvalidCodeError
from labels.gtin import parse_code
from labels.units.serials import code_of
from points.earning.activities import Kind, Reason, Refusal
from points.earning.adjustments.plans import Case
from points.earning.adjustments.values import Adjusted
from points.earning.evidence.anonymous_lines import AnonymousLine
from points.earning.keys import UnitKey
from points.programmes.policy import Rulebook

_SEND_SALE_FIRST = (
    "If the sale was not sent yet, send the sale first, then the return again, under a new Idempotency-Key."
)


@dataclass(frozen=True, slots=True)
class Bought:
    """The line of the till receipt under which goods were sold."""

    receipt: str
    line: int


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """Goods that came back, in whole units; the retailer's own number of the return and its line make it once.

    `bought` names the sale. Without it, the member's latest sales of the product at the retailer are meant.
    """

    receipt: str
    line: int
    bought: Bought | None
    member_code: str | None
    code: str
    quantity: int
    returned_at: datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """A return that was taken: `units` of a product, and what it took back of which receipts.

    Nothing is taken where the sale had no member yet: then fewer units can be claimed with its receipt. `retailer_id`
    is who reported it.
    """

    return_id: UUID
    retailer_id: UUID
    gtin: str
    units: int
    adjusted: tuple[Adjusted, ...]
    replayed: bool = False

    def told_to_retailer(self) -> "Returned":
        """Return it as its retailer may know it: with what was taken back of the retailer's own sales.

        What a resident was credited for scanning a label is between them and the programme.
        """
        own = tuple(
            replace(each, grams=each.grams - each.label_grams, points=each.points - each.label_points)
            for each in self.adjusted
            if each.retailer_id == self.retailer_id
        )
        return replace(self, adjusted=own)

    @property
    def grams(self) -> int:
        """Grams of CO2e taken back."""
        return sum(each.grams for each in self.adjusted)

    @property
    def points(self) -> int:
        """Points taken back."""
        return sum(each.points for each in self.adjusted)


ReturnOutcome = Returned | Refusal


@dataclass(frozen=True, slots=True)
class Goods:
    """What a line says came back: a product, and which label unit of it where the code has a serial of that shape."""

    gtin: str
    serial: str | None

    @property
    def unit(self) -> UnitKey | None:
        """The unit its code names, if any."""
        return None if self.serial is None else (self.gtin, self.serial)


def goods_of(line: ReturnLine) -> Goods | Refusal:
    """Return what came back, or why the line can not be taken, whatever was sold and whenever it is sent."""
    try:
        code = parse_code(line.code)
    except InvalidCodeError as error:
        return Refusal(Reason.INVALID_CODE, str(error))
    if code.gtin is None:
        return Refusal(Reason.CANNOT_CARRY_LABEL, f"{line.code!r} is no trade item; it was never credited.")
    if line.quantity < 1:
        return Refusal(Reason.NO_QUANTITY, "quantity must be at least 1: how many units came back.")
    return Goods(code.gtin, code.serial if code.serial is not None and code_of(code.serial) is not None else None)


def unit_sold(line: ReturnLine, sold: AnonymousLine) -> UnitKey | None:
    """Return the unit that came back because all there is of an anonymous line did, and the line named it."""
    if line.quantity != sold.quantity - sold.returned:
        return None
    code = parse_code(sold.code)
    return (sold.gtin, code.serial) if code.serial is not None and code_of(code.serial) is not None else None


def out_of_time(line: ReturnLine, rulebook: Rulebook, now: datetime) -> Refusal | None:
    """Return why a line that was not taken before can not be taken at `now`."""
    policy = rulebook.policy_at(line.returned_at)
    if policy is None:
        return Refusal(Reason.NO_RULES_YET, "The programme had no policy in force at that time.")
    if line.returned_at > now + timedelta(minutes=policy.terms.clock_skew_minutes):
        return Refusal(Reason.IN_FUTURE, "returned_at lies in the future; set the till's clock and send it again.")
    if line.returned_at < now - timedelta(days=policy.terms.backdating_days):
        detail = f"The programme takes reports for {policy.terms.backdating_days} days; this return is older."
        return Refusal(Reason.TOO_OLD, detail)
    return None


def longest_window(rulebook: Rulebook) -> timedelta:
    """Return how long goods may come back by the most patient policy there was."""
    return timedelta(days=max((each.terms.return_days for each in rulebook.policies), default=0))


def unfit(case: Case, line: ReturnLine, gtin: str) -> Refusal | None:
    """Return why a return can not be of this very sale, if it can not."""
    if case.gtin != gtin:
        return other_product(case.gtin, gtin)
    scanned = case.kind is Kind.UNIT  # at any time, before its sale or when it is back in the shop
    since = min(case.effective_at, line.returned_at) if scanned else case.effective_at
    return untimely(since, case.return_days, line)


def other_product(sold: str, returned: str) -> Refusal:
    """Return the refusal of a return whose code is not what the line sold."""
    detail = f"That line sold {sold}, not {returned}; send the return with the line that sold it."
    return Refusal(Reason.OTHER_PRODUCT, detail)


def untimely(sold_at: datetime, return_days: int, line: ReturnLine) -> Refusal | None:
    """Return why goods sold then can not have come back, or not any more, at `returned_at`."""
    if line.returned_at < sold_at:
        detail = f"returned_at is before the sale at {sold_at.isoformat()}; check the till's clock."
        return Refusal(Reason.BEFORE_SALE, detail)
    if line.returned_at > sold_at + timedelta(days=return_days):
        detail = f"The programme takes returns for {return_days} days after the sale; the points stay as they are."
        return Refusal(Reason.TOO_LATE_TO_RETURN, detail)
    return None


def no_such_sale(line: ReturnLine) -> Refusal:
    """Return the refusal of a return that no sale is known for."""
    if line.bought is not None:
        sold = f"line {line.bought.line} of receipt {line.bought.receipt}"
        detail = f"Nothing was credited for {sold}, so there is nothing to take back."
    elif line.member_code is not None:
        detail = "Nothing of this product was credited to the member at this retailer within the time for returns."
    else:
        detail = (
            "Name the sale in `bought`, or the member in `member_code`; else it can not be known what came back. A "
            "serial does not tell which sale of its unit is meant."
        )
        return Refusal(Reason.NO_SUCH_SALE, detail)
    return Refusal(Reason.NO_SUCH_SALE, f"{detail} {_SEND_SALE_FIRST}")
