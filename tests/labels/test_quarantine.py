"""Two people who decide about one footprint at the same moment: one of them decides."""

import asyncio

from core import clock, db
from labels import quarantine
from labels.catalogue import NewFootprint, NewProduct, register_footprints, register_products
from labels.errors import AlreadyDecidedError
from labels.quarantine import Decision
from tests.factories.labels import NOW, SINCE, fresh_gtin, make_category, standing


async def test_of_two_decisions_at_once_one_stands(database: str) -> None:
    gtin = fresh_gtin()
    async with db.transaction() as session:
        category_id = await make_category(session, plausible_low_mg=1_000_000, plausible_high_mg=2_000_000)
        await register_products(session, [NewProduct(gtin, "茶", category_id=category_id)], now=NOW)
        row = NewFootprint(gtin, 9_000_000, "kg", "cradle_to_gate", "ISO 14067", "CN", SINCE)
        footprint_id = standing((await register_footprints(session, [row], now=NOW))[0])

    async def decide(decision: Decision) -> str:
        async with db.transaction() as session:
            review = await quarantine.decide(
                session, footprint_id, decision, reason="Looked at.", actor="a test", now=clock.now()
            )
        return review.decision

    answers = await asyncio.gather(*(decide(each) for each in Decision), return_exceptions=True)
    assert {type(each) for each in answers} == {str, AlreadyDecidedError}
    async with db.transaction() as session:
        assert await quarantine.queue(session, category_id=category_id) == []
