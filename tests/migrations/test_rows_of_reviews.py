"""Revision 0020 with reviews there that were decided before it: what was credited is known, and what waits goes on."""

from dataclasses import replace
from typing import Any

import asyncpg

from core import db
from migrations.apply import downgrade, upgrade
from points.earning import reviews
from points.earning.activities import Held, Receipt
from points.earning.reviews import Decided
from points.programmes.guard_terms import Guards
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.databases import rows
from tests.factories.labels import make_labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents

BEFORE_RECEIPTS = "0019"


async def accept(programme: Programme, held: Held) -> Decided:
    note: dict[str, Any] = {"note": "Fine.", "actor": "staff:1", "now": NOW}
    async with db.transaction() as session:
        [decided] = await reviews.accept(session, programme.programme_id, [held.review_id], **note)
    return decided


async def mark_as_before(url: str, programme: Programme, held: Held, receipt: Receipt) -> None:
    """Give an accepted review the id of its receipt, as it had before."""
    connection = await asyncpg.connect(url)
    ids = (receipt.activity_id, programme.programme_id, held.review_id)
    try:
        await connection.execute("ALTER TABLE review_step DISABLE TRIGGER USER")
        for table in ("review", "review_step"):
            update = f"UPDATE {table} SET review_id = $1 WHERE programme_id = $2 AND review_id = $3"
            await connection.execute(update, *ids)
        await connection.execute("ALTER TABLE review_step ENABLE TRIGGER USER")
    finally:
        await connection.close()


async def test_what_was_accepted_before_keeps_its_receipt_and_what_waits_is_accepted(filled: str) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=replace(AT_ONCE, guards=Guards(visits_per_minute=0)))
        product = await make_labelled(session)
        [resident] = await make_residents(session, programme, 1)
    lines = [sale(resident, product.gtin, line=line) for line in (1, 2, 3)]
    first, waits, refused = [each for each in await credit(programme, *lines) if isinstance(each, Held)]
    receipt = (await accept(programme, first)).receipt
    assert receipt is not None
    async with db.transaction() as session:
        await reviews.refuse(session, programme.programme_id, [refused.review_id], note="No.", actor="s", now=NOW)
    await db.dispose()
    await downgrade(filled, BEFORE_RECEIPTS)
    await mark_as_before(filled, programme, first, receipt)
    assert not any("receipt_id" in each for each in await rows(filled, "review"))
    await upgrade(filled)
    told = {each["state"]: each["receipt_id"] for each in await rows(filled, "review")}
    assert told == {1: None, 2: str(receipt.activity_id), 3: None}
    db._Engine.current = db.make_engine(filled)
    await assert_clean(programme)

    decided = await accept(programme, waits)
    assert decided.receipt is not None
    again = await credit(programme, *lines[:2])
    assert [each.activity_id for each in again if isinstance(each, Receipt)] == [
        receipt.activity_id,
        decided.receipt_id,
    ]
    await assert_clean(programme)
