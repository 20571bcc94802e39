"""Orders to take credits back, prepared, previewed and carried out without a worker."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from core import db
from core.ids import new_id
from labels.tables import Organization
from points import ledger
from points.earning.activities import Receipt
from points.earning.clawbacks import chunks, clawbacks
from points.earning.clawbacks.clawbacks import Grounds, Overview
from points.earning.clawbacks.scopes import OfRetailer, Wanted
from points.earning.clawbacks.tables import Clawback
from points.programmes.policy import SpentPoints
from points.programmes.tables import Programme
from tests.factories.credits import NOW, RETAILER, credit, sale
from tests.factories.labels import Labelled

WHY = Grounds("零售商上报有误。", "The retailer reported these sales wrongly.")
ELSEWHERE = new_id()
"""Another retailer."""
EVER = OfRetailer(RETAILER, NOW - timedelta(days=1), NOW + timedelta(days=1))


async def prepared(programme: Programme, wanted: Wanted, spent: SpentPoints | None = None) -> UUID:
    async with db.transaction() as session:
        await session.merge(Organization(id=RETAILER, name_zh="店", name_en="Shop", roles="retailer"))
        order = await clawbacks.prepare(
            session, programme.programme_id, wanted, WHY, spent=spent, actor="staff:t", now=NOW
        )
    return order.clawback_id


async def worked(programme: Programme, order_id: UUID, *, taken: int = 2, now: datetime = NOW) -> set[UUID]:
    """Do all that there is to do, some activities at a time; return whose credits changed."""
    touched: set[UUID] = set()
    while True:
        async with db.transaction() as session:
            step = await chunks.advance(session, programme.programme_id, order_id, now=now, taken=taken)
        touched |= step.touched
        if not step.left:
            return touched


async def previewed(programme: Programme, wanted: Wanted, spent: SpentPoints | None = None) -> UUID:
    order_id = await prepared(programme, wanted, spent)
    async with db.transaction() as session:
        await clawbacks.preview(session, programme.programme_id, order_id, now=NOW)
    await worked(programme, order_id)
    return order_id


async def placed(programme: Programme, order_id: UUID) -> Clawback:
    async with db.transaction() as session:
        return await clawbacks.place(session, programme.programme_id, order_id, actor="staff:t", now=NOW)


async def cancelled(programme: Programme, order_id: UUID, days: int = 0) -> Clawback:
    """Cancel an order, so many days after it was placed."""
    now = NOW + timedelta(days=days)
    async with db.transaction() as session:
        return await clawbacks.cancel(
            session, programme.programme_id, order_id, note="It was right.", actor="staff:t", now=now
        )


async def overview(programme: Programme, order_id: UUID) -> Overview:
    async with db.transaction() as session:
        return await clawbacks.show(session, programme.programme_id, order_id)


async def bought(
    programme: Programme, resident: UUID, product: Labelled, quantity: int = 1, *, retailer_id: UUID = RETAILER
) -> UUID:
    """Have a resident credited 1,000 g and 10 points a unit; return the receipt's id."""
    line = sale(resident, product.gtin, quantity=quantity, receipt=str(new_id()))
    [receipt] = await credit(programme, replace(line, retailer_id=retailer_id))
    assert isinstance(receipt, Receipt), receipt
    return receipt.activity_id


async def spend(programme: Programme, resident: UUID, points: int) -> bool:
    """Spend points, if there are so many."""
    hold_id = new_id()
    async with db.transaction() as session:
        request = ledger.HoldRequest(hold_id, resident, points, NOW + timedelta(hours=1))
        [held] = await ledger.hold(session, programme.programme_id, [request], now=NOW)
        if not isinstance(held, ledger.Posted):
            return False
        await ledger.settle(session, programme.programme_id, [hold_id], now=NOW)
    return True


async def held(programme: Programme, resident: UUID, now: datetime = NOW) -> tuple[int, int, int]:
    """Return grams, points that are available or pending, and points owed."""
    async with db.transaction() as session:
        found = await ledger.holdings(session, programme.programme_id, resident, now=now)
    return found.grams, found.available + found.pending, found.owed
