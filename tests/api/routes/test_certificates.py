"""Where certificates stand, over HTTP: by day, by what was known when, many at once; and who records what."""

from datetime import UTC, datetime, timedelta

from httpx import AsyncClient

from api.schemas.certificates import MOST_NUMBERS
from core import clock, db
from core.ids import new_id
from tests.api.conftest import People
from tests.factories.certificates import happen, register
from tests.factories.identities import as_partner
from tests.factories.labels import Labelled
from tests.factories.statements import counted


async def test_a_certificate_is_shown_as_of_a_day_with_its_history_and_the_use_of_its_mark(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    number = await register(client, people.partner, labelled.gtin)
    assert (await happen(client, people.partner, number, "suspended", "2026-05-01")).status_code == 201
    shown = {}
    for day in ("2025-12-31", "2026-04-30", "2026-05-01", "2029-01-01"):
        page = (await client.get(f"/v1/certificates/{number}?on={day}")).json()
        shown[day] = (page["status"], page["mark_use"]["allowed"])
    assert shown == {
        "2025-12-31": ("not_issued", False),
        "2026-04-30": ("valid", True),
        "2026-05-01": ("suspended", False),
        "2029-01-01": ("expired", False),
    }
    page = (await client.get(f"/v1/certificates/{number}?on=2026-04-30")).json()
    assert [(each["kind"], each["recorded_by"]) for each in page["events"]] == [
        ("issued", "certifier"),
        ("suspended", "certifier"),
    ]
    assert page["certifier"]["organization_id"] == str(people.organization_id)
    assert page["mark_use"]["until"] == "2029-01-01"
    assert "partner:" not in str(page)


async def test_what_was_known_at_a_time_is_what_it_said_then(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    number = await register(client, people.partner, labelled.gtin)
    between = clock.now()
    await happen(client, people.partner, number, "withdrawn", "2026-02-01")
    for asked, status in ((between, "valid"), (clock.now(), "withdrawn")):
        response = await client.get(
            f"/v1/certificates/{number}", params={"on": "2026-03-01", "known_at": asked.isoformat()}
        )
        assert (response.json()["status"], len(response.json()["events"])) == (status, 1 if status == "valid" else 2)
    before = {"known_at": (between - timedelta(days=1)).isoformat()}
    response = await client.get(f"/v1/certificates/{number}", params=before)
    assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")


async def test_a_page_that_has_not_changed_is_not_sent_again(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    number = await register(client, people.partner, labelled.gtin)
    path = f"/v1/certificates/{number}?on=2026-05-01"
    etag = (await client.get(path)).headers["ETag"]
    assert (await client.get(path, headers={"If-None-Match": etag})).status_code == 304
    await happen(client, people.partner, number, "suspended", "2026-05-01")
    assert (await client.get(path, headers={"If-None-Match": etag})).status_code == 200


async def test_only_its_own_certifier_records_and_only_what_makes_sense(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    number = await register(client, people.partner, labelled.gtin)
    async with db.transaction() as session:
        _, stranger = await as_partner(session, people.programme)
    response = await happen(client, stranger, number, "suspended", "2026-05-01")
    assert (response.status_code, "another certifier" in response.json()["detail"]) == (422, True)
    response = await happen(client, people.partner, number, "reinstated", "2026-05-01")
    assert response.status_code == 422
    assert "must be suspended" in response.json()["detail"]
    assert response.json()["errors"][0]["pointer"] == "#/kind"
    assert (await happen(client, people.partner, number, "issued", "2026-05-01")).status_code == 422
    assert (await happen(client, people.partner, "none", "suspended", "2026-05-01")).status_code == 404


async def test_a_renewal_needs_a_later_end_and_moves_it(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    number = await register(client, people.partner, labelled.gtin)
    for end in (None, "2028-01-01"):
        more = {} if end is None else {"valid_until": end}
        response = await happen(client, people.partner, number, "renewed", "2028-12-01", **more)
        assert response.json()["errors"][0]["pointer"] == "#/valid_until"
    more = {"valid_until": "2032-01-01"}
    assert (await happen(client, people.partner, number, "renewed", "2028-12-01", **more)).status_code == 201
    page = (await client.get(f"/v1/certificates/{number}?on=2031-12-31")).json()
    assert (page["status"], page["valid_until"]) == ("valid", "2032-01-01")


async def test_the_same_event_sent_twice_under_one_key_is_recorded_once(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    number = await register(client, people.partner, labelled.gtin)
    headers = people.partner | {"Idempotency-Key": new_id().hex}
    first = await happen(client, headers, number, "surveilled", "2026-05-01")
    again = await happen(client, headers, number, "surveilled", "2026-05-01")
    assert (again.status_code, again.json()) == (201, first.json())
    assert len((await client.get(f"/v1/certificates/{number}")).json()["events"]) == 2


async def test_many_are_verified_at_once_in_order_with_one_statement(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    known = [await register(client, people.partner, labelled.gtin) for _ in range(3)]
    await happen(client, people.partner, known[1], "withdrawn", "2026-02-01")
    numbers = [known[1], "unknown", known[0], known[1], *[f"x{number}" for number in range(MOST_NUMBERS - 4)]]
    with counted() as statements:
        response = await client.post("/v1/certificates/verifications", json={"numbers": numbers, "on": "2026-03-01"})
    assert len(statements) == 1
    answers = response.json()["verifications"]
    assert [each["number"] for each in answers] == numbers
    assert [each["status"] for each in answers[:4]] == ["withdrawn", None, "valid", "withdrawn"]
    asked = {"numbers": known, "on": "2026-03-01", "known_at": datetime(2020, 1, 1, tzinfo=UTC).isoformat()}
    response = await client.post("/v1/certificates/verifications", json=asked)
    assert {each["status"] for each in response.json()["verifications"]} == {None}
    too_many = {"numbers": ["x"] * (MOST_NUMBERS + 1)}
    assert (await client.post("/v1/certificates/verifications", json=too_many)).status_code == 422


async def test_a_products_page_tells_the_end_after_a_renewal(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    number = await register(client, people.partner, labelled.gtin)
    await happen(client, people.partner, number, "renewed", "2028-12-01", valid_until="2032-01-01")
    ends = {}
    for day in ("2028-11-30", "2031-12-31"):
        page = (await client.get(f"/v1/products/{labelled.gtin}?on={day}")).json()
        ends[day] = next(
            (each["status"], each["valid_until"]) for each in page["certificates"] if each["number"] == number
        )
    assert ends == {"2028-11-30": ("valid", "2029-01-01"), "2031-12-31": ("valid", "2032-01-01")}
