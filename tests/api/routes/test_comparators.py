from datetime import date

from httpx import AsyncClient

from core import db
from labels.catalogue import NewFootprint, register_footprints
from labels.factors import BaselineDraft, register_baselines
from tests.factories.labels import NOW, SINCE, Labelled, fresh_gtin, make_labelled, standing


async def make_family() -> tuple[Labelled, Labelled]:
    """Make a product at 3 kg and a lower one at 2 kg, in a category whose middle half lies between 3.5 and 6 kg."""
    async with db.transaction() as session:
        own = await make_labelled(session, footprint_mg=3_000_000)
        draft = BaselineDraft(
            category_id=own.category_id,
            from_category_id=own.category_id,
            milligrams_per_unit=5_000_000,
            functional_unit="kg",
            boundary="cradle_to_gate",
            standard="ISO 14067",
            region="CN",
            sample_size=12,
            lower_quartile_mg=3_500_000,
            upper_quartile_mg=6_000_000,
            source="test",
            source_row="2",
            licence="CC0",
        )
        standing((await register_baselines(session, [draft], valid_from=date(2099, 1, 1), now=NOW))[0])
        lower = await make_labelled(session, category_id=own.category_id, footprint_mg=2_000_000)
    return own, lower


async def test_a_product_is_compared_with_the_usual_one_and_with_lower_ones(client: AsyncClient, database: str) -> None:
    own, lower = await make_family()
    page = (await client.get(f"/v1/products/{own.gtin}/comparison")).json()
    found = page["comparison"]
    assert (page["obstacle"], found["below_bp"], found["milligrams_per_unit"]) == (None, 4_000, 3_000_000)
    assert found["range"] == {"lowest_mg": 2_000_000, "highest_mg": 3_000_000, "products": 2}
    assert [(each["gtin"], each["below_bp"]) for each in found["alternatives"]] == [(lower.gtin, 3_333)]
    assert "No place can be bought" in found["alternatives_rule"]


async def test_a_product_counts_once_in_the_range_by_its_latest_version(client: AsyncClient, database: str) -> None:
    own, lower = await make_family()
    newer = NewFootprint(
        lower.gtin, 2_500_000, "kg", "cradle_to_gate", "ISO 14067", "CN", SINCE, supersedes_id=lower.footprint_id
    )
    async with db.transaction() as session:
        standing((await register_footprints(session, [newer], now=NOW))[0])
    found = (await client.get(f"/v1/products/{own.gtin}/comparison")).json()["comparison"]
    assert found["range"] == {"lowest_mg": 2_500_000, "highest_mg": 3_000_000, "products": 2}


async def test_a_grade_comes_with_the_thresholds_it_was_read_from(client: AsyncClient, database: str) -> None:
    async with db.transaction() as session:
        labelled = await make_labelled(session, footprint_mg=4_500_000)
    found = (await client.get(f"/v1/products/{labelled.gtin}/comparison")).json()["comparison"]
    assert (found["grade"], found["grade_method"], found["sample_size"]) == ("A", "quartiles/2", 3)
    assert [each["grade"] for each in found["thresholds"]] == ["A", "B", "C", "D", "E"]
    assert found["thresholds"][-1]["up_to_mg"] is None


async def test_what_can_not_be_compared_says_why(client: AsyncClient, database: str) -> None:
    own, _ = await make_family()
    page = (await client.get(f"/v1/products/{own.gtin}/comparison", params={"on": "2000-01-01"})).json()
    assert (page["comparison"], page["obstacle"]["reason"]) == (None, "certificate_not_valid")


async def test_an_unknown_product_is_not_found(client: AsyncClient, database: str) -> None:
    response = await client.get(f"/v1/products/{fresh_gtin()}/comparison")
    assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")
