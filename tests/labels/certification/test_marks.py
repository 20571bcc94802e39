"""One model, many packs and many schemes: one view."""

from datetime import date
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from labels import catalogue
from labels.catalogue import NewCertificate, NewEvent, NewProduct
from labels.certificates import Status
from labels.certification.marks import marks_of
from labels.tables import Certificate
from tests.factories.labels import NOW, SINCE, UNTIL, fresh_gtin, make_certifier, standing

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2026, 3, 1)


async def test_marks_of_one_model_are_merged_over_its_packs_and_what_holds_comes_first() -> None:
    async with db.transaction() as session:
        maker = await catalogue.register_organization(session, name_zh="厂", name_en="Works", roles=["maker"], now=NOW)
        certifier = await make_certifier(session)
        small, large, other, loose = (fresh_gtin() for _ in range(4))
        products = [
            NewProduct(small, "茶", maker_id=maker.id, model="T-1"),
            NewProduct(large, "茶", maker_id=maker.id, model="T-1"),
            NewProduct(other, "茶", maker_id=maker.id, model="T-2"),
            NewProduct(loose, "茶", maker_id=maker.id),
        ]
        await catalogue.register_products(session, products, now=NOW)
        given = [
            (small, "cn.low_carbon", "low_carbon"),
            (large, "cn.low_carbon", "low_carbon"),
            (large, "cn.green_product", "green_product"),
            (other, "cn.carbon_footprint", "carbon_label"),
        ]
        rows = [
            NewCertificate(f"{gtin}-{new_id().hex}", scheme, kind, gtin, certifier, SINCE, UNTIL)
            for gtin, scheme, kind in given
        ]
        for result in await catalogue.register_certificates(session, rows, now=NOW):
            standing(result)
        session.add(_home_grown(loose, certifier))
        await session.flush()
        gone = [NewEvent(rows[number].number, "withdrawn", SINCE, "c", "Gone.") for number in (0, 2)]
        await catalogue.record_events(session, gone, now=NOW)
        view, alone = await marks_of(session, small, DAY), await marks_of(session, loose, DAY)
        assert await marks_of(session, fresh_gtin(), DAY) is None
    assert view is not None
    assert [item.gtin for item in view.items] == sorted([small, large])
    assert [(mark.scheme.id, mark.status, len(mark.certificates)) for mark in view.marks] == [
        ("cn.low_carbon", Status.VALID, 2),
        ("cn.green_product", Status.WITHDRAWN, 1),
    ]
    uses = {each.number: each.mark_use_on(DAY) for mark in view.marks for each in mark.certificates}
    assert {number: use.allowed for number, use in uses.items() if use is not None} == {
        rows[0].number: False,
        rows[1].number: True,
        rows[2].number: False,
    }
    assert alone is not None
    assert [item.gtin for item in alone.items] == [loose]
    assert alone.marks[0].certificates[0].mark_use_on(DAY) is None


def _home_grown(gtin: str, certifier_id: UUID) -> Certificate:
    """Return a certificate from before only schemes of the table were taken."""
    number = f"{gtin}-{new_id().hex}"
    return Certificate(
        number=number,
        scheme="home grown",
        kind="carbon_label",
        gtin=gtin,
        certifier_id=certifier_id,
        valid_from=SINCE,
        valid_until=UNTIL,
    )


async def test_who_names_a_maker_and_a_model_borrows_none_of_their_marks() -> None:
    async with db.transaction() as session:
        maker = await catalogue.register_organization(session, name_zh="厂", name_en="Works", roles=["maker"], now=NOW)
        other = await catalogue.register_organization(session, name_zh="店", name_en="Shop", roles=["maker"], now=NOW)
        certifier = await make_certifier(session)
        own, by_staff, copy = (fresh_gtin() for _ in range(3))
        products = [
            NewProduct(own, "茶", maker_id=maker.id, model="T-1", registered_by_id=maker.id),
            NewProduct(by_staff, "茶", maker_id=maker.id, model="T-1"),
            NewProduct(copy, "茶", maker_id=maker.id, model="T-1", registered_by_id=other.id),
        ]
        await catalogue.register_products(session, products, now=NOW)
        mark = NewCertificate(f"T-{new_id().hex}", "cn.low_carbon", "low_carbon", own, certifier, SINCE, UNTIL)
        standing((await catalogue.register_certificates(session, [mark], now=NOW))[0])
        views = {gtin: await marks_of(session, gtin, DAY) for gtin in (own, by_staff, copy)}
    items = {gtin: [item.gtin for item in view.items] for gtin, view in views.items() if view is not None}
    assert items == {own: sorted([own, by_staff]), by_staff: sorted([own, by_staff]), copy: [copy]}
    borrowed = views[copy]
    assert borrowed is not None
    assert borrowed.marks == ()
