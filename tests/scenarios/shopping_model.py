"""What people really bought and kept, whoever reported it: the truth that earning has to come to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

FULL = 1_000
"""Grams that one unit saves; its label alone is worth half of it."""
CORRECTED = 600
"""What a unit saves by the baseline that corrections put in place of the first."""


@dataclass(eq=False)
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
    guessed: int = 0
    """Units it lost by returns that did not name it; those that turned out to be of others are `made_up` for."""
    guessed_until: datetime | None = None
    made_up: int = 0

    @property
    def there(self) -> list[str]:
        """Labels of units that may be with their buyer still."""
        return [code for code in self.codes if code not in self.back]

    @property
    def guesses(self) -> int:
        """Units of which it may turn out that they came back of another purchase."""
        return max(0, self.guessed - self.made_up)

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

    def bought(self, who: int, *, labelled: bool, until: datetime) -> list[Purchase]:
        """Return what somebody was credited of a product, bought by then, the latest first."""
        sales = [each for each in self.of(who) if each.credited and each.labelled == labelled and each.at <= until]
        return latest_first(sales)

    def take_back(self, meant: list[Purchase], units: int, *, guessed_at: datetime | None = None) -> bool:
        """Take back units of purchases, in their order; all of them or none.

        Where guesses took some of these before, they were of others of that buyer, which lose as many in their place.
        """
        going: list[tuple[Purchase, datetime | None]] = []
        for each in meant:
            going += [(each, guessed_at)] * min(each.kept, units - len(going))
        missing = units - len(going)
        open_guesses = [each for each in meant for _ in range(each.guesses)]
        others, until = self._reached(meant)
        spare = [each for each in latest_first(others) for _ in range(each.kept)]
        if missing > min(len(open_guesses), len(spare)):
            return False
        going += [(each, until) for each in spare[:missing]]
        for each in open_guesses[:missing]:
            each.made_up += 1
        for each, guess in going:
            each.kept -= 1
            if guess is not None:
                each.guessed += 1
                each.guessed_until = max(guess, each.guessed_until or guess)
        return True

    def _reached(self, meant: list[Purchase]) -> tuple[list[Purchase], datetime | None]:
        """Return which others the guesses may have been of that took some of these, and until when they were made."""
        reached, until = list(meant), max((each.guessed_until for each in meant if each.guessed_until), default=None)
        while until is not None:
            there = self.bought(meant[0].buyer, labelled=meant[0].labelled, until=until)
            new = [each for each in there if each not in reached]
            if not new:
                break
            reached += new
            until = max([until, *(each.guessed_until for each in new if each.guessed_until)])
        return reached[len(meant) :], until


def latest_first(purchases: Iterable[Purchase]) -> list[Purchase]:
    return sorted(purchases, key=lambda each: each.order, reverse=True)
