"""A sale that takes somebody's credit back fills budgets and draws on others: all of them are locked in one order."""

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core import db
from core.sql import run
from points import ledger
from points.campaigns import campaigns
from points.campaigns.campaigns import CampaignDraft
from points.campaigns.rules import Bonus
from points.earning.activities import Receipt, Scan
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.labels import make_labelled
from tests.factories.programmes import make_programme
from tests.factories.residents import make_residents
from tests.factories.units import make_units
from tests.factories.waiting import until_somebody_waits

AT_HAND = text("""
    SELECT amount FROM balance
    WHERE programme_id = :programme_id AND owner_id = :budget_id FOR NO KEY UPDATE NOWAIT
""")


async def test_nothing_is_put_back_into_a_budget_before_all_of_them_are_held(database: str) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, points_per_tonne=1_500)
        ann, bob = await make_residents(session, programme, 2)
        [code] = await make_units(session, await make_labelled(session), 1)
        bonus = await _bonus(session, programme, bob)
    [scanned] = await credit(programme, Scan(bob, code, NOW))
    assert isinstance(scanned, Receipt)
    assert (scanned.points, scanned.base_points) == (7, 0), "half a unit is worth no point: the campaign alone paid"
    async with db.transaction() as holder:
        await ledger.lock_budgets(holder, programme.programme_id, [programme.base_budget_id])
        selling = asyncio.create_task(credit(programme, sale(ann, code)))
        await until_somebody_waits(holder)
        async with db.transaction() as other:
            found = await run(other, AT_HAND, {"programme_id": programme.programme_id, "budget_id": bonus})
        assert len(found) == 1, "whoever drew on the campaign now and on the base after it would wait in a circle"
    [sold] = await selling
    assert isinstance(sold, Receipt)
    assert sold.base_points == 1
    await assert_clean(programme)


async def _bonus(session: AsyncSession, programme: Programme, staff_id: UUID) -> UUID:
    draft = CampaignDraft("周末", "Weekend", NOW - timedelta(days=1), NOW + timedelta(days=1), Bonus(points=7))
    opened = await campaigns.open(
        session, programme.programme_id, draft, funded_points=100_000, staff_id=staff_id, now=draft.starts_at
    )
    return opened.campaign.budget_id
