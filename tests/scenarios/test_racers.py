"""Races on real parallel connections, round after round: whoever wins, everything adds up. CONTRIBUTING tells how long.

Each round has residents of its own, so that no cap ends the race; the audit at the end looks at all rounds together.
"""

import asyncio
import logging
from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from core import db
from core.ids import new_id
from labels.catalogue import register_organization
from points import ledger
from points.earning.activities import Outcome, Reason, Receipt, Refusal, SaleLine, Scan
from points.earning.adjustments.return_lines import Bought, Returned
from points.earning.sales_files import takers
from points.ledger import Holdings, HoldRequest, Posted
from points.programmes.tables import Programme
from tests.factories.credits import NOW, RETAILER, assert_clean, credit, sale
from tests.factories.import_jobs import finished
from tests.factories.labels import NOW as LONG_AGO
from tests.factories.labels import Labelled, make_labelled
from tests.factories.ledgers import assert_clean as assert_ledger_clean
from tests.factories.lengths import racer_rounds
from tests.factories.residents import give_points, make_residents
from tests.factories.returns import back, returned, sold
from tests.factories.sales_files import hand_in, sales_csv
from tests.factories.tills import static_code
from tests.factories.units import make_units
from tests.scenarios.racing import CONNECTIONS, PROCESSES, sell, sellers

ROUNDS = racer_rounds()
FULL = 1_000
"""Grams that one unit saves."""
HOUR = timedelta(hours=1)


@pytest.fixture
async def product(database: str) -> Labelled:
    async with db.transaction() as session:
        return await make_labelled(session)


async def join(programme: Programme, count: int = 1) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, programme, count)


async def holdings(programme: Programme, resident_id: UUID) -> Holdings:
    async with db.transaction() as session:
        return await ledger.holdings(session, programme.programme_id, resident_id, now=NOW)


async def spend(programme: Programme, resident_id: UUID, points: int) -> bool:
    """Hold points and settle them, as a redemption does, each in a database transaction of its own."""
    request = HoldRequest(new_id(), resident_id, points, NOW + HOUR)
    async with db.transaction() as session:
        [held] = await ledger.hold(session, programme.programme_id, [request], now=NOW)
    if not isinstance(held, Posted):
        return False
    async with db.transaction() as session:
        [settled] = await ledger.settle(session, programme.programme_id, [request.hold_id], now=NOW)
    assert isinstance(settled, Posted)
    return True


def told(race: str, found: object) -> None:
    logging.getLogger(__name__).info("%s: %d rounds, %s", race, ROUNDS, found)


async def test_of_eight_spenders_on_one_balance_as_many_spend_as_it_covers(programme: Programme) -> None:
    for _ in range(ROUNDS):
        [resident_id] = await join(programme)
        async with db.transaction() as session:
            await give_points(session, programme, [resident_id], 50, now=NOW)
        spent = await asyncio.gather(*(spend(programme, resident_id, 9) for _ in range(8)))
        assert Counter(spent) == {True: 5, False: 3}
        assert await holdings(programme, resident_id) == Holdings(0, 5, 0, 0, 0)
    await assert_ledger_clean(programme)
    told("8 spenders on one balance", "5 of 8 spent each time")


