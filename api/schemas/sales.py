"""Sales as a retailer reports them."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas import Code, Line, Moment, Quantity, Schema
from api.schemas.receipts import ActivityResult
from points.earning.activities import SaleLine

MOST_LINES = 1000


class NewSaleLine(Schema):
    """One line of a till receipt. Retailer, receipt and line make it once, however often it is sent."""

    receipt: Annotated[Line, StringConstraints(max_length=100)] = Field(description="The till's number of the receipt.")
    line: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    member_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z -]{3,159}$")] | None = Field(
        description="What the buyer showed: the code of the app that changes every minute, the member code of 12 "
        "characters, or a loyalty number of yours that a resident has linked. Null for a buyer who showed nothing."
    )
    code: Code = Field(description="What the scanner saw.")
    quantity: Quantity = Field(
        description="Units sold. What came back is sent to `/v1/returns`: a negative quantity is refused."
    )
    sold_at: Moment = Field(description="When it was sold; for a code that changes, when it was scanned.")

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
    claim_code: str | None = Field(
        description="Of an anonymous sale: print it on the receipt, and whoever has the receipt can claim the sale. "
        "The same for all lines of one receipt."
    )
    claim_url: str | None = Field(
        description="The same as an address, for a QR code; null until TANHUI_PUBLIC_URL is set."
    )


class SalesResult(Schema):
    """What became of every line, in order; `api.sale_answers` writes it."""

    credited: Annotated[int, Field(description="Lines credited now.")]
    replayed: Annotated[int, Field(description="Lines credited by an earlier request; nothing was credited again.")]
    refused: Annotated[int, Field(description="Lines that earned nothing; anonymous ones can be claimed yet.")]
    held: Annotated[int, Field(description="Lines that an operator of the programme looks at first.")]
    results: list[SaleResult]
