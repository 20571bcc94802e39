"""A shop whose till reports what people buy and bring back: the model is told what the database was told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import TypeVar
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clock
from core.db import make_engine
from points import ledger
from points.earning import audit
from points.earning.activities import Claimable, Outcome, Receipt, Refusal, SaleLine, Scan
from points.earning.adjustments.return_lines import Bought, Returned, ReturnLine, ReturnOutcome
from points.earning.credits import record
from points.earning.evidence.receipt_claims import claim
from points.earning.recomputations import recompute
from points.earning.returns import record_returns
from points.earning.sales import record_sales
from points.earning.tables import ResidentDay
from points.programmes.policy import Caps, Terms
from points.residents.queries import resident
from tests.factories.credits import RETAILER
from tests.factories.labels import make_baseline, make_category, make_labelled
from tests.factories.programmes import make_programme
from tests.factories.residents import make_residents
from tests.factories.units import SECRET, make_units
from tests.scenarios.shopping_model import CORRECTED, Purchase, Shopping
from workers.till_keys import till_keys

Result = TypeVar("Result")

RESIDENTS = 2
WIDE = Terms(
    maturity_days=0,
    unit_maturity_days=2,
    claimed_maturity_days=1,
    backdating_days=99,
    scan_backdating_days=99,
    matching_days=99,
    claim_days=99,
    return_days=99,
)
"""Windows that never end here: their ends have tests of their own."""
LABELS = 400


class Shop(RuleBasedStateMachine):
    """The doors to the database; `url` and `runner` are set by the test."""

    url: str
    runner: asyncio.Runner

    def begin(self, caps: Caps) -> None:
        """Open a shop in a programme of its own, shortly before midnight and the end of a month."""
        self.engine = make_engine(self.url)
        self.shopping, self.numbers, self.caps, self.sound = Shopping(), count(1), caps, True
        self.keys = replace(till_keys(), units=SECRET)
        self.done: list[Callable[[], object]] = []
        """What was reported and taken: to report it again changes nothing."""
        first = clock.now().replace(day=1, hour=15, minute=0, second=0, microsecond=0)  # nearly midnight in Shanghai
        self.now = (first - timedelta(days=10)).replace(day=1) - timedelta(days=2)
        self.do(self.open)

    async def open(self, session: AsyncSession) -> None:
        self.programme = await make_programme(session, terms=replace(WIDE, caps=self.caps))
        self.labelled, self.plain = await make_labelled(session), await make_labelled(session)
        self.codes = iter(await make_units(session, self.labelled, LABELS))
        milligrams = 3_000_000 + CORRECTED * 2_000
        self.baseline_id = await make_baseline(session, await make_category(session), milligrams)
        self.residents = await make_residents(session, self.programme, RESIDENTS)
        programme_id = self.programme.programme_id
        self.members = [(await resident(session, programme_id, each)).member_code for each in self.residents]

    def do(self, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        async def committed() -> Result:
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                result = await work(session)
                await session.commit()
                return result

        return self.runner.run(committed())

    def line(self, purchase: Purchase, *, shown: bool) -> SaleLine:
        code = purchase.codes[0] if purchase.named else self.gtin(labelled=purchase.labelled)
        member = self.members[purchase.buyer] if shown else None
        return SaleLine(purchase.receipt, 1, member, code, purchase.quantity, purchase.at)

    def gtin(self, *, labelled: bool) -> str:
        return (self.labelled if labelled else self.plain).gtin

    def tell(self, purchases: list[Purchase]) -> None:
        lines = [self.line(each, shown=each.reported or not each.anonymous) for each in purchases]
        send = partial(self.do, lambda s: record_sales(s, *self.at_till, lines, keys=self.keys, now=self.now))
        for purchase, line, outcome in zip(purchases, lines, send(), strict=True):
            purchase.reported = True
            if line.member_code is None:
                assert isinstance(outcome, Claimable), outcome
                purchase.claim_code = outcome.claim_code
            elif purchase.kept:
                assert isinstance(outcome, Receipt), outcome
                self.shopping.credit(purchase, outcome.activity_id)
            else:
                assert isinstance(outcome, Refusal), outcome
        self.done.append(send)

    @property
    def at_till(self) -> tuple[UUID, UUID]:
        return self.programme.programme_id, RETAILER

    def record(self, scan: Scan) -> Outcome:
        programme_id = self.programme.programme_id
        [outcome] = self.do(lambda s: record(s, programme_id, [scan], now=self.now, unit_secret=SECRET))
        return outcome

    def take_up(self, purchase: Purchase) -> None:
        who, code, programme_id = self.residents[purchase.buyer], purchase.claim_code, self.programme.programme_id
        send = partial(self.do, lambda s: claim(s, programme_id, who, code, now=self.now, unit_secret=SECRET))
        [claimed] = send()
        assert isinstance(claimed.outcome, Receipt), claimed
        self.shopping.credit(purchase, claimed.outcome.activity_id)
        self.done.append(send)

    def returned(
        self,
        units: int,
        *,
        labelled: bool,
        bought: Bought | None = None,
        member: str | None = None,
        label: str | None = None,
    ) -> ReturnOutcome:
        number, code = f"return {next(self.numbers)}", label or self.gtin(labelled=labelled)
        reported = [(RETAILER, ReturnLine(number, 1, bought, member, code, units, self.now))]
        programme_id = self.programme.programme_id
        send = partial(self.do, lambda s: record_returns(s, programme_id, reported, keys=self.keys, now=self.now))
        [outcome] = send()
        if isinstance(outcome, Returned):
            self.done.append(send)
        return outcome

    def holdings(self, who: int) -> ledger.Holdings:
        return self.do(lambda s: ledger.holdings(s, self.programme.programme_id, self.residents[who], now=self.now))

    async def prove(self, session: AsyncSession) -> None:
        programme_id = self.programme.programme_id
        findings = [*await ledger.audit(session, programme_id), *await audit.audit(session, programme_id)]
        assert [each for each in findings if each.differences] == []
        assert (await recompute(session, programme_id, after=UUID(int=0), limit=10_000))[1] == []
        days = (await session.exec(select(ResidentDay).where(ResidentDay.programme_id == programme_id))).all()
        months: dict[object, tuple[int, int]] = {}
        for each in days:
            assert each.grams <= self.caps.grams_per_day
            assert each.points <= self.caps.points_per_day
            key = each.resident_id, each.day.replace(day=1)
            grams, points = months.get(key, (0, 0))
            months[key] = grams + each.grams, points + each.points
        for grams, points in months.values():
            assert grams <= self.caps.grams_per_month
            assert points <= self.caps.points_per_month