async def test_sixty_four_identical_sales_of_several_processes_credit_once(
    programme: Programme, product: Labelled
) -> None:
    [resident_id, *more] = await join(programme, -(-ROUNDS // 20))  # a day's cap is 20 of them
    members = [await static_code(programme, each) for each in (resident_id, *more)]
    loop = asyncio.get_running_loop()
    with sellers() as pool:
        for number in range(ROUNDS):
            line = SaleLine(f"race {number}", 1, members[number // 20], product.gtin, 1, NOW)
            runs = [loop.run_in_executor(pool, sell, programme.programme_id, RETAILER, line) for _ in range(PROCESSES)]
            found = [each for answers in await asyncio.gather(*runs) for each in answers]
            assert Counter(each.replayed for each in found) == {False: 1, True: PROCESSES * CONNECTIONS - 1}
            assert len({each.receipt_id for each in found}) == 1
            assert {each.grams for each in found} == {FULL}
    await assert_clean(programme)
    told("64 identical sales", f"one credit each, {PROCESSES} processes of {CONNECTIONS} connections")


@pytest.mark.parametrize("named", [False, True], ids=["product sold", "unit sold"])
@pytest.mark.parametrize("stranger", [False, True], ids=["buyer scans", "somebody else scans"])
async def test_a_sale_and_a_scan_of_one_unit_at_once_are_one_unit(
    programme: Programme, product: Labelled, *, named: bool, stranger: bool
) -> None:
    async with db.transaction() as session:
        codes = await make_units(session, product, ROUNDS)
    seen: Counter[str] = Counter()
    for number, code in enumerate(codes):
        buyer, other = await join(programme, 2)
        scanner = other if stranger else buyer
        bought = sale(buyer, code if named else product.gtin, receipt=f"race {number}")
        [[sale_outcome], [scan_outcome]] = await asyncio.gather(
            credit(programme, bought), credit(programme, Scan(scanner, code, NOW))
        )
        assert isinstance(sale_outcome, Receipt), sale_outcome
        held = [(await holdings(programme, each)).grams for each in (buyer, other)]
        if stranger and not named:  # the till named no unit: for all it knows, these are two
            assert held == [FULL, FULL // 2]
        else:
            assert held == [FULL, 0]
            seen[_order(sale_outcome, scan_outcome)] += 1
        # Whatever is told again is what is told from now on; nothing more is credited.
        await credit(programme, Scan(scanner, code, NOW), bought)
        assert [(await holdings(programme, each)).grams for each in (buyer, other)] == held
    await assert_clean(programme)
    told(f"sale and unit scan, named={named}, stranger={stranger}", dict(seen))


def _order(sale_outcome: Receipt, scan_outcome: Outcome) -> str:
    if isinstance(scan_outcome, Refusal):
        assert scan_outcome.reason is Reason.UNIT_ALREADY_CLAIMED
        return "sale first"
    assert isinstance(scan_outcome, Receipt), scan_outcome
    return "sale first" if scan_outcome.activity_id == sale_outcome.activity_id else "scan first"


async def test_a_return_and_a_spend_at_once_leave_a_debt_or_nothing(programme: Programme, product: Labelled) -> None:
    seen: Counter[str] = Counter()
    for number in range(ROUNDS):
        [resident_id] = await join(programme)
        member, receipt = await static_code(programme, resident_id), f"race {number}"
        outcome = await sold(programme, member, product, receipt=receipt, quantity=5)
        assert isinstance(outcome, Receipt)
        assert outcome.points == 50
        line = back(product, 5, bought=Bought(receipt, 1))
        late = number % 12 / 1000  # a return looks longer before it leaps: so either of them is first in some rounds
        taking = asyncio.create_task(returned(programme, line))
        await asyncio.sleep(late)
        spent = await asyncio.gather(*(spend(programme, resident_id, 30) for _ in range(2)))
        [taken] = await taking
        assert isinstance(taken, Returned), taken
        assert sum(spent) <= 1
        # A hold that is settled after the return is no less spent: the return found 20 and the rest is owed.
        assert await holdings(programme, resident_id) == Holdings(0, 0, 0, 0, 30 * sum(spent))
        assert taken.adjusted[0].owed == 30 * sum(spent)
        seen["spent first" if any(spent) else "returned first"] += 1
    await assert_clean(programme)
    told("return and spend", dict(seen))


async def test_two_imports_of_one_file_at_once_credit_each_line_once(
    programme: Programme, product: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takers, "CHUNK_LINES", 4)
    async with db.transaction() as session:
        made = await register_organization(session, name_zh="店", name_en="Shop", roles=["retailer"], now=LONG_AGO)
    for _ in range(ROUNDS):
        members = [await static_code(programme, each) for each in await join(programme, 2)]
        rows = [(str(uuid4()), 1, members[number % 2], product.gtin, 1, NOW.isoformat()) for number in range(8)]
        ids = [await hand_in(programme, made.id, sales_csv(rows)) for _ in range(2)]
        await asyncio.gather(*(finished(job_id) for job_id in ids for _ in range(2)))
        done = [await finished(job_id) for job_id in ids]
        totals = sum((Counter(job.totals) for job in done), Counter())
        assert [(job.state, job.rows_done) for job in done] == [("done", len(rows))] * 2
        assert (totals["credited"], totals["replayed"], totals["grams"]) == (len(rows), len(rows), FULL * len(rows))
    await assert_clean(programme)
    told("two imports of one file", "each line once")
