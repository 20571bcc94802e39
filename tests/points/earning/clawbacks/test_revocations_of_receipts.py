"""How long receipts that an order about a retailer's sales kept out can be claimed: for as long as they could."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from core import db
from points.earning.activities import Reason, Receipt
from points.earning.clawbacks.chunks import advance
from points.earning.evidence.anonymous_sales import standing
from points.earning.evidence.unclaimed import sweep
from points.programmes.tables import Programme
from tests.factories.clawbacks import EVER, WHY, bought, cancelled, overview, placed, previewed, worked
from tests.factories.credits import NOW, assert_clean
from tests.factories.labels import Labelled
from tests.factories.programmes import AT_ONCE
from tests.factories.reinstatements import given_back, taken_back
from tests.factories.returns import reason
from tests.factories.tills import claimed, unclaimed

DAY = timedelta(days=1)
LAST = NOW + AT_ONCE.claim_days * DAY
MOMENT = timedelta(seconds=1)


@pytest.fixture
async def claim_code(programme: Programme, product: Labelled) -> str:
    """What is on a receipt that is nobody's."""
    return await unclaimed(programme, product)


async def test_days_in_which_two_orders_stood_count_once(programme: Programme, resident: UUID, claim_code: str) -> None:
    for days in (6, 10):
        order_id = await taken_back(programme)
        await cancelled(programme, order_id, days)
    [late] = await claimed(programme, resident, claim_code, now=LAST + 10 * DAY + MOMENT)
    assert reason(late.outcome) is Reason.CLAIM_WINDOW_OVER
    [line] = await claimed(programme, resident, claim_code, now=LAST + 10 * DAY)
    assert isinstance(line.outcome, Receipt), line
    await assert_clean(programme)


async def test_while_an_order_stands_a_receipts_days_are_not_over(
    programme: Programme, resident: UUID, claim_code: str
) -> None:
    await taken_back(programme)
    [line] = await claimed(programme, resident, claim_code, now=LAST + DAY)
    assert reason(line.outcome) is Reason.SALES_REVOKED


async def test_a_receipt_is_kept_for_as_long_as_it_can_be_claimed(
    programme: Programme, resident: UUID, claim_code: str
) -> None:
    order_id = await taken_back(programme)
    await cancelled(programme, order_id, 400)
    until = LAST + 400 * DAY
    async with db.transaction() as session:
        assert await sweep(session, programme.programme_id, now=until, limit=10) == 0
    [line] = await claimed(programme, resident, claim_code, now=until)
    assert isinstance(line.outcome, Receipt), line


async def test_a_receipt_that_nobody_claims_once_its_order_is_lifted_is_removed(
    programme: Programme, claim_code: str
) -> None:
    order_id = await taken_back(programme)
    await cancelled(programme, order_id, 10)
    async with db.transaction() as session:
        assert await sweep(session, programme.programme_id, now=NOW + 1000 * DAY, limit=10) == 1


async def test_who_gives_back_the_last_of_an_order_waits_for_no_receipt(
    programme: Programme, resident: UUID, product: Labelled, claim_code: str
) -> None:
    await bought(programme, resident, product)
    order_id = await taken_back(programme)
    async with db.transaction() as session:
        await standing(session, programme.programme_id, [claim_code], lock=True)
        async with asyncio.timeout(5):
            row = await given_back(programme, order_id, resident)
    assert (row.activities, row.grams) == (1, 1000)


async def test_an_order_of_which_all_was_given_back_while_it_ran_keeps_nothing_out_once_it_is_done(
    programme: Programme, people: list[UUID], product: Labelled, claim_code: str
) -> None:
    buyer, other = people
    await bought(programme, other, product)
    order_id = await previewed(programme, EVER)
    await placed(programme, order_id)
    for _ in range(2):
        async with db.transaction() as session:
            await advance(session, programme.programme_id, order_id, now=NOW)
    await given_back(programme, order_id, other)
    [line] = await claimed(programme, buyer, claim_code)
    assert reason(line.outcome) is Reason.SALES_REVOKED, "it may go on to take something"
    await worked(programme, order_id)
    order = (await overview(programme, order_id)).order
    assert (order.state, order.cancelled_by, order.note) == ("cancelled", "staff:t", f"{WHY.zh} / {WHY.en}")
    [line] = await claimed(programme, buyer, claim_code)
    assert isinstance(line.outcome, Receipt), line
    await assert_clean(programme)
