"""Who owes points pays them with the next ones, also where those would be mature at once."""

from datetime import timedelta
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points import ledger
from points.earning.activities import Receipt, Scan
from points.ledger import Holdings, HoldRequest
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.labels import Labelled
from tests.factories.returns import back, member_of, returned, sold


@pytest.fixture
async def indebted(programme: Programme, resident: UUID, product: Labelled) -> UUID:
    """A resident who bought three units, spent all 30 points and brought the units back."""
    await sold(programme, await member_of(programme, resident), product)
    request = HoldRequest(new_id(), resident, 30, NOW + timedelta(hours=1))
    async with db.transaction() as session:
        await ledger.hold(session, programme.programme_id, [request], now=NOW)
        await ledger.settle(session, programme.programme_id, [request.hold_id], now=NOW)
    await returned(programme, back(product, 3))
    return resident


async def holdings(programme: Programme, resident_id: UUID) -> Holdings:
    async with db.transaction() as session:
        return await ledger.holdings(session, programme.programme_id, resident_id, now=NOW)


async def mature(programme: Programme) -> None:
    async with db.transaction() as session:
        await ledger.mature(session, programme.programme_id, now=NOW)


async def test_points_that_would_be_spendable_at_once_wait_and_pay_the_debt(
    programme: Programme, indebted: UUID, product: Labelled
) -> None:
    [earned] = await credit(programme, sale(indebted, product.gtin, quantity=5))
    assert isinstance(earned, Receipt)
    assert earned.points == 50
    before = await holdings(programme, indebted)
    assert (before.available, before.pending, before.owed) == (0, 50, 30), "nothing is spent past a debt"
    await mature(programme)
    after = await holdings(programme, indebted)
    assert (after.available, after.pending, after.owed, after.grams) == (20, 0, 0, 5000)
    await assert_clean(programme)


async def test_a_debt_is_paid_from_several_awards_and_a_discovery_point_pays_too(
    programme: Programme, indebted: UUID, product: Labelled
) -> None:
    await credit(programme, Scan(indebted, product.gtin, NOW), sale(indebted, product.gtin, quantity=2))
    await mature(programme)
    between = await holdings(programme, indebted)
    assert (between.available, between.owed) == (0, 9)
    await credit(programme, sale(indebted, product.gtin, receipt="next"))
    await mature(programme)
    after = await holdings(programme, indebted)
    assert (after.available, after.owed) == (1, 0)
    await assert_clean(programme)
    await credit(programme, sale(indebted, product.gtin, receipt="after"))
    free = await holdings(programme, indebted)
    assert (free.available, free.pending) == (11, 0), "who owes nothing can spend at once again"
