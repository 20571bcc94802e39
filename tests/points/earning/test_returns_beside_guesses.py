"""Returns of a unit whose label is a resident's, while a sale of that resident is matched with the label by a guess."""

import asyncio
from uuid import UUID

from core import db
from points.earning.activities import Claimable, Receipt, SaleLine
from points.earning.adjustments.return_lines import Returned
from points.earning.sales import record_sales
from points.errors import StateConflictError
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean
from tests.factories.label_units import AGAIN_AT, BACK_AT, ONCE_MORE_AT, grams, make_codes, scanned, sold_as
from tests.factories.labels import Labelled
from tests.factories.returns import RETAILER, back, member_of, returned
from tests.factories.waiting import until_somebody_waits
from workers.till_keys import till_keys

FULL, HALF = 1000, 500


async def test_a_return_told_late_leaves_a_label_with_the_sale_that_it_is_matched_with_at_that_moment(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    """The unit came back of nobody's line before it was sold to nobody again, so the return takes nothing of theirs."""
    member = await member_of(programme, resident)
    [code] = await make_codes(product, 1)
    assert isinstance(await sold_as(programme, None, product.gtin, receipt="S1"), Claimable)
    assert isinstance(await sold_as(programme, None, code, receipt="S2", at=AGAIN_AT), Claimable)
    assert isinstance(await scanned(programme, resident, code, at=ONCE_MORE_AT), Receipt)
    async with db.transaction() as session:
        lines = [SaleLine("S3", 1, member, product.gtin, 1, AGAIN_AT)]
        [sale] = await record_sales(session, programme.programme_id, RETAILER, lines, keys=till_keys(), now=NOW)
        assert isinstance(sale, Receipt)
        assert sale.grams == FULL - HALF, "it is matched with the label"
        coming = asyncio.create_task(returned(programme, back(code, at=BACK_AT)))
        await until_somebody_waits(session)
    try:
        [told] = await coming
    except StateConflictError:
        [told] = await returned(programme, back(code, at=BACK_AT))
    assert isinstance(told, Returned), told
    assert told.adjusted == ()
    assert isinstance(await sold_as(programme, member, product.gtin, receipt="S4", at=AGAIN_AT), Receipt)
    assert await grams(programme, resident) == [2 * FULL], "the label is not part of the next sale as well"
    await assert_clean(programme)
