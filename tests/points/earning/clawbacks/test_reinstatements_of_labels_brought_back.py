"""A unit that came back while nothing was left of its label is in the shop: the label is given back no more."""

from uuid import UUID

import pytest

from core import db
from points.earning.activities import Claimable, Receipt
from points.earning.adjustments.return_lines import Returned
from points.earning.clawbacks.scopes import OfFraud
from points.errors import StateConflictError
from points.programmes.policy import Terms
from points.programmes.tables import Programme
from tests.factories.clawbacks import placed, previewed, worked
from tests.factories.credits import assert_clean
from tests.factories.label_units import AGAIN_AT, BACK_AT, grams, make_codes, scanned, sold_as
from tests.factories.labels import Labelled
from tests.factories.programmes import make_programme
from tests.factories.reinstatements import given_back
from tests.factories.residents import make_residents
from tests.factories.returns import SOLD, back, member_of, returned

FULL, HALF = 1000, 500


async def taken(programme: Programme, who: UUID, code: str) -> UUID:
    """Scan a label and take back what it was credited; return the order."""
    label = await scanned(programme, who, code)
    assert isinstance(label, Receipt)
    order_id = await previewed(programme, OfFraud(activity_ids=(label.activity_id,)))
    await placed(programme, order_id)
    await worked(programme, order_id)
    return order_id


@pytest.mark.parametrize("buyer", ["nobody", "another", "the same"])
async def test_a_label_is_not_given_back_once_its_unit_came_back_from_whoever_bought_it_without_confirming_the_label(
    product: Labelled, buyer: str
) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=Terms(maturity_days=0, matching_days=0))
        ann, bob, cid = await make_residents(session, programme, 3)
    [code] = await make_codes(product, 1)
    order_id = await taken(programme, ann, code)
    members = {"nobody": None, "another": await member_of(programme, bob), "the same": await member_of(programme, ann)}
    sale = await sold_as(programme, members[buyer], product.gtin)
    assert isinstance(sale, Claimable if buyer == "nobody" else Receipt)
    assert sum(await grams(programme, ann, bob)) == (0 if buyer == "nobody" else FULL)
    [told] = await returned(programme, back(code, at=BACK_AT, bought=SOLD))
    assert isinstance(told, Returned)
    assert [each.label_grams for each in told.told_to_retailer().adjusted] == ([] if buyer == "nobody" else [0])
    for again in (False, True):
        if again:  # whose it is then says nothing of who had it before
            assert isinstance(
                await sold_as(programme, await member_of(programme, cid), code, receipt="S2", at=AGAIN_AT), Receipt
            )
        with pytest.raises(StateConflictError, match=r"came back since.*`activity_ids`"):
            await given_back(programme, order_id, ann)
        assert await grams(programme, ann, bob, cid) == [0, 0, FULL if again else 0]
    await assert_clean(programme)


async def test_a_label_is_given_back_where_another_unit_of_its_product_came_back(
    programme: Programme, product: Labelled
) -> None:
    async with db.transaction() as session:
        ann, bob = await make_residents(session, programme, 2)
    code, other = await make_codes(product, 2)
    order_id = await taken(programme, ann, code)
    assert isinstance(await sold_as(programme, await member_of(programme, bob), product.gtin), Receipt)
    [told] = await returned(programme, back(other, at=BACK_AT, bought=SOLD))
    assert isinstance(told, Returned)
    await given_back(programme, order_id, ann)
    assert await grams(programme, ann, bob) == [HALF, 0]
    await assert_clean(programme)
