"""Footprints registered with what they disclose, and read back."""

from dataclasses import replace
from uuid import UUID

import pytest

from core import db
from labels import catalogue
from labels.catalogue import NewProduct, Registered, Rejected, Unchanged
from labels.disclosures.disclosures import disclosures_of
from labels.disclosures.publications import published
from tests.factories.disclosures import SOUND, footprint
from tests.factories.labels import NOW, fresh_gtin, make_category, standing
from tests.factories.statements import counted

pytestmark = pytest.mark.usefixtures("database")


async def test_what_is_disclosed_comes_back_as_it_was_and_the_same_again_is_unchanged() -> None:
    async with db.transaction() as session:
        gtin = fresh_gtin()
        product = NewProduct(gtin, "茶", "Tea", category_id=await make_category(session))
        await catalogue.register_products(session, [product], now=NOW)
        row, bare = footprint(gtin), footprint(gtin, None)
        footprint_id = standing((await catalogue.register_footprints(session, [row], now=NOW))[0])
        assert await catalogue.register_footprints(session, [row], now=NOW) == [Unchanged(footprint_id)]
        (other,) = await catalogue.register_footprints(session, [bare], now=NOW)
        assert isinstance(other, Registered)
        found = await disclosures_of(session, [footprint_id, standing(other)])
    assert found == {footprint_id: replace(SOUND, pcf_excluding_mg=None, pcf_including_mg=None)}


async def test_one_that_does_not_add_up_is_refused_alone() -> None:
    async with db.transaction() as session:
        gtin = fresh_gtin()
        product = NewProduct(gtin, "茶", "Tea", category_id=await make_category(session))
        await catalogue.register_products(session, [product], now=NOW)
        rows = [footprint(gtin, replace(SOUND, fossil_mg=1)), footprint(gtin)]
        refused, made = await catalogue.register_footprints(session, rows, now=NOW)
    assert isinstance(refused, Rejected)
    assert refused.field == "milligrams_per_unit"
    assert isinstance(made, Registered)


async def test_later_versions_name_all_before_them_and_the_one_before_is_deprecated() -> None:
    async with db.transaction() as session:
        gtin = fresh_gtin()
        product = NewProduct(gtin, "茶", "Tea", category_id=await make_category(session))
        await catalogue.register_products(session, [product], now=NOW)
        ids: list[UUID] = []
        for number in range(3):
            row = replace(footprint(gtin), source=f"{number}", supersedes_id=ids[-1] if ids else None)
            ids.append(standing((await catalogue.register_footprints(session, [row], now=NOW))[0]))
        with counted() as statements:
            versions = [await published(session, each) for each in ids]
    assert [(each.preceding, each.deprecated) for each in versions if each is not None] == [
        ((), True),
        ((ids[0],), True),
        ((ids[1], ids[0]), False),
    ]
    assert len(statements) == 9
