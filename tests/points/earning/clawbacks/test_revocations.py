"""What a standing order about a retailer's sales keeps out, by every door, and what opens it again."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from core import db
from points.earning import reviews
from points.earning.activities import Held, Reason, Receipt, Scan
from points.earning.clawbacks.scopes import OfFraud, OfRetailer, ReceiptLine
from points.earning.credits import record
from points.errors import StateConflictError
from points.programmes.guard_terms import Guards
from points.programmes.tables import Programme
from tests.factories.clawbacks import (
    ELSEWHERE,
    EVER,
    bought,
    cancelled,
    held,
    overview,
    placed,
    prepared,
    previewed,
    spend,
    worked,
)
from tests.factories.credits import NOW, RETAILER, assert_clean, credit, sale
from tests.factories.label_units import scanned
from tests.factories.labels import Labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.reinstatements import given_back, taken_back
from tests.factories.residents import make_residents
from tests.factories.returns import reason
from tests.factories.statements import counted
from tests.factories.tills import claimed, report, sold, static_code, unclaimed
from tests.factories.waiting import until_somebody_waits

DAY = timedelta(days=1)
BEFORE = EVER.from_at - timedelta(hours=1)


async def test_a_receipt_that_nobody_had_claimed_is_refused_from_when_the_order_is_placed(
    programme: Programme, people: list[UUID], product: Labelled
) -> None:
    buyer, other = people
    await bought(programme, other, product)
    code = await unclaimed(programme, product)
    order_id = await previewed(programme, EVER)
    await placed(programme, order_id)
    [line] = await claimed(programme, buyer, code)
    assert reason(line.outcome) is Reason.SALES_REVOKED, "while it runs"
    await worked(programme, order_id)
    [line] = await claimed(programme, buyer, code)
    assert reason(line.outcome) is Reason.SALES_REVOKED, "and when it is done"
    assert await held(programme, buyer) == (0, 0, 0)
    assert (await overview(programme, order_id)).progress.late == 0
    await assert_clean(programme)


async def test_a_line_told_late_is_refused_and_an_anonymous_one_kept(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    await taken_back(programme)
    member = await static_code(programme, resident)
    code = await unclaimed(programme, product)
    [told] = await report(programme, sold(product.gtin, member, receipt="L1"))
    [named] = await report(programme, sold(product.gtin, member, receipt="A1"))
    [line] = await claimed(programme, resident, code)
    assert [reason(each) for each in (told, named, line.outcome)] == [Reason.SALES_REVOKED] * 3
    assert await held(programme, resident) == (0, 0, 0)


async def test_the_label_of_a_unit_keeps_its_part_and_no_revoked_sale_raises_it(
    programme: Programme, resident: UUID, product: Labelled, code: str
) -> None:
    await taken_back(programme)
    scan = await scanned(programme, resident, code)
    assert isinstance(scan, Receipt), "who scans a label tells nothing of a retailer"
    [told] = await report(programme, sold(code, await static_code(programme, resident)))
    assert reason(told) is Reason.SALES_REVOKED
    assert (await held(programme, resident))[0] == scan.grams
    elsewhere = await report(programme, sold(code, await static_code(programme, resident)), retailer_id=ELSEWHERE)
    assert isinstance(elsewhere[0], Receipt), "the unit is free for who did sell it"
    await assert_clean(programme)


async def test_what_was_held_can_not_be_accepted(database: str, product: Labelled) -> None:
    async with db.transaction() as session:
        careful = await make_programme(session, terms=replace(AT_ONCE, guards=Guards(visits_per_minute=0)))
        [resident] = await make_residents(session, careful, 1)
    [waits] = await credit(careful, sale(resident, product.gtin))
    assert isinstance(waits, Held)
    await taken_back(careful)
    async with db.transaction() as session:
        [decided] = await reviews.accept(
            session, careful.programme_id, [waits.review_id], note="Fine.", actor="staff:1", now=NOW
        )
    assert decided.receipt is None
    assert decided.problem is not None
    assert "sales_revoked" in decided.problem


async def test_other_times_other_retailers_and_scans_count_as_before(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    await taken_back(programme)
    line = sale(resident, product.gtin)
    other = replace(line, retailer_id=ELSEWHERE)
    early = replace(line, receipt="early", effective_at=BEFORE)
    at_the_end = replace(line, receipt="end", effective_at=EVER.until_at)
    outcomes = await credit(programme, other, early, Scan(resident, product.gtin, NOW))
    outcomes += await credit(programme, at_the_end, now=EVER.until_at)
    assert all(isinstance(each, Receipt) for each in outcomes), outcomes
    at_the_start = replace(line, receipt="start", effective_at=EVER.from_at)
    assert [reason(each) for each in await credit(programme, line, at_the_start)] == [Reason.SALES_REVOKED] * 2


async def test_what_was_credited_before_is_told_as_before(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    line = sale(resident, product.gtin)
    [first] = await credit(programme, line)
    await taken_back(programme)
    [again] = await credit(programme, line)
    assert isinstance(first, Receipt)
    assert isinstance(again, Receipt)
    assert (again.activity_id, again.replayed) == (first.activity_id, True)


async def test_a_preview_keeps_nothing_out_nor_an_order_about_lines_or_people(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    await prepared(programme, EVER)
    await previewed(programme, EVER)
    await credit(programme, sale(resident, product.gtin, receipt="R1"))
    lines = OfRetailer(RETAILER, EVER.from_at, EVER.until_at, (ReceiptLine("R1", 1),))
    for wanted in (lines, OfFraud((resident,))):
        order_id = await previewed(programme, wanted)
        await placed(programme, order_id)
        await worked(programme, order_id)
        assert isinstance(await bought(programme, resident, product), UUID)
        with pytest.raises(StateConflictError, match="done; it can not be cancelled"):
            await cancelled(programme, order_id)


async def test_a_batch_under_way_when_the_order_is_placed_is_taken_by_it(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    order_id = await previewed(programme, EVER)
    async with db.transaction() as session:
        [receipt] = await record(session, programme.programme_id, [sale(resident, product.gtin)], now=NOW)
        assert isinstance(receipt, Receipt)
        await placed(programme, order_id)
    await worked(programme, order_id)
    assert (await overview(programme, order_id)).progress.late == 1
    assert await held(programme, resident) == (0, 0, 0)
    await assert_clean(programme)


async def test_an_order_is_not_done_before_a_batch_that_did_not_see_it(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    order_id = await previewed(programme, EVER)
    async with db.transaction() as session:
        [receipt] = await record(session, programme.programme_id, [sale(resident, product.gtin)], now=NOW)
        assert isinstance(receipt, Receipt)
        await placed(programme, order_id)
        running = asyncio.create_task(worked(programme, order_id))
        await until_somebody_waits(session)
    await running
    assert (await overview(programme, order_id)).order.state == "done"
    assert await held(programme, resident) == (0, 0, 0), "it is neither kept out nor credited for good"
    await assert_clean(programme)


async def test_batches_under_way_wait_for_no_order_of_another_retailer(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    order_id = await previewed(programme, EVER)
    line = replace(sale(resident, product.gtin), retailer_id=ELSEWHERE)
    async with db.transaction() as session:
        await record(session, programme.programme_id, [line, Scan(resident, product.gtin, NOW)], now=NOW)
        await placed(programme, order_id)
        async with asyncio.timeout(10):
            await worked(programme, order_id)
    assert (await overview(programme, order_id)).order.state == "done"


async def test_once_all_is_given_back_the_receipts_can_be_claimed_for_as_long_as_they_could(
    programme: Programme, people: list[UUID], product: Labelled
) -> None:
    buyer, other = people
    sales = [await bought(programme, other, product) for _ in range(2)]
    await bought(programme, buyer, product)
    code = await unclaimed(programme, product)
    order_id = await taken_back(programme)
    await given_back(programme, order_id, other, sales[:1])
    await given_back(programme, order_id, buyer)
    [line] = await claimed(programme, buyer, code)
    assert reason(line.outcome) is Reason.SALES_REVOKED, "of one receipt it was right all the same"
    undone = NOW + 10 * DAY
    await given_back(programme, order_id, other, now=undone)
    order = (await overview(programme, order_id)).order
    assert (order.state, order.cancelled_by, order.ended_at) == ("cancelled", "staff:t", undone)
    days = AT_ONCE.claim_days + 10
    [late] = await claimed(programme, buyer, code, now=NOW + days * DAY + timedelta(seconds=1))
    assert reason(late.outcome) is Reason.CLAIM_WINDOW_OVER
    [line] = await claimed(programme, buyer, code, now=NOW + days * DAY)
    assert isinstance(line.outcome, Receipt), line
    await assert_clean(programme)


async def test_of_operators_who_give_back_the_last_of_it_at_once_one_lifts_it(
    programme: Programme, product: Labelled
) -> None:
    async with db.transaction() as session:
        residents = await make_residents(session, programme, 8)
    for who in residents:
        await bought(programme, who, product)
        await spend(programme, who, 10)  # what is owed ends without a budget, on whose row they would wait otherwise
    order_id = await taken_back(programme)
    await asyncio.gather(*(given_back(programme, order_id, who) for who in residents))
    assert (await overview(programme, order_id)).order.state == "cancelled"
    await bought(programme, residents[0], product)
    await assert_clean(programme)


async def test_an_order_that_is_done_can_be_cancelled_and_keeps_nothing_out_any_more(
    programme: Programme, people: list[UUID], product: Labelled
) -> None:
    buyer, other = people
    await bought(programme, other, product)
    code = await unclaimed(programme, product)
    order_id = await taken_back(programme)
    order = await cancelled(programme, order_id, days=3)
    assert (order.state, order.note) == ("cancelled", "It was right.")
    assert await held(programme, other) == (0, 0, 0), "what was taken stays taken"
    [line] = await claimed(programme, buyer, code, now=NOW + (AT_ONCE.claim_days + 3) * DAY)
    assert isinstance(line.outcome, Receipt), line
    with pytest.raises(StateConflictError, match="cancelled"):
        await cancelled(programme, order_id)
    await assert_clean(programme)


@pytest.mark.parametrize("lines", [1, 40])
async def test_orders_are_looked_for_in_one_statement_of_a_batch_with_sales_and_in_none_without(
    programme: Programme, resident: UUID, product: Labelled, lines: int
) -> None:
    await taken_back(programme)
    with counted() as statements:
        await credit(programme, *(sale(resident, product.gtin, line=line) for line in range(1, lines + 1)))
    assert sum("FROM clawback" in each for each in statements) == 1
    with counted() as statements:
        await credit(programme, Scan(resident, product.gtin, NOW))
    assert not any("FROM clawback" in each for each in statements)
