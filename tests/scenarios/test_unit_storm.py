"""Whatever order sales, scans, claims and returns of the same units are told in, everybody has what they kept.

A history really happened; its reports come in random order, each on its own. What is refused is sent again as the
refusal says, until nothing changes any more. `storm(seed, events)` does the very same again.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core import db
from core.ids import new_id
from points import ledger
from points.earning.activities import Claimable, Outcome, Reason, Receipt, Refusal, SaleLine, Scan
from points.earning.adjustments.return_lines import Bought, Returned, ReturnLine, ReturnOutcome
from points.earning.credits import record
from points.earning.evidence.receipt_claims import claim
from points.earning.returns import record_returns
from points.earning.sales import record_sales
from points.programmes.policy import Caps, Terms
from points.programmes.tables import Programme
from points.residents.queries import resident
from tests.factories.credits import NOW, assert_clean
from tests.factories.labels import Labelled, make_labelled
from tests.factories.lengths import storm_rounds
from tests.factories.programmes import make_programme
from tests.factories.residents import make_residents
from tests.factories.units import make_units
from tests.scenarios.unit_world import FULL, LABEL, Back, Claimed, History, Report, Scanned, Sold, Tells, history
from workers.till_keys import till_keys

BEGUN = NOW - timedelta(hours=6)
AMPLE = Terms(
    maturity_days=0,
    unit_maturity_days=0,
    claimed_maturity_days=0,
    scan_maturity_days=0,
    caps=Caps(10**9, 10**9, 10**9, 10**9),
)
"""No cap is met; all that happens is within a day, and so within every window."""
PASSES = 60
"""More than any history needs until nothing changes any more."""

Told = Outcome | ReturnOutcome


@dataclass
class Storm:
    """The doors of one programme, and who sends what to them again."""

    happened: History
    random: Random
    programme: Programme
    product: Labelled
    residents: list[UUID]
    members: list[str]
    codes: list[str]
    retailers: list[UUID]
    claim_codes: dict[str, str] = field(default_factory=dict)
    accepted: list[Report] = field(default_factory=list)
    refusals: dict[Report, Reason] = field(default_factory=dict)
    """Why each was refused when it was sent last."""
    log: list[str] = field(default_factory=list)

    async def tell_all(self) -> None:
        """Tell everything in random order, then what was refused again, until a whole pass changes nothing."""
        waiting = list(self.happened.reports)
        for _ in range(PASSES):
            before = await self.grams()
            self.random.shuffle(waiting)
            left = [each for each in waiting if not await self.tell(each)]
            if len(left) == len(waiting) and await self.grams() == before:
                stubborn = [place for place, each in enumerate(left) if self.remedy(each) is not None]
                if not stubborn:
                    return
                left = self.remedied(left, stubborn)
            self.log.append("  --")
            waiting = left
        pytest.fail(self.account("There was no end of it."))

    async def tell_as_it_happens(self) -> None:
        """Tell everything at once, and what is refused once more at once as the refusal says."""
        for report in self.happened.reports:
            said: Report | None = report
            while said is not None and not await self.tell(said):
                said = self.remedy(said)

    def remedied(self, waiting: list[Report], stubborn: list[int]) -> list[Report]:
        """Do what the refusals say for one report at least: one till may be quicker than the other."""
        chosen = set(self.random.sample(stubborn, self.random.randint(1, len(stubborn))))
        return [self.remedy(each) or each if place in chosen else each for place, each in enumerate(waiting)]

    def remedy(self, report: Report) -> Report | None:
        """Return what is sent instead of what is refused again and again, where the refusal says something else."""
        reason = self.refusals.get(report)
        if isinstance(report, Back) and report.tells is Tells.NOTHING:
            number = f"{report.number}'" if report.at % 2 else report.number
            return replace(report, tells=Tells.LINE, number=number)
        if reason is not Reason.UNIT_ALREADY_CLAIMED:
            return None
        if isinstance(report, Sold) and report.named is not None:
            return replace(report, named=None)
        # Whoever claims is sent to the retailer, who reports the sale with the member code, and without the serial.
        return replace(report.sale, named=None, shown=True) if isinstance(report, Claimed) else None

    async def tell(self, report: Report) -> bool:
        """Tell one thing; return whether it was accepted. To tell it again changes nothing then."""
        outcome = await self.send(report)
        if outcome is None:
            return False
        is_accepted = isinstance(outcome, Receipt | Claimable | Returned)
        if isinstance(outcome, Refusal) and not is_accepted:
            self.refusals[report] = outcome.reason
        held = await self.grams()
        what = "accepted" if is_accepted else f"refused {self.refusals[report]}"
        self.log.append(f"  {report}: {what}; {held}")
        self.expect_no_more_than_was_told(held, report)
        if is_accepted:
            self.accepted.append(report)
            await self.repeat(held)
        return is_accepted

    async def repeat(self, held: list[int]) -> None:
        """Tell the last thing again now and then, or something before it; a label may be another's by then."""
        if self.random.random() < 0.7:
            return
        again = self.random.choice(
            [self.accepted[-1], *(each for each in self.accepted if not isinstance(each, Scanned))]
        )
        await self.send(again)
        assert await self.grams() == held, self.account(f"Told once more, it changed something: {again}")

    def expect_no_more_than_was_told(self, held: list[int], last: Report) -> None:
        told = [*self.accepted, last]
        for who, grams in enumerate(held):
            units = sum(len(each.units) for each in self.happened_sales(told) if each.buyer == who)
            labels = sum(isinstance(each, Scanned) and each.who == who for each in told)
            assert 0 <= grams <= FULL * units + LABEL * labels, self.account(f"r{who} has what nobody told of.")

    @staticmethod
    def happened_sales(told: list[Report]) -> list[Sold]:
        """Return sales that were told, each once: a till may have sent one again with less in it."""
        return list({each.receipt: each for each in told if isinstance(each, Sold)}.values())

    async def send(self, report: Report) -> Told | None:
        """Send a report through the door it belongs to; None where its receipt is not printed yet."""
        if isinstance(report, Claimed) and report.sale.receipt not in self.claim_codes:
            return None
        async with db.transaction() as session:
            return await self.through_door(session, report)

    async def through_door(self, session: AsyncSession, report: Report) -> Told:
        programme_id, keys = self.programme.programme_id, till_keys()
        if isinstance(report, Sold):
            lines, retailer = [self.line(report)], self.retailers[report.retailer]
            [sold] = await record_sales(session, programme_id, retailer, lines, keys=keys, now=NOW)
            if isinstance(sold, Claimable):
                self.claim_codes[report.receipt] = sold.claim_code
            return sold
        if isinstance(report, Scanned):
            scan = Scan(self.residents[report.who], self.codes[report.unit], BEGUN + timedelta(minutes=report.at))
            [scanned] = await record(session, programme_id, [scan], now=NOW, unit_secret=keys.units)
            return scanned
        if isinstance(report, Claimed):
            who, code = self.residents[report.sale.buyer], self.claim_codes[report.sale.receipt]
            [claimed] = await claim(session, programme_id, who, code, now=NOW, unit_secret=keys.units)
            return claimed.outcome
        reported = [(self.retailers[report.sale.retailer], self.back(report))]
        [returned] = await record_returns(session, programme_id, reported, keys=keys, now=NOW)
        return returned

    def line(self, sold: Sold) -> SaleLine:
        member = self.members[sold.buyer] if sold.shown else None
        code = self.product.gtin if sold.named is None else self.codes[sold.named]
        return SaleLine(sold.receipt, 1, member, code, len(sold.units), BEGUN + timedelta(minutes=sold.at))

    def back(self, back: Back) -> ReturnLine:
        bought = Bought(back.sale.receipt, 1) if back.tells is Tells.LINE else None
        member = self.members[back.sale.buyer] if back.tells is Tells.MEMBER else None
        code = self.codes[back.units[0]] if back.read else self.product.gtin
        at = BEGUN + timedelta(minutes=back.at)
        return ReturnLine(back.number, 1, bought, member, code, len(back.units), at)

    async def grams(self) -> list[int]:
        programme_id = self.programme.programme_id
        async with db.transaction() as session:
            return [(await ledger.holdings(session, programme_id, each, now=NOW)).grams for each in self.residents]

    async def expect_the_truth(self, which: str) -> None:
        kept = [FULL * units for units in self.happened.kept]
        assert await self.grams() == kept, self.account(f"{which}: it should be {kept}")
        await assert_clean(self.programme)

    def account(self, wrong: str) -> str:
        """Return what is wrong, what happened and what was told, to be read and replayed."""
        events = [f"  {each}" for each in self.happened.events]
        return "\n".join([wrong, "It happened:", *events, "It was told (after -- again):", *self.log])


