"""Earning against the physical truth: whatever is reported, late, twice or in any order, each unit counts once."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from core import clock
from core.ids import new_id
from points import ledger
from points.earning.activities import Reason, Receipt, Refusal, Scan
from points.earning.adjustments.adjustments import adjust
from points.earning.adjustments.values import Adjusted, AdjustmentKind, Change, Keep, Nothing, Resaved
from points.programmes.policy import Caps
from tests.factories.lengths import machine_settings
from tests.scenarios.returns_counter import WHO, Counter
from tests.scenarios.shop import RESIDENTS
from tests.scenarios.shopping_model import CORRECTED, FULL, Purchase

LATE = st.sampled_from([0, 0, 1, 5, 30])
"""Hours after which something is reported."""
AMPLE = Caps(10**9, 10**9, 10**9, 10**9)
TIGHT = Caps(grams_per_day=2_500, grams_per_month=4_200, points_per_day=23, points_per_month=37)


class EarningMachine(Counter):
    """Chooses what happens next, and compares."""

    steps = 0

    @initialize(caps=st.sampled_from([AMPLE, AMPLE, TIGHT]))
    def start(self, caps: Caps) -> None:
        self.begin(caps)

    @rule(data=st.data())
    def act(self, data: st.DataObject) -> None:
        """Do one thing; one rule for all, so that no run is without the one that others need."""
        type(self).steps += 1
        self.sound = False
        acts: list[Callable[[st.DataObject], None]] = [*[self.buy] * 3, self.time_goes_by]
        if self.shopping.purchases:
            acts += [*[self.report] * 4, *[self.scan] * 4, self.claim, self.bring_back, self.bring_back]
            acts += [self.bring_back_by_serial, self.bring_back_by_serial, self.bring_back_by_serial_alone]
            acts += [self.bring_back_by_serial_of_member] * 2
            acts += [
                self.bring_back_without_receipt,
                self.spend,
                self.mature,
                self.discover,
                self.take_away,
                self.correct,
            ]
        if self.shopping.shelf:
            acts += [self.buy_again] * 2
        if self.done:
            acts += [self.repeat] * 2
        data.draw(st.sampled_from(acts), label="act")(data)

    def buy(self, data: st.DataObject) -> None:
        labelled, quantity = data.draw(st.sampled_from([True, True, False])), data.draw(st.integers(1, 3))
        codes = [next(self.codes) for _ in range(quantity if labelled else 0)]
        at = self.now - timedelta(hours=data.draw(LATE))
        named, anonymous = labelled and data.draw(st.booleans()), data.draw(st.sampled_from([False, False, True]))
        receipt, buyer = f"receipt {next(self.numbers)}", data.draw(WHO)
        self.shopping.purchases.append(
            Purchase(receipt, buyer, labelled, codes, quantity, named, anonymous, at, kept=quantity)
        )

    def buy_again(self, data: st.DataObject) -> None:
        """Sell a unit that came back: the till reads its label, as it did when it came back."""
        code = data.draw(st.sampled_from(self.shopping.shelf))
        self.shopping.shelf.remove(code)
        receipt, buyer, anonymous = f"receipt {next(self.numbers)}", data.draw(WHO), data.draw(st.booleans())
        again = Purchase(receipt, buyer, True, [code], 1, True, anonymous, self.now, kept=1, resold=True)
        self.shopping.purchases.append(again)
        if data.draw(st.booleans()):
            self.tell([again])

    def report(self, data: st.DataObject) -> None:
        """Report some purchases in one batch; the code of an anonymous buyer may come after all."""
        open_ = [each for each in self.shopping.purchases if not each.credited]
        if open_:
            self.tell(
                data.draw(st.lists(st.sampled_from(open_), min_size=1, max_size=3, unique_by=lambda p: p.receipt))
            )

    def scan(self, data: st.DataObject) -> None:
        labelled = [each for each in self.shopping.purchases if each.codes]
        if not labelled:
            return
        purchase = data.draw(st.sampled_from(labelled))
        code = data.draw(st.sampled_from(purchase.codes))
        if code in purchase.back:
            self.scan_what_came_back(purchase, code)
            return
        if not purchase.credited and len(purchase.scanned | {code}) > purchase.kept:
            return  # nor that a label scanned now is of goods that nobody in particular has brought back
        if purchase.lost and len(purchase.scanned | purchase.back | {code}) > purchase.quantity - purchase.lost:
            return  # not even once the others are somebody's
        can_be_stolen = not purchase.resold and purchase.named and not purchase.credited and code == purchase.codes[0]
        steals = can_be_stolen and code not in purchase.scanned and data.draw(st.booleans())
        who = 1 - purchase.buyer if steals else purchase.buyer
        send = partial(self.record, Scan(self.residents[who], code, self.now - timedelta(hours=data.draw(LATE))))
        outcome = send()
        if steals:
            assert isinstance(outcome, Receipt), outcome
            self.shopping.stolen[code] = who
        elif isinstance(outcome, Refusal) and outcome.reason is Reason.ALREADY_RETURNED:
            assert purchase.resold or purchase.kept < purchase.quantity
        elif isinstance(outcome, Refusal):
            assert outcome.reason is Reason.UNIT_ALREADY_CLAIMED
            assert code in self.shopping.stolen
        else:
            purchase.scanned.add(code)
        if isinstance(outcome, Receipt):
            self.done.append(send)

    def scan_what_came_back(self, purchase: Purchase, code: str) -> None:
        """Scan the label of a unit that is the shop's again, or known to be somebody else's: nothing comes of it."""
        since = [each for each in self.shopping.purchases if code in each.there]
        if any(each.buyer == purchase.buyer or not each.credited for each in since):
            return  # it is theirs once more, or a label of nobody's sale, which whoever scans it first has
        before = [self.holdings(who) for who in range(RESIDENTS)]
        self.record(Scan(self.residents[purchase.buyer], code, self.now))
        assert [self.holdings(who) for who in range(RESIDENTS)] == before

    def discover(self, data: st.DataObject) -> None:
        who = data.draw(WHO)
        outcome = self.record(Scan(self.residents[who], self.plain.gtin, self.now))
        assert isinstance(outcome, Receipt), outcome
        assert outcome.grams == 0
        if not outcome.replayed:
            self.shopping.discoveries[who] = self.shopping.discoveries.get(who, 0) + outcome.points

    def claim(self, data: st.DataObject) -> None:
        found = [each for each in self.shopping.purchases if each.claim_code and not each.credited and each.kept]
        if found:
            self.take_up(data.draw(st.sampled_from(found)))

    def take_away(self, data: st.DataObject) -> None:
        if (purchase := self.changed(data, AdjustmentKind.CLAWBACK, Nothing())) is not None:
            purchase.kept = 0

    def correct(self, data: st.DataObject) -> None:
        keep = Resaved(baseline_id=self.baseline_id)
        if (purchase := self.changed(data, AdjustmentKind.CORRECTION, keep)) is not None:
            purchase.each = CORRECTED

    def changed(self, data: st.DataObject, kind: AdjustmentKind, keep: Keep) -> Purchase | None:
        found = [each for each in self.shopping.purchases if each.credited and not each.labelled]
        if not found:
            return None
        purchase = data.draw(st.sampled_from(found))
        assert purchase.activity_id is not None
        change = Change(f"x:{new_id()}", purchase.activity_id, kind, keep, "It was wrong.", new_id(), self.now)
        send = partial(self.do, lambda s: adjust(s, self.programme.programme_id, [change], now=self.now))
        [outcome] = send()
        assert isinstance(outcome, Adjusted), outcome
        self.done.append(send)
        return purchase

    def spend(self, data: st.DataObject) -> None:
        who, programme_id = data.draw(WHO), self.programme.programme_id
        available = self.holdings(who).available
        if available:
            points, until = data.draw(st.integers(1, available)), self.now + timedelta(hours=1)
            request = ledger.HoldRequest(new_id(), self.residents[who], points, until)
            self.do(lambda s: ledger.hold(s, programme_id, [request], now=self.now))
            [settled] = self.do(lambda s: ledger.settle(s, programme_id, [request.hold_id], now=self.now))
            assert isinstance(settled, ledger.Posted)
            self.shopping.spent[who] = self.shopping.spent.get(who, 0) + points

    def mature(self, _: st.DataObject) -> None:
        self.do(lambda s: ledger.mature(s, self.programme.programme_id, now=self.now))

    def time_goes_by(self, data: st.DataObject) -> None:
        self.now = min(self.now + timedelta(hours=data.draw(st.sampled_from([1, 7, 24, 100]))), clock.now())

    def repeat(self, data: st.DataObject) -> None:
        before = [self.holdings(who) for who in range(RESIDENTS)]
        data.draw(st.sampled_from(self.done))()
        assert [self.holdings(who) for who in range(RESIDENTS)] == before

    @invariant()
    def nothing_counts_twice(self) -> None:
        for who in range(RESIDENTS):
            held = self.holdings(who)
            assert held.grams <= self.shopping.most(who)
            if self.caps is AMPLE:
                assert held.grams >= self.shopping.least(who)
                points = held.available + held.pending - held.owed + self.shopping.spent.get(who, 0)
                assert points - self.shopping.discoveries.get(who, 0) == held.grams * 10 // FULL
        if self.steps % 6 == 0:
            self.do(self.prove)
        self.sound = True

    def teardown(self) -> None:
        """Report all that was not reported yet: then everybody has what they bought and kept, no more and no less."""
        if not hasattr(self, "engine"):
            return
        if self.sound:
            self.tell_all()
        self.runner.run(self.engine.dispose())

    def tell_all(self) -> None:
        for purchase in self.shopping.purchases:
            if not purchase.reported:
                self.tell([purchase])
            if not purchase.credited and purchase.kept:
                self.take_up(purchase)
        self.do(self.prove)
        for who in range(RESIDENTS):
            grams = self.holdings(who).grams
            assert self.shopping.least(who) == self.shopping.most(who)
            assert grams == self.shopping.least(who) if self.caps is AMPLE else grams <= self.shopping.least(who)


def test_whatever_is_reported_each_unit_that_was_bought_and_kept_counts_once(database: str) -> None:
    with asyncio.Runner() as runner:
        EarningMachine.url, EarningMachine.runner = database, runner
        run_state_machine_as_test(EarningMachine, settings=machine_settings(250))
    logging.getLogger(__name__).info("Earning came to the truth; %d steps.", EarningMachine.steps)
