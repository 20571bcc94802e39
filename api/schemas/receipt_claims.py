"""Claiming the receipt of an anonymous sale."""

from collections.abc import Mapping
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas import Line, Schema
from api.schemas.receipts import ResidentResult
from points.earning.activities import Held, Receipt
from points.earning.adjustments.remaining import Remaining
from points.earning.evidence.receipt_claims import ClaimedLine


class NewReceiptClaim(Schema):
    """The code on the till's receipt."""

    claim_code: Annotated[Line, StringConstraints(max_length=100)] = Field(
        description="20 letters and digits. Small letters, spaces and hyphens do no harm; O is read as 0, I and L as 1."
    )


class ClaimedLineResult(ResidentResult):
    """What became of one line of the receipt."""

    line: int
    gtin: str
    quantity: int = Field(description="Units sold.")


class ReceiptClaim(Schema):
    """What became of every line of the receipt."""

    credited: int = Field(description="Lines credited now.")
    replayed: int = Field(description="Lines credited to you by an earlier request; nothing was credited again.")
    refused: int = Field(description="Lines that earned nothing.")
    held: int = Field(description="Lines that an operator of the programme looks at first.")
    results: list[ClaimedLineResult]

    @classmethod
    def of(cls, claimed: list[ClaimedLine], left: Mapping[UUID, Remaining]) -> Self:
        """Return what was claimed as it is sent, with what is left of the receipts."""
        receipts = [each.outcome for each in claimed if isinstance(each.outcome, Receipt)]
        replayed = sum(receipt.replayed for receipt in receipts)
        held = sum(isinstance(each.outcome, Held) for each in claimed)
        return cls(
            credited=len(receipts) - replayed,
            replayed=replayed,
            refused=len(claimed) - len(receipts) - held,
            held=held,
            results=[
                ClaimedLineResult.told(each.outcome, left, line=each.line, gtin=each.gtin, quantity=each.quantity)
                for each in claimed
            ],
        )
