"""What an order took is given back, and what is looked at then."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from core import db
from core.ids import new_id
from core.sql import run
from points import ledger
from points.earning.adjustments.adjustments import adjust
from points.earning.adjustments.values import Adjusted, AdjustmentKind, Change, UnitsTaken
from points.earning.clawbacks.reinstatements import reinstate
from points.earning.clawbacks.tables import Reinstatement
from points.programmes.policy import SpentPoints
from points.programmes.tables import Programme
from tests.factories.clawbacks import EVER, WHY, placed, previewed, worked
from tests.factories.credits import NOW


async def taken_back(programme: Programme, spent: SpentPoints | None = None) -> UUID:
    order_id = await previewed(programme, EVER, spent)
    await placed(programme, order_id)
    await worked(programme, order_id)
    return order_id


async def given_back(
    programme: Programme,
    order_id: UUID,
    who: UUID,
    activity_ids: Collection[UUID] | None = None,
    now: datetime = NOW,
) -> Reinstatement:
    async with db.transaction() as session:
        return await reinstate(
            session,
            programme.programme_id,
            order_id,
            who,
            activity_ids=activity_ids,
            reason=WHY,
            actor="staff:t",
            now=now,
        )


async def left(programme: Programme) -> int:
    async with db.transaction() as session:
        return await ledger.budget_left(session, programme.programme_id, programme.base_budget_id)


async def came_back(programme: Programme, activity_id: UUID, units: int = 1) -> object:
    change = Change(f"test:{new_id()}", activity_id, AdjustmentKind.RETURN, UnitsTaken(units), "back", new_id(), NOW)
    async with db.transaction() as session:
        use = ledger.KeyUse(f"return:{new_id().hex}", b"", change.order_id)
        [done] = await adjust(session, programme.programme_id, [change], now=NOW)
        if isinstance(done, Adjusted):
            await ledger.claim(session, programme.programme_id, [use])
    return done


async def days(programme: Programme, who: UUID) -> list[tuple[int, ...]]:
    statement = text("SELECT grams, points, activities FROM resident_day WHERE programme_id = :p AND resident_id = :r")
    async with db.transaction() as session:
        return [tuple(each) for each in await run(session, statement, {"p": programme.programme_id, "r": who})]


async def fund(programme: Programme, points: int) -> None:
    async with db.transaction() as session:
        key = f"fund:{new_id()}"
        await ledger.fund(session, programme.programme_id, programme.base_budget_id, points, key=key, now=NOW)
