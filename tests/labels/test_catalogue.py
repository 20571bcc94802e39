import asyncio
from dataclasses import replace
from datetime import date

import pytest

from core import db
from core.ids import new_id
from labels import catalogue, listings
from labels.catalogue import (
    NewCategory,
    NewFootprint,
    NewProduct,
    Registered,
    Rejected,
    Unchanged,
)
from labels.queries import facts_by_ids, facts_for
from labels.savings import Basis, Obstacle, ObstacleReason, Saving, basis_on, saving
from tests.factories.labels import (
    NOW,
    SINCE,
    fresh_gtin,
    make_category,
    make_labelled,
)
from tests.factories.statements import counted
from tests.factories.waiting import until_somebody_waits

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2026, 3, 1)
MARKS = ("carbon_label",)


async def test_what_was_registered_comes_back_as_facts_that_save() -> None:
    async with db.transaction() as session:
        made = await make_labelled(session)
        facts = await facts_for(session, [made.gtin, fresh_gtin()])
    assert list(facts) == [made.gtin]
    basis = basis_on(facts[made.gtin], DAY, MARKS)
    assert isinstance(basis, Basis)
    assert (basis.certificate_id, basis.footprint.id, basis.baseline.id) == (
        made.certificate_id,
        made.footprint_id,
        made.baseline_id,
    )
    worth = saving(basis, quantity=2, evidence_bp=10_000)
    assert isinstance(worth, Saving)
    assert worth.grams == 2_000


async def test_facts_by_ids_work_a_receipt_out_again() -> None:
    async with db.transaction() as session:
        made = await make_labelled(session)
        facts = (await facts_for(session, [made.gtin]))[made.gtin]
        cited = await facts_by_ids(session, [made.footprint_id], [made.baseline_id], [made.certificate_id])
    assert cited.footprints[made.footprint_id] == facts.footprints[0]
    assert cited.baselines[made.baseline_id] == facts.baselines[0]
    assert cited.certificates[made.certificate_id] == facts.certificates[0]


@pytest.mark.parametrize("size", [1, 12])
async def test_facts_cost_four_statements_whatever_the_batch(size: int) -> None:
    async with db.transaction() as session:
        gtins = [(await make_labelled(session)).gtin for _ in range(size)]
    async with db.transaction() as session:
        with counted() as statements:
            assert len(await facts_for(session, gtins)) == size
    assert len(statements) == 4


async def test_a_bad_product_row_is_rejected_alone_with_its_field() -> None:
    async with db.transaction() as session:
        category = await make_category(session)
        good, gtin = fresh_gtin(), fresh_gtin()
        results = await catalogue.register_products(
            session,
            [
                NewProduct(good[:-1] + str((int(good[-1]) + 1) % 10), "茶"),
                NewProduct(good, "茶", category_id=category, pack="33克*30"),
                NewProduct("2000000000008", "店内码"),
                NewProduct(gtin, ""),
                NewProduct(gtin, "茶", category_id="nowhere"),
                NewProduct(gtin, "茶\0"),
                NewProduct(good, "茶", category_id=category, pack="33克*30"),
                NewProduct(good, "another"),
            ],
            now=NOW,
        )
        stored = await listings.product(session, good)
    fields = [result.field if isinstance(result, Rejected) else type(result).__name__ for result in results]
    assert fields[0] == "gtin"
    assert results[1] == Registered(good)
    assert fields[2:6] == ["gtin", "name_zh", "category_id", "name_zh"]
    assert "one shop" in results[2].reason  # type: ignore[union-attr]
    assert fields[7] == "gtin"
    assert stored is not None
    assert (stored.name_en, stored.net_content_micro) == ("茶", 990_000)


@pytest.mark.parametrize(
    ("pack", "given", "told"),
    [
        ("500g", 500_000, None),
        ("500g", 505_000, None),
        ("500g", 505_001, "505001"),
        ("500g", 494_999, "494999"),
        ("500g", 500_000_000, "500000000"),
        ("500+50g", 550_000, None),
        ("", 550_000, None),
    ],
)
async def test_a_content_that_the_pack_contradicts_is_refused_with_both(
    pack: str, given: int, told: str | None
) -> None:
    async with db.transaction() as session:
        category, gtin = await make_category(session), fresh_gtin()
        row = NewProduct(gtin, "茶", category_id=category, pack=pack, net_content_micro=given)
        (result,) = await catalogue.register_products(session, [row], now=NOW)
    if told is None:
        assert result == Registered(gtin)
        return
    assert isinstance(result, Rejected)
    assert result.field == "net_content_micro"
    assert told in result.reason
    assert "500g is 500000" in result.reason


async def test_the_same_product_again_is_unchanged_and_another_needs_amending() -> None:
    async with db.transaction() as session:
        gtin = fresh_gtin()
        first = NewProduct(gtin, "茶", "Tea")
        other = NewProduct(gtin, "茶", "Green tea")
        assert await catalogue.register_products(session, [first], now=NOW) == [Registered(gtin)]
        assert await catalogue.register_products(session, [first], now=NOW) == [Unchanged(gtin)]
        (refused,) = await catalogue.register_products(session, [other], now=NOW)
        assert isinstance(refused, Rejected)
        assert "name_en" in refused.reason
        assert await catalogue.register_products(session, [other], now=NOW, amend=True) == [Registered(gtin)]
        stored = await listings.product(session, gtin)
        assert stored is not None
        assert stored.name_en == "Green tea"


