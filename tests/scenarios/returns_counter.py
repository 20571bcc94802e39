"""Where goods come back: with their receipt, by their serials, by their buyers' codes, or with nothing at all."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from core import clock
from points.earning.activities import Reason, Refusal
from points.earning.adjustments.return_lines import Bought, Returned, ReturnOutcome
from points.programmes.policy import Caps
from tests.scenarios.shop import RESIDENTS, Shop
from tests.scenarios.shopping_model import Purchase

WHO = st.integers(0, RESIDENTS - 1)


class Counter(Shop):
    """Brings goods back, and knows which of them the programme takes."""

    def begin(self, caps: Caps) -> None:
        """Open the shop, to which nothing came back yet."""
        self.came_back: list[tuple[datetime, str]] = []
        super().begin(caps)

    def bring_back(self, data: st.DataObject) -> None:
        purchase = data.draw(st.sampled_from(self.shopping.purchases))
        units = data.draw(st.integers(1, purchase.quantity))
        if not purchase.credited and len(purchase.scanned) + units > purchase.kept:
            return  # a till that is not told whose goods come back can not know that their labels were scanned
        if not purchase.credited and any(code in self.shopping.stolen for code in purchase.codes):
            return
        outcome = self.returned(units, labelled=purchase.labelled, bought=Bought(purchase.receipt, 1))
        if not purchase.reported:
            assert reason(outcome) is Reason.NO_SUCH_SALE
        elif self.takes(purchase, units):
            assert isinstance(outcome, Returned), outcome
            purchase.lost += 0 if purchase.credited else units
        else:
            assert reason(outcome) in {Reason.MORE_THAN_BOUGHT, Reason.ALREADY_RETURNED}

    def bring_back_by_serial(self, data: st.DataObject) -> None:
        """Bring back a unit by its label and the line that sold it, scanned or not."""
        found = [each for each in self.shopping.purchases if each.there]
        self.now = min(self.now + timedelta(minutes=1), clock.now())  # nothing comes back as it is sold
        if not found:
            return
        purchase = data.draw(st.sampled_from(found))
        code = data.draw(st.sampled_from(purchase.there))
        if not purchase.credited and any(each in self.shopping.stolen for each in purchase.codes):
            return
        if not purchase.credited and purchase.kept and len(purchase.scanned | {code}) > purchase.kept:
            return  # goods of which nobody in particular brought some back before
        outcome = self.returned(1, labelled=True, bought=Bought(purchase.receipt, 1), label=code)
        if not purchase.reported:
            assert reason(outcome) is Reason.NO_SUCH_SALE
        elif self.takes(purchase, 1):
            assert isinstance(outcome, Returned), outcome
            self.put_back(purchase, code)
        else:
            assert reason(outcome) is Reason.ALREADY_RETURNED

    def bring_back_by_serial_of_member(self, data: st.DataObject) -> None:
        """Bring back a unit by its label and its buyer's code: of the sale that named it, or else of the latest."""
        found = [each for each in self.shopping.purchases if each.credited and each.there]
        self.now = min(self.now + timedelta(minutes=1), clock.now())
        if not found:
            return
        purchase = data.draw(st.sampled_from(found))
        code = data.draw(st.sampled_from(purchase.there))
        since = max((at for at, each in self.came_back if each == code), default=None)
        bought = self.shopping.bought(purchase.buyer, labelled=True, until=self.now)
        meant = [each for each in bought if since is None or each.at >= since]
        if purchase.named and code == purchase.codes[0] and purchase.kept:
            meant.sort(key=lambda each: each is not purchase)
        outcome = self.returned(1, labelled=True, member=self.members[purchase.buyer], label=code)
        is_taken = self.shopping.take_back(meant, 1, guessed_at=self.now)
        assert isinstance(outcome, Returned) is is_taken, outcome
        if is_taken:
            self.put_back(purchase, code)

    def bring_back_by_serial_alone(self, data: st.DataObject) -> None:
        """A label does not tell which sale of its unit is meant: nothing comes of it."""
        codes = [code for each in self.shopping.purchases for code in each.codes]
        if not codes:
            return
        before = [self.holdings(who) for who in range(RESIDENTS)]
        outcome = self.returned(1, labelled=True, label=data.draw(st.sampled_from(codes)))
        assert reason(outcome) is Reason.NO_SUCH_SALE
        assert [self.holdings(who) for who in range(RESIDENTS)] == before

    def bring_back_without_receipt(self, data: st.DataObject) -> None:
        who, labelled, units = data.draw(WHO), data.draw(st.booleans()), data.draw(st.integers(1, 3))
        meant = self.shopping.bought(who, labelled=labelled, until=self.now)
        outcome = self.returned(units, labelled=labelled, member=self.members[who])
        is_taken = bool(meant) and self.shopping.take_back(meant, units, guessed_at=self.now)
        assert isinstance(outcome, Returned) is is_taken, outcome

    def takes(self, purchase: Purchase, units: int) -> bool:
        """Take units of the very line that is named, if it has them, or guesses had them before."""
        if purchase.credited:
            return self.shopping.take_back([purchase], units)
        purchase.kept -= units if (is_there := units <= purchase.kept) else 0
        return is_there

    def put_back(self, purchase: Purchase, code: str) -> None:
        """Have a unit in the shop again."""
        purchase.back.add(code)
        purchase.scanned.discard(code)
        self.came_back.append((self.now, code))
        self.shopping.shelf.append(code)


def reason(outcome: ReturnOutcome) -> Reason | None:
    return outcome.reason if isinstance(outcome, Refusal) else None
