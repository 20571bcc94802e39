"""A draft changes nothing; its preview says what it would change; published, it supersedes."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from core import clock, db
from core.ids import new_id
from labels.catalogue import (
    NewCertificate,
    NewFootprint,
    NewProduct,
    register_certificates,
    register_footprints,
    register_products,
)
from labels.issuance import record_event
from labels.listings import certificate
from labels.registrations import NewEvent, Registered
from points.earning.activities import Receipt, Sale
from points.earning.credits import record
from tests.api.conftest import People
from tests.factories.labels import NOW, SINCE, UNTIL, Labelled, fresh_gtin, standing
from tests.factories.residents import make_residents


async def post(client: AsyncClient, people: People, path: str, body: dict[str, object] | None = None) -> dict[str, Any]:
    response = await client.post(path, json=body, headers=people.staff)
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def get(client: AsyncClient, people: People, path: str) -> dict[str, Any]:
    response = await client.get(path, headers=people.staff)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def draft_of(category_id: str, model: str = "category_mean", **more: object) -> dict[str, Any]:
    today = clock.now().date().isoformat()
    return {"model": model, "category_ids": [category_id], "valid_from": today, "reason": "Yearly", **more}


def figure(category_id: str, milligrams: int, **more: object) -> dict[str, Any]:
    return {
        "category_id": category_id,
        "milligrams_per_unit": milligrams,
        "functional_unit": "kg",
        "boundary": "cradle_to_gate",
        "standard": "ISO 14067",
        "region": "CN",
        "year": 2025,
        "source": "Study",
        "source_row": str(milligrams),
        "licence": "CC0",
        **more,
    }


async def add_footprint(of: Labelled, milligrams: int, *, certified: bool = True) -> str | None:
    """Add another product's footprint to a category, and return its certificate's number."""
    gtin = fresh_gtin()
    async with db.transaction() as session:
        await register_products(session, [NewProduct(gtin, "茶", category_id=of.category_id)], now=NOW)
        row = NewFootprint(gtin, milligrams, "kg", "cradle_to_gate", "ISO 14067", "CN", SINCE)
        footprint_id = standing((await register_footprints(session, [row], now=NOW))[0])
        before = await certificate(session, of.certificate_number)
        assert before is not None
        if not certified:
            return None
        number = f"{gtin}-1"
        given = NewCertificate(
            number, before.scheme, before.kind, gtin, of.certifier_id, SINCE, UNTIL, footprint_id, actor="a test"
        )
        standing((await register_certificates(session, [given], now=NOW))[0])
    return number


async def happen(number: str | None, kind: str) -> None:
    """Record an event of a certificate, years ago."""
    assert number is not None
    async with db.transaction() as session:
        event = NewEvent(number, kind, SINCE + timedelta(days=400), "test", "a test")
        assert isinstance(await record_event(session, event, now=NOW), Registered)


@pytest.fixture
async def category(labelled: Labelled) -> Labelled:
    """A category of three products at 2, 3 and 4 kg, whose published baseline is 5 kg, quartiles and all."""
    await add_footprint(labelled, 2_000_000)
    await add_footprint(labelled, 4_000_000)
    return labelled


async def test_the_registrys_own_footprints_make_a_median(
    client: AsyncClient, people: People, category: Labelled
) -> None:
    made = await post(client, people, "/v1/baseline-drafts", draft_of(category.category_id))
    (baseline,) = made["baselines"]
    assert (made["state"], baseline["milligrams_per_unit"], baseline["sample_size"]) == ("draft", 3_000_000, 3)
    assert (baseline["lower_quartile_mg"], baseline["upper_quartile_mg"]) == (2_500_000, 3_500_000)
    assert await get(client, people, f"/v1/baseline-drafts/{made['draft_id']}") == made
    listed = (await client.get("/v1/baselines", params={"category_id": category.category_id})).json()
    assert [each["milligrams_per_unit"] for each in listed["baselines"]] == [5_000_000]


@pytest.mark.parametrize("ended", [None, "suspended", "withdrawn"])
async def test_what_nobody_vouches_for_is_left_out_of_the_median_and_counted(
    client: AsyncClient, people: People, category: Labelled, ended: str | None
) -> None:
    number = await add_footprint(category, 9_000_000, certified=ended is not None)
    if ended is not None:
        await happen(number, ended)
    made = await post(client, people, "/v1/baseline-drafts", draft_of(category.category_id))
    (baseline,) = made["baselines"]
    assert (baseline["milligrams_per_unit"], baseline["sample_size"]) == (3_000_000, 3)
    preview = await get(client, people, f"/v1/baseline-drafts/{made['draft_id']}/preview")
    assert (preview["compared_products"], preview["left_out_products"]) == (4, 1)


async def test_a_preview_says_which_grades_change_and_what_last_month_would_have_saved(
    client: AsyncClient, people: People, category: Labelled
) -> None:
    last_month = clock.now().replace(day=1) - timedelta(days=3)
    async with db.transaction() as session:
        (resident_id,) = await make_residents(session, people.programme, 1)
        sale = Sale(new_id(), "r", 1, "m", resident_id, category.gtin, 2, last_month)
        (receipt,) = await record(session, people.programme.programme_id, [sale], now=clock.now())
    assert isinstance(receipt, Receipt)
    figures = [figure(category.category_id, each) for each in (3_000_000, 4_000_000, 4_500_000)]
    made = await post(client, people, "/v1/baseline-drafts", draft_of(category.category_id, figures=figures))
    preview = await get(client, people, f"/v1/baseline-drafts/{made['draft_id']}/preview")
    assert (preview["compared_products"], preview["changed_products"]) == (3, 1)
    assert preview["grade_counts"] == [{"before": "A", "after": "B", "products": 1}]
    assert [each["milligrams_per_unit"] for each in preview["changes"]] == [4_000_000]
    month = preview["last_month"]
    assert (month["activities"], month["before_grams"], month["after_grams"]) == (1, 2_000, 1_000)
    assert month["categories"][0]["category_id"] == category.category_id


async def test_another_programmes_month_is_not_looked_at(
    client: AsyncClient, people: People, category: Labelled
) -> None:
    made = await post(client, people, "/v1/baseline-drafts", draft_of(category.category_id))
    preview = await get(client, people, f"/v1/baseline-drafts/{made['draft_id']}/preview")
    assert (preview["last_month"]["activities"], preview["last_month"]["categories"]) == (0, [])


async def test_published_it_supersedes_once(client: AsyncClient, people: People, category: Labelled) -> None:
    made = await post(client, people, "/v1/baseline-drafts", draft_of(category.category_id))
    path = f"/v1/baseline-drafts/{made['draft_id']}/publication"
    published = await post(client, people, path)
    assert (published["state"], published["baselines"]) == ("published", made["baselines"])
    listed = (await client.get("/v1/baselines", params={"category_id": category.category_id})).json()["baselines"]
    assert [(each["milligrams_per_unit"], each["supersedes_id"]) for each in listed] == [
        (5_000_000, None),
        (3_000_000, str(category.baseline_id)),
    ]
    again = await client.post(path, headers=people.staff)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/conflict")


async def test_a_makers_previous_certificate_is_a_baseline_for_that_product(
    client: AsyncClient, people: People, category: Labelled
) -> None:
    since = SINCE + timedelta(days=365)
    async with db.transaction() as session:
        before = await certificate(session, category.certificate_number)
        assert before is not None
        row = NewFootprint(category.gtin, 2_400_000, "kg", "cradle_to_gate", "ISO 14067", "CN", since)
        footprint_id = standing((await register_footprints(session, [row], now=NOW))[0])
        renewed = NewCertificate(
            f"{before.number}-2",
            before.scheme,
            before.kind,
            category.gtin,
            before.certifier_id,
            since,
            UNTIL,
            footprint_id=footprint_id,
            actor="a test",
        )
        standing((await register_certificates(session, [renewed], now=NOW))[0])
    made = await post(client, people, "/v1/baseline-drafts", draft_of(category.category_id, "own_previous"))
    (own,) = made["baselines"]
    assert (own["gtin"], own["milligrams_per_unit"], own["source_row"]) == (category.gtin, 3_000_000, before.number)
    await happen(renewed.number, "suspended")
    response = await client.post(
        "/v1/baseline-drafts", json=draft_of(category.category_id, "own_previous"), headers=people.staff
    )
    assert response.status_code == 422, "a successor that does not hold has followed nothing"


@pytest.mark.parametrize("model", ["conventional_product", "regulated"])
async def test_a_named_or_ruled_figure_stands_alone(
    client: AsyncClient, people: People, labelled: Labelled, model: str
) -> None:
    figures = [figure(labelled.category_id, 4_200_000)]
    made = await post(client, people, "/v1/baseline-drafts", draft_of(labelled.category_id, model, figures=figures))
    assert [(each["milligrams_per_unit"], each["sample_size"]) for each in made["baselines"]] == [(4_200_000, 1)]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"category_ids": []}, "category_ids"),
        ({"category_ids": ["nobody.knows"]}, "category_ids"),
        ({}, "Three comparable certified figures"),
        ({"model": "regulated"}, "figures"),
        ({"model": "own_previous"}, "previous certificate"),
        ({"valid_until": "2001-01-01"}, "valid_until"),
    ],
)
async def test_what_nothing_can_be_made_of_is_refused_with_a_remedy(
    client: AsyncClient, people: People, labelled: Labelled, body: dict[str, Any], told: str
) -> None:
    response = await client.post(
        "/v1/baseline-drafts", json=draft_of(labelled.category_id) | body, headers=people.staff
    )
    assert response.status_code == 422
    assert told in response.text


async def test_a_unit_that_is_not_the_categorys_is_published_by_nobody(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    figures = [figure(labelled.category_id, 4_200_000, functional_unit="L")]
    body = draft_of(labelled.category_id, "regulated", figures=figures)
    made = await post(client, people, "/v1/baseline-drafts", body)
    response = await client.post(f"/v1/baseline-drafts/{made['draft_id']}/publication", headers=people.staff)
    assert response.status_code == 422
    assert (await get(client, people, f"/v1/baseline-drafts/{made['draft_id']}"))["state"] == "draft"
