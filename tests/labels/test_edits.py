"""Who may change a product, and what is written down of it."""

from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import update
from sqlmodel.ext.asyncio.session import AsyncSession

from core import db
from core.ids import new_id
from labels import catalogue, listings
from labels.catalogue import NewFootprint, NewProduct, Registered, Rejected, Unchanged
from labels.edits import Edit, edit_products
from labels.revisions import Revision, revisions_of
from labels.tables import ProductRevision
from tests.factories.labels import NOW, SINCE, fresh_gtin, make_category, standing

pytestmark = pytest.mark.usefixtures("database")


async def make_organization(session: AsyncSession) -> UUID:
    made = await catalogue.register_organization(session, name_zh="厂", name_en="Works", roles=["maker"], now=NOW)
    return made.id


async def make_product(session: AsyncSession, owner: UUID | None, **more: object) -> str:
    row = NewProduct(fresh_gtin(), "茶", "Tea", registered_by_id=owner, **more)  # type: ignore[arg-type]  # its columns
    assert await catalogue.register_products(session, [row], now=NOW) == [Registered(row.gtin)]
    return row.gtin


def told(revision: Revision) -> tuple[object, object, str]:
    return revision.changes, revision.organization_id, revision.reason


async def test_who_registered_a_product_changes_it_and_each_change_is_written_down() -> None:
    async with db.transaction() as session:
        owner, category = await make_organization(session), await make_category(session)
        gtin = await make_product(session, owner, category_id=category, pack="500g")
        first = Edit(gtin, {"name_zh": "绿茶", "pack": "250g"}, owner)
        assert await edit_products(session, [first], actor="partner", reason="A new pack.", now=NOW) == [
            Registered(gtin)
        ]
        second = Edit(gtin, {"model": "T-1"}, owner)
        assert await edit_products(session, [second], actor="partner", now=NOW) == [Registered(gtin)]
        assert await edit_products(session, [second], actor="partner", now=NOW) == [Unchanged(gtin)]
    async with db.transaction() as session:
        product = await listings.product(session, gtin)
        revisions = await revisions_of(session, gtin)
        older = await revisions_of(session, gtin, before=revisions[0].id)
    assert product is not None
    assert (product.name_zh, product.net_content_micro, product.model) == ("绿茶", 250_000, "T-1")
    assert [told(each) for each in revisions] == [
        ({"model": ["", "T-1"]}, owner, ""),
        (
            {"name_zh": ["茶", "绿茶"], "pack": ["500g", "250g"], "net_content_micro": [500_000, 250_000]},
            owner,
            "A new pack.",
        ),
    ]
    assert [each.id for each in older] == [revisions[1].id]
    assert revisions[0].name_en == "Works"


async def test_others_may_not_change_it_and_staff_may() -> None:
    async with db.transaction() as session:
        owner, other = await make_organization(session), await make_organization(session)
        gtin, nobodys = await make_product(session, owner), await make_product(session, None)
        edits = [Edit(gtin, {"brand": "X"}, other), Edit(nobodys, {"brand": "X"}, other)]
        for result in await edit_products(session, edits, actor="partner", now=NOW):
            assert isinstance(result, Rejected)
            assert "only it or the programme's staff" in result.reason
        assert await revisions_of(session, gtin) == []
        by_staff = [Edit(gtin, {"brand": "X"}, None), Edit(nobodys, {"brand": "Y"}, None)]
        assert await edit_products(session, by_staff, actor="staff", now=NOW) == [Registered(gtin), Registered(nobodys)]
        assert [told(each) for each in await revisions_of(session, gtin)] == [({"brand": ["", "X"]}, None, "")]


async def test_an_amending_import_is_held_to_the_same_rule_and_keeps_the_model() -> None:
    async with db.transaction() as session:
        owner, other = await make_organization(session), await make_organization(session)
        gtin = await make_product(session, owner, model="T-1")
        theirs = NewProduct(gtin, "别的", "Else", registered_by_id=other)
        (refused,) = await catalogue.register_products(session, [theirs], now=NOW, amend=True)
        assert isinstance(refused, Rejected)
        own = NewProduct(gtin, "红茶", "Tea", registered_by_id=owner)
        assert await catalogue.register_products(session, [own], now=NOW, amend=True) == [Registered(gtin)]
        (revision,) = await revisions_of(session, gtin)
    assert revision.changes == {"name_zh": ["茶", "红茶"]}


async def test_what_can_not_be_edited_is_refused_by_field() -> None:
    async with db.transaction() as session:
        gtin = await make_product(session, None)
        edits = [
            Edit(fresh_gtin(), {"brand": "X"}, None),
            Edit("123", {"brand": "X"}, None),
            Edit(gtin, {"gtin": fresh_gtin()}, None),
            Edit(gtin, {"category_id": "no.such"}, None),
            Edit(gtin, {"maker_id": new_id()}, None),
        ]
        results = await edit_products(session, edits, actor="staff", now=NOW)
    assert [each.field for each in results if isinstance(each, Rejected)] == [
        "gtin",
        "gtin",
        "gtin",
        "category_id",
        "maker_id",
    ]


async def test_the_database_refuses_to_change_what_was_written_down() -> None:
    async with db.transaction() as session:
        gtin = await make_product(session, None)
        await edit_products(session, [Edit(gtin, {"brand": "X"}, None)], actor="staff", now=NOW)
    with pytest.raises(DBAPIError):
        async with db.transaction() as session:
            await session.exec(update(ProductRevision).values(reason="never mind"))


async def test_what_a_footprint_rests_on_is_changed_by_staff_alone() -> None:
    async with db.transaction() as session:
        owner = await make_organization(session)
        category, other = await make_category(session), await make_category(session)
        gtin = await make_product(session, owner, category_id=category, pack="500g")
        figure = NewFootprint(gtin, 3_000_000, "kg", "cradle_to_gate", "ISO 14067", "CN", SINCE)
        standing((await catalogue.register_footprints(session, [figure], now=NOW))[0])
        for values, field in (
            ({"category_id": other}, "category_id"),
            ({"net_content_micro": 5_000_000, "pack": "5 kg"}, "net_content_micro"),
            ({"pack": "5kg"}, "net_content_micro"),
        ):
            (refused,) = await edit_products(session, [Edit(gtin, values, owner)], actor="partner", now=NOW)
            assert isinstance(refused, Rejected)
            assert (refused.field, refused.taken) == (field, True)
        allowed = [Edit(gtin, {"name_zh": "绿茶"}, owner), Edit(gtin, {"category_id": other}, None)]
        for each in allowed:
            assert await edit_products(session, [each], actor="somebody", now=NOW) == [Registered(gtin)]
