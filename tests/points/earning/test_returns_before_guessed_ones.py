"""A return told late of a unit that came back again since, of somebody whose sale was told after their return."""

from uuid import UUID

from core import db
from points.earning.activities import Receipt
from points.earning.adjustments.return_lines import Bought, Returned
from points.programmes.tables import Programme
from tests.factories.credits import assert_clean
from tests.factories.label_units import AGAIN_AT, BACK_AGAIN_AT, BACK_AT, SOLD_AT, grams, make_codes, sold_as
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents
from tests.factories.returns import back, member_of, returned

FULL = 1000


async def test_what_another_brought_back_without_a_receipt_was_of_the_sale_since(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    """The guess was placed at what the other had bought before; the sale that it was of is known by now."""
    async with db.transaction() as session:
        [bob] = await make_residents(session, programme, 1)
    ann_shows, bob_shows = await member_of(programme, resident), await member_of(programme, bob)
    [code] = await make_codes(product, 1)
    between = SOLD_AT + (BACK_AT - SOLD_AT) / 2
    assert isinstance(await sold_as(programme, bob_shows, product.gtin, receipt="B1", at=between), Receipt)
    [guessed] = await returned(programme, back(code, bought=None, member=bob_shows, at=BACK_AGAIN_AT))
    assert isinstance(guessed, Returned), guessed
    assert isinstance(await sold_as(programme, ann_shows, product.gtin, receipt="A1"), Receipt)
    assert isinstance(await sold_as(programme, bob_shows, product.gtin, receipt="B2", at=AGAIN_AT), Receipt)
    [named] = await returned(programme, back(code, bought=Bought("A1", 1), at=BACK_AT))
    assert isinstance(named, Returned), named
    assert await grams(programme, resident, bob) == [0, FULL]
    await assert_clean(programme)
