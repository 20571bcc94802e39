"""What an order can be about: what is not there, or does not fit, is refused with what to do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core import db
from core.ids import new_id
from labels import catalogue
from labels.catalogue import NewEvent, NewFootprint, record_event
from labels.tables import Organization
from points.earning.clawbacks.scopes import OfCertificate, OfFigures, OfFraud, OfRetailer, ReceiptLine, Wanted, scope_of
from points.errors import InvalidInputError
from points.programmes.tables import Programme
from tests.factories.clawbacks import EVER
from tests.factories.credits import NOW, RETAILER
from tests.factories.labels import NOW as REGISTERED
from tests.factories.labels import SINCE, Labelled, make_baseline, make_labelled, standing
from tests.factories.residents import make_residents

DAY = NOW.date()


async def refused(programme: Programme, wanted: Wanted) -> InvalidInputError:
    async with db.transaction() as session:
        await session.merge(Organization(id=RETAILER, name_zh="店", name_en="Shop", roles="retailer"))
        with pytest.raises(InvalidInputError) as raised:
            await scope_of(session, programme.programme_id, wanted)
    return raised.value


async def test_a_certificate_that_holds_is_left_alone(programme: Programme, product: Labelled) -> None:
    found = await refused(programme, OfCertificate(product.certificate_number, DAY))
    assert "record the suspension or the withdrawal" in str(found)
    found = await refused(programme, OfCertificate(product.certificate_number, DAY, DAY))
    assert found.context["field"] == "until_day"


async def test_days_on_which_a_certificate_holds_again_are_left_alone(programme: Programme, product: Labelled) -> None:
    number, back = product.certificate_number, DAY + timedelta(days=3)
    events = (("suspended", DAY), ("reinstated", back))
    async with db.transaction() as session:
        for kind, day in events:
            standing(await record_event(session, NewEvent(number, kind, day, "test", "a test"), now=REGISTERED))
    for until_day in (None, back + timedelta(days=1)):
        found = await refused(programme, OfCertificate(number, DAY, until_day))
        assert (found.context["field"], str(back) in str(found)) == ("until_day", True)
    found = await refused(programme, OfCertificate(number, SINCE - timedelta(days=1)))
    assert str(SINCE) in str(found), "before its issue it did not hold either"
    async with db.transaction() as session:
        scope = await scope_of(session, programme.programme_id, OfCertificate(number, DAY, back))
    assert (scope.from_day, scope.until_day) == (DAY, back)


async def test_lines_of_receipts_have_to_have_been_credited(programme: Programme) -> None:
    found = await refused(programme, replace(EVER, lines=(ReceiptLine("R", 7),)))
    assert "Line 7 of receipt R" in str(found)
    found = await refused(programme, OfRetailer(RETAILER, NOW, NOW))
    assert found.context["field"] == "until_at"
    found = await refused(programme, OfRetailer(new_id(), NOW, NOW + timedelta(days=1)))
    assert found.context["field"] == "retailer_id"


async def test_a_right_figure_has_to_be_comparable_with_the_wrong_one(programme: Programme, product: Labelled) -> None:
    async with db.transaction() as session:
        other = await make_labelled(session, category_id=product.category_id)
        stranger = await make_labelled(session)
        abroad = await make_baseline(session, product.category_id, region="DE")
        gate = NewFootprint(product.gtin, 1, "kg", "cradle_to_grave", "ISO 14067", "CN", SINCE, source="test")
        grave = standing((await catalogue.register_footprints(session, [gate], now=REGISTERED))[0])
    baselines = {"category_id": stranger.baseline_id, "region": abroad}
    for field_name, right in baselines.items():
        found = await refused(programme, OfFigures(baselines={product.baseline_id: right}))
        assert f"differ in {field_name}" in str(found)
    found = await refused(programme, OfFigures(footprints={product.footprint_id: grave}))
    assert "differ in boundary" in str(found)
    found = await refused(programme, OfFigures(footprints={product.footprint_id: other.footprint_id}))
    assert "another product's footprint" in str(found)
    itself = OfFigures(baselines={product.baseline_id: abroad, abroad: product.baseline_id})
    assert "itself named as wrong" in str(await refused(programme, itself))


async def test_residents_of_other_programmes_are_nobody_here(programme: Programme) -> None:
    async with db.transaction() as session:
        [gone] = await make_residents(session, programme, 1, left_at=NOW)
        scope = await scope_of(session, programme.programme_id, OfFraud((gone,)))
    assert scope.resident_ids == (gone,), "who has left can still have cheated"
    assert (await refused(programme, OfFraud((new_id(),)))).context["field"] == "resident_ids"
