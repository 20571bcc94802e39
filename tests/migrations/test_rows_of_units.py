"""Revision 0019 with units there that came back before it: each is where it was, and goes on from there."""

from datetime import timedelta
from uuid import UUID

import asyncpg

from core import db
from core.ids import new_id
from migrations.apply import downgrade, upgrade
from points.earning.activities import Reason, Receipt
from points.earning.adjustments.return_lines import Bought, Returned
from points.programmes.tables import Programme
from tests.factories.credits import assert_clean
from tests.factories.databases import rows
from tests.factories.label_units import (
    AGAIN_AT,
    BACK_AGAIN_AT,
    BACK_AT,
    ONCE_MORE_AT,
    SOLD_AT,
    claimed,
    grams,
    make_codes,
    scanned,
    sold_as,
)
from tests.factories.labels import Labelled, make_labelled
from tests.factories.programmes import make_programme
from tests.factories.residents import make_residents
from tests.factories.returns import RETAILER, back, member_of, reason, returned

BEFORE_STAYS = "0018"
FULL, HALF = 1000, 500


async def come_and_gone(programme: Programme, people: list[UUID], product: Labelled) -> list[str]:
    """Have units come back of a sale that named them, of one that did not, and of nobody's line; return their codes."""
    codes = await make_codes(product, 4)
    named, _, nobodys, resold = codes
    ann, bob = people
    member = await member_of(programme, ann)
    await sold_as(programme, member, named, receipt="S1")
    await sold_as(programme, member, product.gtin, receipt="S2", quantity=2)
    await sold_as(programme, None, nobodys, receipt="S3")
    await scanned(programme, bob, nobodys, at=SOLD_AT)
    await sold_as(programme, member, resold, receipt="S4")
    lines = [back(code, bought=Bought(f"S{place}", 1), at=BACK_AT) for place, code in enumerate(codes, start=1)]
    assert all(isinstance(each, Returned) for each in await returned(programme, *lines))
    return codes


async def mark_as_before(url: str, programme: Programme, resold: str, who: UUID) -> None:
    """Write what stood for units before: one sold again to nobody known, and one of which no sale was told."""
    gtin, serial = resold[4:18], resold[22:]
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "UPDATE unit_claim SET matched_sale_id = '00000000-0000-0000-0000-000000000001', activity_id = $1, "
            "effective_at = $2, back_at = $2 WHERE programme_id = $3 AND serial = $4",
            new_id(),
            AGAIN_AT,
            programme.programme_id,
            serial,
        )
        await connection.execute(
            "INSERT INTO unit_claim (programme_id, gtin, serial, resident_id, activity_id, named, effective_at, "
            "retailer_id, sale_key) VALUES ($1, $2, $3, $4, $5, false, $6, $7, 'sale:1')",
            programme.programme_id,
            gtin,
            f"{serial}@2026-11-22T10:00:00+00:00",
            who,
            new_id(),
            SOLD_AT,
            RETAILER,
        )
    finally:
        await connection.close()


async def test_units_that_came_back_before_stays_were_written_down_are_where_they_were(filled: str) -> None:
    async with db.transaction() as session:
        programme, product = await make_programme(session), await make_labelled(session)
        people = await make_residents(session, programme, 2)
    ann, bob = people
    named, plain, nobodys, resold = await come_and_gone(programme, people, product)
    resale = await sold_as(programme, None, resold, receipt="S5", at=AGAIN_AT)
    await db.dispose()
    whole = await rows(filled, "unit_stay")
    claims = await rows(filled, "unit_claim")
    assert (len(whole), len(claims)) == (4, 4)
    await downgrade(filled, BEFORE_STAYS)
    await mark_as_before(filled, programme, resold, ann)
    assert len(await rows(filled, "unit_claim")) == 5
    await upgrade(filled)
    of_receipts = [each for each in whole if each["resident_id"] == str(ann)]
    assert await rows(filled, "unit_stay") == of_receipts, "what nobody's lines were of was not written down"
    standing = await rows(filled, "unit_claim")
    assert {each["serial"] for each in standing} == {each["serial"] for each in claims}, "what stood for a unit is gone"
    assert {each["matched_sale_id"] for each in standing} == {str(UUID(int=0))}, "all of them are back"
    db._Engine.current = db.make_engine(filled)
    await assert_clean(programme)

    for code, bought in ((named, "S1"), (plain, "S2")):
        [again] = await returned(programme, back(code, bought=Bought(bought, 1), at=BACK_AGAIN_AT))
        assert reason(again) is Reason.ALREADY_RETURNED
        assert reason(await scanned(programme, bob, code)) is Reason.ALREADY_RETURNED
    member = await member_of(programme, bob)
    for place, code in enumerate((named, plain, nobodys)):
        sale = await sold_as(programme, member, code, receipt=f"T{place}", at=AGAIN_AT + timedelta(minutes=1))
        assert isinstance(sale, Receipt), sale
    [taken] = await returned(programme, back(named, bought=Bought("T0", 1), at=BACK_AGAIN_AT))
    assert isinstance(taken, Returned), taken
    assert reason(await scanned(programme, bob, resold)) is Reason.ALREADY_RETURNED, "its line names no unit"
    assert isinstance(await claimed(programme, bob, resale), Receipt)
    last = await sold_as(programme, await member_of(programme, ann), named, receipt="T9", at=ONCE_MORE_AT)
    assert isinstance(last, Receipt), last
    assert await grams(programme, ann, bob) == [2 * FULL, 3 * FULL]
    await assert_clean(programme)
