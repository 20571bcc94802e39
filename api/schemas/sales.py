"""Sales as a retailer reports them."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from api.schemas import Code, Line, Moment, Quantity, Schema
from api.schemas.receipts import ActivityResult
from points.earning.activities import Held, Outcome, Receipt, SaleLine

MOST_LINES = 1000


class NewSaleLine(Schema):
    """One line of a till receipt. Retailer, receipt and line make it once, however often it is sent."""

    receipt: Annotated[Line, StringConstraints(max_length=100)] = Field(description="The till's number of the receipt.")
    line: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    member_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{12}$")] | None = Field(
        description="What the buyer showed; null for a buyer who showed nothing."
    )
    code: Code = Field(description="What the scanner saw.")
    quantity: Quantity = Field(description="Units sold. A negative quantity is a return.")
    sold_at: Moment

    def as_sale_line(self) -> SaleLine:
        """Return the line as the use case takes it."""
        return SaleLine(self.receipt, self.line, self.member_code, self.code, self.quantity, self.sold_at)


class NewSales(Schema):
    """Lines of one or several till receipts."""

    lines: Annotated[list[NewSaleLine], Field(min_length=1, max_length=MOST_LINES)]


class SaleResult(ActivityResult):
    """What became of one line."""

    till_receipt: str
    line: int


class SalesResult(Schema):
    """What became of every line, in order."""

    credited: Annotated[int, Field(description="Lines credited now.")]
    replayed: Annotated[int, Field(description="Lines credited by an earlier request; nothing was credited again.")]
    refused: int
    held: Annotated[int, Field(description="Lines an operator looks at before anything is credited.")]
    results: list[SaleResult]

    @classmethod
    def of(cls, lines: list[NewSaleLine], outcomes: list[Outcome]) -> Self:
        """Return outcomes as they are sent."""
        receipts = [outcome for outcome in outcomes if isinstance(outcome, Receipt)]
        replayed = sum(receipt.replayed for receipt in receipts)
        held = sum(isinstance(outcome, Held) for outcome in outcomes)
        results = [
            SaleResult(till_receipt=line.receipt, line=line.line, **dict(ActivityResult.of(outcome)))
            for line, outcome in zip(lines, outcomes, strict=True)
        ]
        return cls(
            credited=len(receipts) - replayed,
            replayed=replayed,
            refused=len(outcomes) - len(receipts) - held,
            held=held,
            results=results,
        )
