"""What people really bought and kept, whoever reported it: the truth that earning has to come to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

FULL = 1_000
"""Grams that one unit saves; its label alone is worth half of it."""
CORRECTED = 600
"""What a unit saves by the baseline that corrections put in place of the first."""


@dataclass
class Purchase:
    """Units of one product on one line of a till receipt, and what has become known of it."""

    receipt: str
    buyer: int
    labelled: bool
    """Its units have labels of their own, `codes`; goods without are those that are clawed back and corrected."""
    codes: list[str]
    quantity: int
    named: bool
    """The till reads the label of the first unit, not only the product's code."""
    anonymous: bool
    at: datetime
    kept: int
    each: int = FULL
    reported: bool = False
    activity_id: UUID | None = None
    claim_code: str = ""
    scanned: set[str] = field(default_factory=set)
    back: set[str] = field(default_factory=set)
    """Labels of units that came back by their serials."""
    lost: int = 0
    """Units that came back without their serials while the sale was nobody's: which ones, no till can know."""
    resold: bool = False
    """Its unit had come back of another purchase."""

    @property
    def there(self) -> list[str]:
        """Labels of units that may be with their buyer still."""
        return [code for code in self.codes if code not in self.back]

    @property
    def credited(self) -> bool:
        return self.activity_id is not None

    @property
    def worth(self) -> int:
        return self.kept * self.each

    @property
    def order(self) -> tuple[datetime, UUID]:
        assert self.activity_id is not None
        return self.at, self.activity_id


@dataclass
class Shopping:
    purchases: list[Purchase] = field(default_factory=list)
    stolen: dict[str, int] = field(default_factory=dict)
    """Labels that were scanned by somebody who had not bought them, until the sale is reported."""
    spent: dict[int, int] = field(default_factory=dict)
    shelf: list[str] = field(default_factory=list)
    """Labels of units that came back by their serials, and wait to be sold again."""
    discoveries: dict[int, int] = field(default_factory=dict)
    """Points for bare scans."""

    def of(self, who: int) -> list[Purchase]:
        return [each for each in self.purchases if each.buyer == who]

    def least(self, who: int) -> int:
        """Return the grams of what is credited to somebody as bought, and kept."""
        return sum(each.worth for each in self.of(who) if each.credited)

    def most(self, who: int) -> int:
        """Return the grams of everything somebody bought and kept, reported or not, and of labels scanned in a shop."""
        return sum(each.worth for each in self.of(who)) + FULL // 2 * sum(
            thief == who for thief in self.stolen.values()
        )

    def credit(self, purchase: Purchase, activity_id: UUID) -> None:
        purchase.activity_id = activity_id
        if purchase.named:
            self.stolen.pop(purchase.codes[0], None)

    def take_back(self, who: int, units: int, *, labelled: bool, until: datetime) -> bool:
        """Take back units of what somebody was credited, the latest purchase first; all of them or none."""
        sales = [each for each in self.of(who) if each.credited and each.labelled == labelled and each.at <= until]
        if sum(each.kept for each in sales) < units:
            return False
        for each in latest_first(sales):
            part = min(each.kept, units)
            each.kept -= part
            units -= part
        return True


def latest_first(purchases: Iterable[Purchase]) -> list[Purchase]:
    return sorted(purchases, key=lambda each: each.order, reverse=True)
