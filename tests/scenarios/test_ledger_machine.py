"""The ledger against a model so plain that it can be read at a glance: whatever is done, both must say the same."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import make_engine
from core.ids import made_at, new_id
from points import ledger
from points.errors import BudgetsShortError
from points.ledger import Account, AccountKind, Asset, Bearer, Holdings, Settlement
from tests.factories.ledgers import running
from tests.factories.lengths import machine_settings
from tests.factories.programmes import make_programme
from tests.scenarios.ledger_model import BUDGETS, RESIDENTS, Model
from tests.scenarios.ledger_strategies import AGO, AWARD, HOURS, LASTS, POINTS, UNKNOWN, WHO
from tests.scenarios.ledger_things import Lot, Taken, refused

Result = TypeVar("Result")


class LedgerMachine(RuleBasedStateMachine):
    """Does the same to both; `url` and `runner` are set by the test."""

    url: str
    runner: asyncio.Runner
    steps = 0

    @initialize()
    def start(self) -> None:
        self.engine = make_engine(self.url)
        self.model = Model()
        self.residents = [new_id() for _ in range(RESIDENTS)]
        made = self.do(lambda session: make_programme(session, base_points=0, engagement_points=0))
        self.programme_id = made.programme_id
        self.budgets = sorted([made.base_budget_id, made.engagement_budget_id])
        self.ends: list[datetime] = []
        """When each step was over: what was recorded until then is what the model knew then."""
        for budget in range(BUDGETS):
            self.give(budget, 400)

    def do(self, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        async def committed() -> Result:
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                result = await work(session)
                await session.commit()
                return result

        return self.runner.run(committed())

    def later(self, hours: int) -> datetime:
        return self.model.now + timedelta(hours=hours)

    @rule(data=st.data())
    def act(self, data: st.DataObject) -> None:
        """Do one thing. One rule for all: a machine that leaves rules out would seldom both award and take back."""
        type(self).steps += 1
        acts: list[Callable[[st.DataObject], None]] = [self.fund, self.time_goes_by, *[self.award] * 3]
        if self.model.lots:
            acts += [*[self.hold] * 4, *[self.spend] * 2, *[self.reverse] * 4, *[self.mature] * 2, self.expire]
        if self.model.holds:
            acts += [*[self.settle] * 4, self.release, self.release_lapsed, *[self.refund] * 3]
        acts += [self.forgive] if self.model.debts else []
        acts += [self.reinstate] * 3 if self.model.reversals else []
        data.draw(st.sampled_from(acts), label="act")(data)

    def fund(self, data: st.DataObject) -> None:
        self.give(data.draw(st.integers(0, BUDGETS - 1)), data.draw(st.integers(1, 600)))

    def give(self, budget: int, points: int) -> None:
        key, now = f"fund:{new_id()}", self.model.now
        for _ in range(2):  # the second time changes nothing
            self.do(lambda s: ledger.fund(s, self.programme_id, self.budgets[budget], points, key=key, now=now))
        self.model.budgets[budget] += points

    def award(self, data: st.DataObject) -> None:
        lots = []
        for who, paid, grams, ago, matures, lasts, priority in data.draw(st.lists(AWARD, min_size=1, max_size=4)):
            since, due, points = self.later(-ago), self.later(matures - ago), sum(part for _, part in paid)
            mature = due <= self.model.now and not self.model.owed(who)  # whoever owes waits, so that it pays
            until = self.later(matures - ago + lasts)
            lots.append(Lot(new_id(), who, grams, paid, since, due, until, priority, mature, points))

        async def append(session: AsyncSession) -> None:
            await ledger.lock(session, self.programme_id, [self.residents[lot.who] for lot in lots])
            await ledger.append(session, self.programme_id, [self.draft(lot) for lot in lots])

        needed = [sum(part for lot in lots for budget, part in lot.paid if budget == each) for each in range(BUDGETS)]
        if any(wanted > left for wanted, left in zip(needed, self.model.budgets, strict=True)):
            with pytest.raises(BudgetsShortError):
                self.do(append)
            return
        self.do(append)
        self.model.award(lots)

    def draft(self, lot: Lot) -> ledger.Draft:
        own = Account(AccountKind.RESIDENT, self.residents[lot.who])
        receiver = own if lot.mature else Account(AccountKind.PENDING, own.owner)
        issued = Account(AccountKind.ISSUED, self.programme_id)
        saved = [ledger.Posting(issued, own, Asset.GRAMS, lot.grams)] if lot.grams else []
        paid = [
            ledger.Posting(Account(AccountKind.BUDGET, self.budgets[budget]), receiver, Asset.POINTS, points)
            for budget, points in lot.paid
        ]
        terms = ledger.LotTerms(lot.remaining, lot.matures_at, lot.expires_at, lot.mature, lot.priority)
        kind = ledger.EntryKind.AWARD if lot.grams else ledger.EntryKind.DEFERRED
        return ledger.Draft(lot.lot_id, kind, lot.effective_at, (*saved, *paid), own.owner, terms)

    def hold(self, data: st.DataObject) -> None:
        self.set_aside(data.draw(st.lists(st.tuples(WHO, POINTS, HOURS), min_size=1, max_size=3)))

    def spend(self, data: st.DataObject) -> None:
        """Spend all that a resident has: what is taken back then is owed."""
        who = data.draw(WHO)
        points = self.model.holdings(who).available
        if points:
            self.pay([(each, None) for each in self.set_aside([(who, points, 1)])])

    def set_aside(self, wanted: Sequence[tuple[int, int, int]]) -> list[UUID]:
        requests = [
            ledger.HoldRequest(new_id(), self.residents[who], points, self.later(hours))
            for who, points, hours in wanted
        ]
        outcomes = self.do(lambda s: ledger.hold(s, self.programme_id, requests, now=self.model.now))
        self.model.release_void(who for who, _, _ in wanted)
        expected = [
            self.model.hold(request.hold_id, who, request.amount, request.expires_at)
            for request, (who, _, _) in zip(requests, wanted, strict=True)
        ]
        assert [isinstance(outcome, ledger.Posted) for outcome in outcomes] == expected
        return [request.hold_id for request in requests]

    def known_holds(self, data: st.DataObject, state: str) -> list[UUID]:
        """Choose some holds, most of them in a state in which there is something to be done with them."""
        known = sorted(self.model.holds)
        likely = [each for each in known if self.model.holds[each].state == state]
        likely += [
            each for each in likely if any(lost for lot, _ in self.model.holds[each].draws for *_, lost in lot.losses)
        ] * 4
        return data.draw(st.lists(st.sampled_from([*(likely * 4), *known, UNKNOWN]), min_size=1, max_size=3))

    def settle(self, data: st.DataObject) -> None:
        self.pay([(each, data.draw(st.none() | st.integers(1, 30))) for each in self.known_holds(data, "open")])

    def pay(self, wanted: Sequence[tuple[UUID, int | None]]) -> None:
        settlements = [Settlement(*each) for each in wanted]
        outcomes = self.do(lambda s: ledger.settle(s, self.programme_id, settlements, now=self.model.now))
        assert refused(outcomes) == self.model.close(wanted)

    def release(self, data: st.DataObject) -> None:
        hold_ids = self.known_holds(data, "open")
        outcomes = self.do(lambda s: ledger.release(s, self.programme_id, hold_ids, now=self.model.now))
        assert refused(outcomes) == self.model.close([(each, 0) for each in hold_ids])

    def refund(self, data: st.DataObject) -> None:
        wanted = [(each, data.draw(st.integers(1, 20))) for each in self.known_holds(data, "settled")]
        refunds = [ledger.Refund(new_id(), *each) for each in wanted]
        outcomes = self.do(lambda s: ledger.refund(s, self.programme_id, refunds, now=self.model.now))
        assert refused(outcomes) == self.model.refund(wanted)

    def reverse(self, data: st.DataObject) -> None:
        wanted = [self.taken(data) for _ in range(data.draw(st.integers(1, 3)))]
        reversals = [
            ledger.Reversal(
                entry_id=each.entry_id,
                award_id=each.lot.lot_id,
                resident_id=self.residents[each.lot.who],
                grams=each.grams,
                payments=tuple((self.budgets[budget], points) for budget, points in each.payments),
                effective_at=each.effective_at,
                bearer=each.bearer,
            )
            for each in wanted
        ]
        found = self.do(lambda s: ledger.reverse(s, self.programme_id, reversals, now=self.model.now))
        assert found == self.model.reverse(wanted)

    def taken(self, data: st.DataObject) -> Taken:
        """Take back what was not taken back yet of some award, all of it or a part."""
        spent = [lot for lot in self.model.lots if lot.remaining == 0 and any(left for _, left in lot.paid)]
        lot = data.draw(st.sampled_from([*self.model.lots, *(spent * 3)]), label="award")
        whole = data.draw(st.booleans(), label="whole")
        parts = [(budget, left if whole else data.draw(st.integers(0, left))) for budget, left in lot.paid]
        left = dict(lot.paid)
        lot.paid = [(budget, left[budget] - part) for budget, part in parts]
        gone = lot.kept_grams if whole else data.draw(st.integers(0, lot.kept_grams))
        lot.kept_grams -= gone
        payments = tuple(data.draw(st.permutations([each for each in parts if each[1]])))
        bearer = data.draw(st.sampled_from(Bearer))
        return Taken(new_id(), lot, gone, payments, self.later(-data.draw(AGO)), bearer)

    def forgive(self, data: st.DataObject) -> None:
        wanted = data.draw(st.lists(st.tuples(WHO, st.none() | POINTS), min_size=1, max_size=2))
        requests = [ledger.Forgiveness(new_id(), self.residents[who], points) for who, points in wanted]
        ended = self.do(lambda s: ledger.forgive(s, self.programme_id, requests, now=self.model.now))
        assert ended == [self.model.forgive(*each) for each in wanted]

    def reinstate(self, data: st.DataObject) -> None:
        """Give back what some reversals took, all or none."""
        known = st.sampled_from(sorted(self.model.reversals))
        wanted = [
            self.model.reversals[each] for each in data.draw(st.lists(known, min_size=1, max_size=2, unique=True))
        ]
        until = self.later(data.draw(LASTS))
        asked = [each.asked(self.residents[each.taken.lot.who], until) for each in wanted]
        give = partial(ledger.reinstate, programme_id=self.programme_id, requests=asked, now=self.model.now)
        needed = [sum(each.got.get(budget, 0) for each in wanted) for budget in range(BUDGETS)]
        if any(points > left for points, left in zip(needed, self.model.budgets, strict=True)):
            with pytest.raises(BudgetsShortError):
                self.do(give)
            return
        found = self.do(give)
        expected = self.model.reinstate([(each.entry_id, each.reversal_id) for each in asked], until)
        place = self.budgets.index
        assert [({place(by): n for by, n in each.paid.items()}, each.owed, each.lost) for each in found] == expected

    def time_goes_by(self, data: st.DataObject) -> None:
        self.model.now = self.later(data.draw(HOURS))

    def mature(self, _: st.DataObject) -> None:
        assert self.do(lambda s: ledger.mature(s, self.programme_id, now=self.model.now)) == self.model.mature()

    def expire(self, _: st.DataObject) -> None:
        assert self.do(lambda s: ledger.expire(s, self.programme_id, now=self.model.now)) == self.model.expire()

    def release_lapsed(self, _: st.DataObject) -> None:
        due = self.model.release_void(range(RESIDENTS))
        assert self.do(lambda s: ledger.release_lapsed(s, self.programme_id, now=self.model.now)) == due

    @invariant()
    def both_say_the_same(self) -> None:
        self.ends.append(made_at(new_id()))
        self.do(self.compare)
        self.model.step += 1
        time.sleep(0.002)  # ids tell the millisecond: what comes next is in another one

    async def compare(self, session: AsyncSession) -> None:
        programme_id, model = self.programme_id, self.model
        found = [await ledger.holdings(session, programme_id, each, now=model.now) for each in self.residents]
        assert found == [model.holdings(who) for who in range(RESIDENTS)]
        left = [await ledger.budget_left(session, programme_id, each) for each in self.budgets]
        assert left == model.budgets
        owing = await ledger.owing(session, programme_id, self.residents)
        assert [owing.get(each, 0) for each in self.residents] == [model.owed(who) for who in range(RESIDENTS)]
        await self.compare_history(session)
        assert [each for each in await ledger.audit(session, programme_id) if each.differences] == []

    async def compare_history(self, session: AsyncSession) -> None:
        """Compare one resident's statement, and what was known and in effect at some time, with the model's."""
        model, step = self.model, self.model.step
        who, past = step % RESIDENTS, -7919 % (step + 1)
        resident_id, recorded_until = self.residents[who], self.ends[past]
        effective_until = model.now - timedelta(hours=step % 6)
        lines = await ledger.statement(session, self.programme_id, resident_id, limit=10_000)
        assert [each.balance for each in reversed(lines)] == running(resident_id, lines)
        assert (lines[0].balance if lines else Holdings(0, 0, 0, 0, 0)) == Holdings(*model.booked(who))
        middle = len(lines) // 2
        if lines:
            before = lines[middle].entry_id
            page = await ledger.statement(session, self.programme_id, resident_id, before=before, limit=3)
            assert page == lines[middle + 1 : middle + 4]
        for recorded, effective in ((past, None), (step, effective_until), (past, effective_until)):
            found = await ledger.holdings_as_of(
                session,
                self.programme_id,
                resident_id,
                recorded_until=recorded_until if recorded == past else None,
                effective_until=effective,
            )
            assert found == model.as_of(who, recorded, effective)

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.runner.run(self.engine.dispose())


def test_whatever_is_done_the_ledger_says_what_a_plain_model_says(database: str) -> None:
    with asyncio.Runner() as runner:
        LedgerMachine.url, LedgerMachine.runner = database, runner
        run_state_machine_as_test(LedgerMachine, settings=machine_settings())
    logging.getLogger(__name__).info(
        "The ledger and its model said the same after each of %d steps.", LedgerMachine.steps
    )
