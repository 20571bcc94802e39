"""A return that is reported before its sale is refused, and taken when it is sent again after it."""

from uuid import UUID

import pytest

from core import db
from points.earning.activities import Reason, Receipt, Refusal, SaleLine
from points.earning.adjustments.return_lines import Bought, Returned
from points.earning.sales import record_sales
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean
from tests.factories.labels import Labelled
from tests.factories.returns import RETAILER, SOLD, back, member_of, returned, units
from tests.factories.units import make_units
from workers.till_keys import till_keys


@pytest.mark.parametrize("bought", [SOLD, None], ids=["its sale named", "of the member's latest"])
@pytest.mark.parametrize("with_serial", [False, True])
async def test_its_refusal_leaves_nothing_behind(
    programme: Programme,
    resident: UUID,
    product: Labelled,
    bought: Bought | None,
    with_serial: bool,  # noqa: FBT001 - drawn
) -> None:
    member, code = await member_of(programme, resident), product.gtin
    if with_serial:
        async with db.transaction() as session:
            [code] = await make_units(session, product, 1, secret=till_keys().units)
    line = back(code, receipt="R1", bought=bought, member=member)
    for _ in range(2):
        [early] = await returned(programme, line)
        assert isinstance(early, Refusal)
        assert early.reason is Reason.NO_SUCH_SALE
        assert "send the sale first, then the return again" in early.detail
    sale = SaleLine(SOLD.receipt, SOLD.line, member, code, 1, NOW)
    async with db.transaction() as session:
        [receipt] = await record_sales(session, programme.programme_id, RETAILER, [sale], keys=till_keys(), now=NOW)
    assert isinstance(receipt, Receipt), receipt
    [taken] = await returned(programme, line)
    assert isinstance(taken, Returned), taken
    assert (taken.grams, units(taken), taken.replayed) == (receipt.grams, [(1, 0)], False)
    [again] = await returned(programme, line)
    assert isinstance(again, Returned)
    assert (again.return_id, again.replayed) == (taken.return_id, True)
    await assert_clean(programme)
