"""A stream of sales and returns: a return may stand before its sale, in the same batch or far from it."""

from datetime import timedelta

import pytest

from points.earning.activities import SaleLine
from points.programmes.tables import Programme
from tests.factories.credits import assert_clean
from tests.factories.sales_files import SOLD_AT, make_shop
from workers import replaying
from workers.replaying import replay


@pytest.mark.parametrize("batch", [1, 2, 1_000])
async def test_a_return_is_taken_wherever_its_sale_stands_in_the_stream_and_once(
    programme: Programme, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(replaying, "BATCH", batch)
    shop, later = await make_shop(programme), SOLD_AT + timedelta(minutes=1)
    member, gtin, retailer_id = shop.member_codes[0], shop.gtin, shop.retailer_id
    stream = [
        (retailer_id, SaleLine("back", 1, member, gtin, -1, later)),
        (retailer_id, SaleLine("back", 2, member, gtin, -1, later)),
        (retailer_id, SaleLine("back", 3, member, "9521234543215", -1, later)),
        (retailer_id, SaleLine("other", 1, "ZZZZZZZZZZZZ", gtin, 1, SOLD_AT)),
        (retailer_id, SaleLine("sold", 1, member, gtin, 3, SOLD_AT)),
    ]
    tally = await replay(programme.programme_id, stream)
    assert (tally.lines, tally.sales.credited, tally.returns.returned, tally.returns.grams) == (5, 1, 2, 2_000)
    assert sum(tally.returns.refused.values()) == 1
    again = await replay(programme.programme_id, stream)
    assert (again.sales.replayed, again.returns.returned, again.returns.replayed) == (1, 0, 2)
    await assert_clean(programme)


async def test_a_return_that_waited_for_a_long_stream_is_judged_by_the_day_it_came(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "BATCH", 1)
    shop, begun = await make_shop(programme), SOLD_AT - timedelta(days=400)
    member, other, retailer_id = shop.member_codes[0], shop.member_codes[1], shop.retailer_id
    stream = [
        (retailer_id, SaleLine("back", 1, member, shop.gtin, -1, begun + timedelta(hours=1))),
        (retailer_id, SaleLine("sold", 1, member, shop.gtin, 1, begun)),
        (retailer_id, SaleLine("nothing", 1, other, shop.gtin, -1, begun)),
        (retailer_id, SaleLine("sold", 2, member, "9521234543215", 1, SOLD_AT)),
    ]
    tally = await replay(programme.programme_id, stream)
    assert (tally.sales.credited, tally.returns.returned) == (1, 1), (tally.sales.refused, tally.returns.refused)
    assert dict(tally.returns.refused) == {"no_such_sale": 1}
    await assert_clean(programme)


async def test_a_return_of_what_is_nowhere_in_the_stream_is_refused_once(programme: Programme) -> None:
    shop = await make_shop(programme)
    stream = [(shop.retailer_id, SaleLine("back", 1, shop.member_codes[0], shop.gtin, -1, SOLD_AT))]
    tally = await replay(programme.programme_id, stream)
    assert (tally.lines, dict(tally.returns.refused)) == (1, {"no_such_sale": 1})