async def storm(seed: int, events: int, product: Labelled) -> Storm:
    """Open a programme of its own for what happened by a seed."""
    happened, keys = history(seed, events), till_keys()
    async with db.transaction() as session:
        programme = await make_programme(session, terms=AMPLE)
        residents = await make_residents(session, programme, happened.residents)
        members = [(await resident(session, programme.programme_id, each)).member_code for each in residents]
        codes = await make_units(session, product, happened.units, secret=keys.units)
    retailers, order = [new_id() for _ in range(happened.retailers)], Random(f"order {seed} {events}")
    return Storm(happened, order, programme, product, residents, members, codes, retailers)


@pytest.fixture(scope="module")
async def product(database: str) -> Labelled:
    async with db.transaction() as session:
        return await make_labelled(session)


@pytest.mark.parametrize("seed", range(storm_rounds()))
@pytest.mark.parametrize("events", [2, 3, 4, 5, 6, 7, 8, 12])
async def test_in_whatever_order_it_is_told_everybody_has_what_they_kept(
    product: Labelled, events: int, seed: int
) -> None:
    told = await storm(seed, events, product)
    await told.tell_all()
    await told.expect_the_truth(f"seed {seed}, {events} events")


@pytest.mark.parametrize("seed", range(storm_rounds()))
@pytest.mark.parametrize("events", [6, 12])
async def test_told_as_it_happens_everybody_has_what_they_kept(product: Labelled, events: int, seed: int) -> None:
    told = await storm(seed, events, product)
    await told.tell_as_it_happens()
    await told.expect_the_truth(f"seed {seed}, {events} events")
