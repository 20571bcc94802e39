"""What a label was credited is given back only while its unit is still whose it was: a unit counts once."""

import pytest

from core import db
from points.earning.activities import Receipt
from points.earning.adjustments.return_lines import Returned
from points.earning.clawbacks.scopes import OfFraud
from points.errors import StateConflictError
from points.programmes.tables import Programme
from tests.factories.clawbacks import placed, previewed, worked
from tests.factories.credits import assert_clean
from tests.factories.label_units import BACK_AT, grams, make_codes, scanned, sold_as
from tests.factories.labels import Labelled
from tests.factories.reinstatements import given_back
from tests.factories.residents import make_residents
from tests.factories.returns import back, member_of, returned

FULL, HALF = 1000, 500


async def test_a_label_is_given_back_while_its_unit_is_kept_and_not_once_it_came_back_with_its_sale(
    programme: Programme, product: Labelled
) -> None:
    async with db.transaction() as session:
        [ann] = await make_residents(session, programme, 1)
    member, [code] = await member_of(programme, ann), await make_codes(product, 1)
    label = await scanned(programme, ann, code)
    assert isinstance(label, Receipt)
    for comes_back in (False, True):
        order_id = await previewed(programme, OfFraud(activity_ids=(label.activity_id,)))
        await placed(programme, order_id)
        await worked(programme, order_id)
        assert isinstance(await sold_as(programme, member, code), Receipt)
        assert await grams(programme, ann) == [HALF]
        if not comes_back:
            await given_back(programme, order_id, ann)
            assert await grams(programme, ann) == [FULL]
    line = back(code, at=BACK_AT, bought=None, member=member)
    assert [type(each) for each in await returned(programme, line)] == [Returned]
    with pytest.raises(StateConflictError, match="came back with its sale"):
        await given_back(programme, order_id, ann)
    assert await grams(programme, ann) == [0]
    await assert_clean(programme)


async def test_a_label_is_not_given_back_once_its_unit_was_sold_to_somebody_else(
    programme: Programme, product: Labelled
) -> None:
    async with db.transaction() as session:
        ann, bob = await make_residents(session, programme, 2)
    [code] = await make_codes(product, 1)
    label = await scanned(programme, ann, code)
    assert isinstance(label, Receipt)
    order_id = await previewed(programme, OfFraud(activity_ids=(label.activity_id,)))
    await placed(programme, order_id)
    await worked(programme, order_id)
    assert isinstance(await sold_as(programme, await member_of(programme, bob), code), Receipt)
    with pytest.raises(StateConflictError, match="sold to somebody else"):
        await given_back(programme, order_id, ann)
    assert await grams(programme, ann, bob) == [0, FULL]
    await assert_clean(programme)
