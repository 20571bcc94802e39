"""The ledger against a model so plain that it can be read at a glance: whatever is done, both must say the same."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import make_engine
from core.ids import new_id
from points import ledger
from points.errors import BudgetsShortError
from points.ledger import Account, AccountKind, Asset, Holdings
from tests.factories.programmes import make_programme

Result = TypeVar("Result")

RESIDENTS = 3
START = datetime(2026, 1, 1, tzinfo=UTC)
WHO = st.integers(0, RESIDENTS - 1)
POINTS = st.integers(1, 60)
HOURS = st.integers(1, 4)  # few, so that times often fall on each other


@dataclass
class ModelLot:
    lot_id: UUID
    who: int
    remaining: int
    matures_at: datetime
    expires_at: datetime
    mature: bool


@dataclass
class ModelHold:
    who: int
    amount: int
    expires_at: datetime
    draws: list[tuple[ModelLot, int]]
    state: str = "open"


@dataclass
class Model:
    """What everybody has, worked out the slow way."""

    now: datetime = START
    budget: int = 0
    grams: dict[int, int] = field(default_factory=dict)
    lots: list[ModelLot] = field(default_factory=list)
    holds: dict[UUID, ModelHold] = field(default_factory=dict)

    def spendable(self, who: int) -> list[ModelLot]:
        found = [lot for lot in self.lots if lot.who == who and lot.mature and lot.expires_at > self.now]
        return sorted(found, key=lambda lot: (lot.expires_at, lot.lot_id))

    def hold(self, hold_id: UUID, who: int, amount: int, expires_at: datetime) -> bool:
        if sum(lot.remaining for lot in self.spendable(who)) < amount:
            return False
        hold = self.holds[hold_id] = ModelHold(who, amount, expires_at, [])
        for lot in self.spendable(who):
            taken = min(lot.remaining, amount)
            lot.remaining -= taken
            amount -= taken
            hold.draws.append((lot, taken))
        return True

    def void(self, who: int) -> dict[UUID, ModelHold]:
        """Return the open holds whose time is over: their points are back, whether or not a sweep came by."""
        return {
            hold_id: hold
            for hold_id, hold in self.holds.items()
            if hold.who == who and hold.state == "open" and hold.expires_at <= self.now
        }

    def release_void(self, who: int) -> None:
        for hold_id in self.void(who):
            self.close(hold_id, "released")

    def close(self, hold_id: UUID, state: str) -> bool:
        hold = self.holds.get(hold_id)
        if hold is None or (hold.state not in {"open", state}):
            return False
        if hold.state == state:
            return True
        if state == "settled" and hold.expires_at <= self.now:
            return False
        hold.state = state
        if state == "released":
            for lot, amount in hold.draws:
                lot.remaining += amount
        return True

    def holdings(self, who: int) -> Holdings:
        void = self.void(who).values()
        back = sum(amount for hold in void for lot, amount in hold.draws if lot.expires_at > self.now)
        opened = [hold for hold in self.holds.values() if hold.who == who and hold.state == "open"]
        return Holdings(
            grams=self.grams.get(who, 0),
            available=sum(lot.remaining for lot in self.spendable(who)) + back,
            pending=sum(lot.remaining for lot in self.lots if lot.who == who and not lot.mature),
            held=sum(hold.amount for hold in opened) - sum(hold.amount for hold in void),
            owed=0,
        )


class LedgerMachine(RuleBasedStateMachine):
    """Does the same to both; `url` is set by the test."""

    url: str
    runner: asyncio.Runner

    @initialize()
    def start(self) -> None:
        self.engine = make_engine(self.url)
        self.model = Model()
        self.residents = [new_id() for _ in range(RESIDENTS)]
        made = self.do(lambda session: make_programme(session, base_points=0, engagement_points=0))
        self.programme_id, self.budget_id = made.programme_id, made.base_budget_id

    def do(self, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        async def committed() -> Result:
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                result = await work(session)
                await session.commit()
                return result

        return self.runner.run(committed())

    @rule(points=st.integers(1, 200))
    def fund(self, points: int) -> None:
        key, now = f"fund:{new_id()}", self.model.now
        for _ in range(2):  # the second time changes nothing
            self.do(lambda s: ledger.fund(s, self.programme_id, self.budget_id, points, key=key, now=now))
        self.model.budget += points

    @rule(awards=st.lists(st.tuples(WHO, POINTS, st.integers(0, 4), HOURS), min_size=1, max_size=4))
    def award(self, awards: list[tuple[int, int, int, int]]) -> None:
        lots = [
            ModelLot(new_id(), who, points, self.later(matures), self.later(matures + lasts), mature=not matures)
            for who, points, matures, lasts in awards
        ]
        drafts = [self.draft(lot) for lot in lots]

        async def append(session: AsyncSession) -> None:
            await ledger.lock(session, self.programme_id, [self.residents[lot.who] for lot in lots])
            await ledger.append(session, self.programme_id, drafts)

        total = sum(lot.remaining for lot in lots)
        if total > self.model.budget:
            with pytest.raises(BudgetsShortError):
                self.do(append)
            return
        self.do(append)
        self.model.budget -= total
        self.model.lots += lots
        for lot in lots:
            self.model.grams[lot.who] = self.model.grams.get(lot.who, 0) + 7

    def draft(self, lot: ModelLot) -> ledger.Draft:
        owner = self.residents[lot.who]
        receiver = Account(AccountKind.RESIDENT if lot.mature else AccountKind.PENDING, owner)
        issued, budget = Account(AccountKind.ISSUED, self.programme_id), Account(AccountKind.BUDGET, self.budget_id)
        return ledger.Draft(
            entry_id=lot.lot_id,
            kind=ledger.EntryKind.AWARD,
            effective_at=self.model.now,
            postings=(
                ledger.Posting(issued, Account(AccountKind.RESIDENT, owner), Asset.GRAMS, 7),
                ledger.Posting(budget, receiver, Asset.POINTS, lot.remaining),
            ),
            resident_id=owner,
            lot=ledger.LotTerms(lot.remaining, lot.matures_at, lot.expires_at, lot.mature),
        )

    @rule(wanted=st.lists(st.tuples(WHO, POINTS, HOURS), min_size=1, max_size=4))
    def hold(self, wanted: list[tuple[int, int, int]]) -> None:
        requests = [
            ledger.HoldRequest(new_id(), self.residents[who], points, self.later(hours))
            for who, points, hours in wanted
        ]
        outcomes = self.do(lambda s: ledger.hold(s, self.programme_id, requests, now=self.model.now))
        for who, _, _ in wanted:
            self.model.release_void(who)
        expected = [
            self.model.hold(request.hold_id, who, request.amount, request.expires_at)
            for request, (who, _, _) in zip(requests, wanted, strict=True)
        ]
        assert [isinstance(outcome, ledger.Posted) for outcome in outcomes] == expected

    @rule(data=st.data(), state=st.sampled_from(["settled", "released"]))
    def close(self, data: st.DataObject, state: str) -> None:
        known = st.sampled_from([*sorted(self.model.holds), UUID(int=1)])
        hold_ids = data.draw(st.lists(known, min_size=1, max_size=3, unique=True))
        act = ledger.settle if state == "settled" else ledger.release
        outcomes = self.do(lambda s: act(s, self.programme_id, hold_ids, now=self.model.now))
        expected = [self.model.close(hold_id, state) for hold_id in hold_ids]
        assert [isinstance(outcome, ledger.Posted) for outcome in outcomes] == expected

    @rule(hours=HOURS)
    def time_goes_by(self, hours: int) -> None:
        self.model.now = self.later(hours)

    @rule()
    def mature(self) -> None:
        due = [lot for lot in self.model.lots if not lot.mature and lot.matures_at <= self.model.now]
        assert self.do(lambda s: ledger.mature(s, self.programme_id, now=self.model.now)) == len(due)
        for lot in due:
            lot.mature = True

    @rule()
    def expire(self) -> None:
        due = [lot for lot in self.model.lots if lot.mature and lot.remaining and lot.expires_at <= self.model.now]
        assert self.do(lambda s: ledger.expire(s, self.programme_id, now=self.model.now)) == len(due)
        for lot in due:
            lot.remaining = 0

    @rule()
    def release_lapsed(self) -> None:
        due = [
            hold_id
            for hold_id, hold in self.model.holds.items()
            if hold.state == "open" and hold.expires_at <= self.model.now
        ]
        assert self.do(lambda s: ledger.release_lapsed(s, self.programme_id, now=self.model.now)) == len(due)
        for hold_id in due:
            self.model.close(hold_id, "released")

    @invariant()
    def both_say_the_same(self) -> None:
        async def read(session: AsyncSession) -> tuple[list[Holdings], int]:
            held = [
                await ledger.holdings(session, self.programme_id, resident_id, now=self.model.now)
                for resident_id in self.residents
            ]
            return held, await ledger.budget_left(session, self.programme_id, self.budget_id)

        found, left = self.do(read)
        assert found == [self.model.holdings(who) for who in range(RESIDENTS)]
        assert left == self.model.budget

    def teardown(self) -> None:
        if not hasattr(self, "programme_id"):
            return
        findings = self.do(lambda session: ledger.audit(session, self.programme_id))
        self.runner.run(self.engine.dispose())
        assert [finding for finding in findings if finding.differences] == []

    def later(self, hours: int) -> datetime:
        return self.model.now + timedelta(hours=hours)


def test_whatever_is_done_the_ledger_says_what_a_plain_model_says(database: str) -> None:
    chosen = settings(
        max_examples=40, stateful_step_count=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    with asyncio.Runner() as runner:
        machine = type("Machine", (LedgerMachine,), {"url": database, "runner": runner})
        run_state_machine_as_test(machine, settings=chosen)
