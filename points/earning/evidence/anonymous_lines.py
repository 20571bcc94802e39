"""A line of a sale whose buyer showed nothing. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AnonymousLine:
    """A line of a sale whose buyer showed nothing, and what became of it so far. `returned` units came back."""

    claim_code: str
    line: int
    retailer_id: UUID
    receipt: str
    code: str
    gtin: str
    quantity: int
    sold_at: datetime
    serial: str | None = None
    returned: int = 0
    claimed_by: UUID | None = None
    claimed_at: datetime | None = None
    claimable_until: datetime | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What makes it once."""
        return self.claim_code, self.line

    def says(self, gtin: str, quantity: int, sold_at: datetime) -> bool:
        """Tell whether a report says the same about the sale."""
        return (self.gtin, self.quantity, self.sold_at) == (gtin, quantity, sold_at)
