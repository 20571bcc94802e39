"""Official pictures of marks: uploaded by the certifier alone, shown only while they may be."""

from base64 import b64encode
from urllib.parse import quote

import pytest
from httpx import AsyncClient, Response

from core import db
from tests.api.conftest import People
from tests.factories.certificates import happen, register
from tests.factories.identities import as_partner
from tests.factories.labels import Labelled
from tests.factories.pictures import png, svg

READER = {"Accept": "text/html", "Accept-Language": "en"}


async def upload(
    client: AsyncClient, headers: dict[str, str], number: str, data: bytes, media_type: str = "image/svg+xml"
) -> Response:
    body = {"media_type": media_type, "data": b64encode(data).decode()}
    return await client.post(f"/v1/certificates/{number}/mark", json=body, headers=headers)


@pytest.fixture
async def number(client: AsyncClient, people: People, labelled: Labelled) -> str:
    return await register(client, people.partner, labelled.gtin)


async def test_a_mark_is_served_as_it_was_uploaded_and_can_do_nothing(
    client: AsyncClient, people: People, number: str
) -> None:
    kept = await upload(client, people.partner, number, svg())
    assert (kept.status_code, kept.headers["Location"]) == (201, f"/v1/certificates/{number}/mark")
    shown = await client.get(kept.headers["Location"])
    assert (shown.status_code, shown.content, shown.headers["Content-Type"]) == (200, svg(), "image/svg+xml")
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy.split("; ")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    again = await client.get(kept.headers["Location"], headers={"If-None-Match": shown.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_last_picture_counts_and_the_same_one_changes_nothing(
    client: AsyncClient, people: People, number: str
) -> None:
    first = await upload(client, people.partner, number, svg())
    same = await upload(client, people.partner, number, svg())
    assert (same.status_code, same.json()) == (200, {"id": first.json()["id"], "status": "unchanged"})
    assert (await upload(client, people.partner, number, png(), "image/png")).status_code == 201
    shown = await client.get(f"/v1/certificates/{number}/mark")
    assert (shown.content, shown.headers["Content-Type"]) == (png(), "image/png")


async def test_a_number_with_slashes_has_its_mark_too(client: AsyncClient, people: People, labelled: Labelled) -> None:
    number = await register(client, people.partner, labelled.gtin, prefix="CL/2026/")
    kept = await upload(client, people.partner, number, svg())
    assert kept.status_code == 201, kept.text
    assert kept.headers["Location"] == f"/v1/certificates/{quote(number, safe='')}/mark"
    for path in (kept.headers["Location"], f"/v1/certificates/{number}/mark"):
        shown = await client.get(path)
        assert (shown.status_code, shown.content) == (200, svg())
    page = await client.get(f"/v1/certificates/{number}")
    assert (page.status_code, page.json()["number"]) == (200, number)


async def test_an_upload_sent_twice_under_its_key_is_answered_alike(
    client: AsyncClient, people: People, number: str
) -> None:
    headers = people.partner | {"Idempotency-Key": f"mark-{number}"}
    first = await upload(client, headers, number, svg())
    second = await upload(client, headers, number, svg())
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["Idempotent-Replayed"] == "true"
    assert (await upload(client, headers, number, png(), "image/png")).status_code == 422


async def test_the_mark_of_a_certificate_that_is_not_valid_is_shown_nowhere(
    client: AsyncClient, people: People, labelled: Labelled, number: str
) -> None:
    await upload(client, people.partner, number, svg())
    places = (f"/certificates/{number}", f"/products/{labelled.gtin}")
    image = f'src="/v1/certificates/{number}/mark"'
    for place in places:
        page = (await client.get(place, headers=READER)).text
        assert image in page
        assert "the mark may be shown before 2029-01-01" in page
    before = (await client.get(f"{places[0]}?on=2025-12-31", headers=READER)).text
    assert image not in before
    assert (await happen(client, people.partner, number, "suspended", "2026-02-01")).status_code == 201
    gone = await client.get(f"/v1/certificates/{number}/mark")
    assert gone.status_code == 404
    assert "suspended" in gone.json()["detail"]
    for place in (*places, f"{places[0]}?on=2026-01-15"):
        assert image not in (await client.get(place, headers=READER)).text
    assert (await happen(client, people.partner, number, "reinstated", "2026-02-02")).status_code == 201
    assert (await client.get(f"/v1/certificates/{number}/mark")).status_code == 200


async def test_there_is_no_mark_where_none_was_uploaded(client: AsyncClient, people: People, number: str) -> None:
    answers = [await client.get(f"/v1/certificates/{each}/mark") for each in (number, "CL-0")]
    assert [each.status_code for each in answers] == [404, 404]
    assert "No picture was uploaded" in answers[0].json()["detail"]
    assert "/mark" not in (await client.get(f"/certificates/{number}", headers=READER)).text


async def test_only_the_certifier_of_a_certificate_uploads_its_mark(
    client: AsyncClient, people: People, number: str
) -> None:
    async with db.transaction() as session:
        _, stranger = await as_partner(session, people.programme)
        _, retailer = await as_partner(session, people.programme, scopes=["sales:write"])
    other = await upload(client, stranger, number, svg())
    assert (other.status_code, "another certifier's" in other.json()["detail"]) == (422, True)
    assert (await upload(client, retailer, number, svg())).status_code == 403
    assert (await upload(client, people.staff, number, svg())).status_code == 403
    assert (await upload(client, {}, number, svg())).status_code == 401
    assert (await upload(client, people.partner, "CL-0", svg())).status_code == 404
    assert (await client.get(f"/v1/certificates/{number}/mark")).status_code == 404


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"media_type": "image/svg+xml", "data": b64encode(svg("<script/>")).decode()}, "element script"),
        ({"media_type": "image/png", "data": b64encode(svg()).decode()}, "no PNG"),
        ({"media_type": "image/png", "data": "data:image/png;base64,AAAA"}, "no base64"),
        ({"media_type": "image/png", "data": "AAAA\nAAAA"}, "no base64"),
        ({"media_type": "image/png", "data": "A" * 699_056}, "512 KiB"),
    ],
)
async def test_a_picture_that_can_not_be_taken_is_refused_at_its_field(
    client: AsyncClient, people: People, number: str, body: dict[str, str], detail: str
) -> None:
    response = await client.post(f"/v1/certificates/{number}/mark", json=body, headers=people.partner)
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "#/data")
    assert detail in response.text


async def test_a_format_of_another_kind_is_refused(client: AsyncClient, people: People, number: str) -> None:
    response = await upload(client, people.partner, number, b"GIF89a", "image/gif")
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "#/media_type")


async def test_a_makers_own_claim_has_no_official_mark(client: AsyncClient, people: People, labelled: Labelled) -> None:
    number = await register(client, people.partner, labelled.gtin)
    async with db.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE certificate SET kind = 'self_declared' WHERE number = $1", (number,))
    response = await upload(client, people.partner, number, svg())
    assert (response.status_code, "own claim" in response.json()["detail"]) == (422, True)