async def test_a_footprint_outside_its_categorys_range_is_quarantined_and_earns_nothing() -> None:
    async with db.transaction() as session:
        category = await make_category(session, plausible_low_mg=100_000, plausible_high_mg=4_000_000)
        made = await make_labelled(session, category_id=category, footprint_mg=1_000)
        facts = (await facts_for(session, [made.gtin]))[made.gtin]
        waiting = await listings.quarantined(session, limit=10_000)
    assert made.footprint_id in {each.id for each in waiting}
    obstacle = basis_on(facts, DAY, MARKS)
    assert isinstance(obstacle, Obstacle)
    assert obstacle.reason is ObstacleReason.FOOTPRINT_QUARANTINED


async def test_footprints_are_refused_by_field_and_the_same_again_is_unchanged() -> None:
    async with db.transaction() as session:
        made = await make_labelled(session)
        same = NewFootprint(made.gtin, 3_000_000, "kg", "cradle_to_gate", "ISO 14067", "CN", SINCE, source="test")
        rows = [
            same,
            NewFootprint(fresh_gtin(), 1, "kg", "cradle_to_gate", "ISO 14067", "CN", SINCE),
            NewFootprint(made.gtin, 1, "L", "cradle_to_gate", "ISO 14067", "CN", SINCE),
            NewFootprint(made.gtin, 1, "kg", "cradle_to_moon", "ISO 14067", "CN", SINCE),
            NewFootprint(made.gtin, -1, "kg", "cradle_to_gate", "ISO 14067", "CN", SINCE),
            NewFootprint(made.gtin, 1, "kg", "cradle_to_gate", "ISO 14067", "CN", SINCE, valid_until=SINCE),
            NewFootprint(made.gtin, 1, "kg", "cradle_to_gate", "ISO 14067", "CN", SINCE, uncertainty_bp=10_001),
            NewFootprint(made.gtin, 1, "kg", "cradle_to_gate", "ISO 14067", "CN", SINCE, supersedes_id=new_id()),
        ]
        results = await catalogue.register_footprints(session, rows, now=NOW)
    assert results[0] == Unchanged(made.footprint_id)
    assert [result.field for result in results[1:] if isinstance(result, Rejected)] == [
        "gtin",
        "functional_unit",
        "boundary",
        "milligrams_per_unit",
        "valid_until",
        "uncertainty_bp",
        "supersedes_id",
    ]


async def test_categories_need_their_parent_and_stay_what_they_were() -> None:
    async with db.transaction() as session:
        root = f"test.{new_id().hex}"
        parent, child = NewCategory(root, "食", "Food", "kg"), NewCategory(f"{root}.tea", "茶", "Tea", "kg", root)
        orphan = NewCategory(f"{root}.x", "茶", "Tea", "kg", "nowhere")
        odd = NewCategory(f"{root}.y", "茶", "Tea", "bushel")
        upside = NewCategory(f"{root}.z", "茶", "Tea", "kg", None, 2, 1)
        results = await catalogue.register_categories(session, [parent, child, orphan, odd, upside])
        assert results[:2] == [Registered(parent.id), Registered(child.id)]
        fields = [each.field for each in results[2:] if isinstance(each, Rejected)]
        assert fields == ["parent_id", "functional_unit", "plausible_low_mg"]
        assert await catalogue.register_categories(session, [child]) == [Unchanged(child.id)]
        (refused,) = await catalogue.register_categories(session, [NewCategory(child.id, "茶", "Tea", "L", root)])
        assert isinstance(refused, Rejected)


async def test_of_two_who_register_one_product_at_once_the_later_is_answered_by_what_stands_then() -> None:
    row, other = NewProduct(fresh_gtin(), "茶"), NewProduct(fresh_gtin(), "茶")

    async def register() -> list[catalogue.Result]:
        async with db.transaction() as session:
            return await catalogue.register_products(session, [row, replace(other, name_zh="绿茶")], now=NOW)

    async with db.transaction() as session:
        await catalogue.register_products(session, [row, other], now=NOW)
        late = asyncio.create_task(register())
        await until_somebody_waits(session)
    same, different = await late
    assert same == Unchanged(row.gtin)
    assert isinstance(different, Rejected)
    assert "registered already with another name_zh" in different.reason


@pytest.mark.parametrize("separator", ["", "\x1f"])
async def test_many_products_at_once_keep_their_texts_whatever_those_hold(separator: str) -> None:
    rows = [NewProduct(fresh_gtin(), f"茶{separator}{number}", "NULL", brand="{,}") for number in range(150)]
    async with db.transaction() as session:
        assert await catalogue.register_products(session, rows, now=NOW) == [Registered(row.gtin) for row in rows]
        assert await catalogue.register_products(session, rows, now=NOW) == [Unchanged(row.gtin) for row in rows]


async def test_of_one_product_twice_in_a_batch_the_later_amends_or_is_refused() -> None:
    first, later = NewProduct(fresh_gtin(), "茶"), NewProduct(fresh_gtin(), "茶")
    twice = [first, replace(first, name_zh="绿茶"), later, replace(later, name_zh="绿茶")]
    async with db.transaction() as session:
        results = await catalogue.register_products(session, twice[:2], now=NOW)
        assert [type(each) for each in results] == [Registered, Rejected]
        results = await catalogue.register_products(session, twice[2:], now=NOW, amend=True)
        assert [type(each) for each in results] == [Registered, Registered]
        stored = await listings.product(session, later.gtin)
    assert stored is not None
    assert stored.name_zh == "绿茶"


async def test_products_are_found_by_words_that_hold_wildcards() -> None:
    mark = new_id().hex
    async with db.transaction() as session:
        rows = [NewProduct(fresh_gtin(), f"100%{mark}"), NewProduct(fresh_gtin(), f"100x{mark}")]
        await catalogue.register_products(session, rows, now=NOW)
        found = await listings.products(session, words=f"100%{mark}")
        assert [each.gtin for each in found] == [rows[0].gtin]
        assert await listings.products(session, words=mark, certified=True) == []
