"""Goods that came back, as a retailer reports them."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas import Code, Line, Moment, PositiveCount, Schema
from api.schemas.receipts import RefusalSummary
from points.earning.activities import Refusal
from points.earning.adjustments.return_lines import Bought, ReturnLine, ReturnOutcome
from points.earning.adjustments.values import Adjusted

MOST_LINES = 1000

TillReceipt = Annotated[Line, StringConstraints(max_length=100)]
LineNumber = Annotated[int, Field(strict=True, ge=1, le=100_000)]


class BoughtLine(Schema):
    """The line of the till receipt under which the goods were sold."""

    receipt: TillReceipt
    line: LineNumber


class NewReturnLine(Schema):
    """Units of one product that came back. Retailer, receipt of the return and line make it once."""

    receipt: TillReceipt = Field(description="The till's own number of the return.")
    line: LineNumber
    bought: BoughtLine | None = Field(
        description="The sale it is of; null where the buyer has no receipt. Then the member's sales of the product "
        "at this retailer are meant, the one that named the label's serial or else the latest, as far back as the "
        "programme takes returns."
    )
    member_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z -]{3,159}$")] | None = Field(
        description="What the member showed; needed where `bought` is null, also where the code has a serial."
    )
    code: Code = Field(description="What the scanner saw.")
    quantity: PositiveCount = Field(description="Units that came back. They are taken whole or refused whole.")
    returned_at: Moment

    def as_return_line(self) -> ReturnLine:
        """Return the line as the use case takes it."""
        bought = None if self.bought is None else Bought(self.bought.receipt, self.bought.line)
        return ReturnLine(self.receipt, self.line, bought, self.member_code, self.code, self.quantity, self.returned_at)


class NewReturns(Schema):
    """Lines of one or several returns."""

    lines: Annotated[list[NewReturnLine], Field(min_length=1, max_length=MOST_LINES)]


class TakenBack(Schema):
    """What one receipt of the member lost, and what stays of it."""

    receipt_id: UUID
    units: int
    grams: int
    points: int
    units_left: int
    grams_left: int
    points_left: int

    @classmethod
    def of(cls, adjusted: Adjusted) -> Self:
        """Return what became of a receipt as it is sent; what its member owes is nobody else's."""
        return cls(
            receipt_id=adjusted.activity_id,
            units=adjusted.units,
            grams=adjusted.grams,
            points=adjusted.points,
            units_left=adjusted.units_left,
            grams_left=adjusted.grams_left,
            points_left=adjusted.points_left,
        )


class ReturnResult(Schema):
    """What became of one line."""

    receipt: str = Field(description="The return's.")
    line: int
    outcome: Literal["returned", "refused"]
    gtin: str | None
    units: int = Field(description="Units taken; 0 where the line was refused.")
    grams: int = Field(description="Grams of CO2e taken back of your sales.")
    points: int = Field(description="Points taken back of your sales.")
    taken_back: list[TakenBack] = Field(
        description="The member's receipts of your sales; empty where nobody was credited for one: then fewer units "
        "can be claimed, or whoever scanned the unit's label loses that credit."
    )
    replayed: bool = Field(description="It had been returned before; nothing was taken back now.")
    refusal: RefusalSummary | None

    @classmethod
    def of(cls, line: NewReturnLine, outcome: ReturnOutcome) -> Self:
        """Return an outcome as it is sent."""
        if isinstance(outcome, Refusal):
            return cls(
                receipt=line.receipt,
                line=line.line,
                outcome="refused",
                gtin=None,
                units=0,
                grams=0,
                points=0,
                taken_back=[],
                replayed=False,
                refusal=RefusalSummary.of(outcome),
            )
        told = outcome.told_to_retailer()
        return cls(
            receipt=line.receipt,
            line=line.line,
            outcome="returned",
            gtin=told.gtin,
            units=told.units,
            grams=told.grams,
            points=told.points,
            taken_back=[TakenBack.of(each) for each in told.adjusted],
            replayed=told.replayed,
            refusal=None,
        )


class ReturnsResult(Schema):
    """What became of every line, in order."""

    returned: Annotated[int, Field(description="Lines taken back now.")]
    replayed: Annotated[int, Field(description="Lines taken back by an earlier request; nothing was taken again.")]
    refused: int
    results: list[ReturnResult]

    @classmethod
    def of(cls, lines: list[NewReturnLine], outcomes: list[ReturnOutcome]) -> Self:
        """Return outcomes as they are sent."""
        results = [ReturnResult.of(line, outcome) for line, outcome in zip(lines, outcomes, strict=True)]
        replayed = sum(result.replayed for result in results)
        refused = sum(result.outcome == "refused" for result in results)
        return cls(returned=len(results) - replayed - refused, replayed=replayed, refused=refused, results=results)


RESULT_EXAMPLE = {
    "receipt": "S042-20260503-0021",
    "line": 1,
    "outcome": "returned",
    "gtin": "09521234543213",
    "units": 1,
    "grams": 206,
    "points": 4,
    "taken_back": [
        {
            "receipt_id": "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f",
            "units": 1,
            "grams": 206,
            "points": 4,
            "units_left": 1,
            "grams_left": 206,
            "points_left": 5,
        }
    ],
    "replayed": False,
    "refusal": None,
}
"""A line that was taken back, as the reference shows it."""
