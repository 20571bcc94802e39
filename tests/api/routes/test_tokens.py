import asyncio

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from redis.asyncio import Redis
from sqlalchemy.pool import QueuePool

from api import codes
from core import db
from core.ids import new_id
from points.programmes.tables import Programme
from tests.factories.identities import PASSWORD, as_staff, bearing
from tests.factories.programmes import make_programme


def fresh_contact() -> str:
    return f"{new_id().hex}@example.org"


class Pigeon:
    """A delivery that keeps what it was given."""

    def __init__(self) -> None:
        self.delivered: dict[str, str] = {}

    async def deliver(self, contact: str, code: str) -> None:
        self.delivered[contact] = code


@pytest.fixture(autouse=True)
def pigeon(monkeypatch: pytest.MonkeyPatch) -> Pigeon:
    pigeon = Pigeon()
    monkeypatch.setattr("api.routes.tokens.delivery", lambda: pigeon)
    return pigeon


async def code_for(client: AsyncClient, pigeon: Pigeon, programme: Programme, contact: str) -> str:
    response = await client.post("/v1/residents/codes", json={"programme": programme.slug, "contact": contact})
    assert response.status_code == 202, response.text
    assert set(response.json()) == {"expires_in_seconds"}
    return pigeon.delivered[contact.lower()]


async def test_a_code_makes_a_resident_and_a_token_that_works(
    client: AsyncClient, pigeon: Pigeon, programme: Programme
) -> None:
    contact = fresh_contact()
    body = {"programme": programme.slug, "contact": contact, "nickname": "青柳"}
    code = await code_for(client, pigeon, programme, contact)
    response = await client.post("/v1/residents/tokens", json=body | {"code": code})
    assert response.status_code == 201, response.text
    me = (await client.get("/v1/me", headers=bearing(response.json()["token"]))).json()
    assert (me["nickname"], me["programme"]) == ("青柳", programme.slug)
    assert me["member_code"] == response.json()["member_code"]


async def test_a_nickname_that_nobody_can_see_uses_no_code_up(
    client: AsyncClient, pigeon: Pigeon, programme: Programme
) -> None:
    contact = fresh_contact()
    body = {"programme": programme.slug, "contact": contact}
    body["code"] = await code_for(client, pigeon, programme, contact)
    refused = await client.post("/v1/residents/tokens", json=body | {"nickname": "\u2800"})
    assert [each["pointer"] for each in refused.json()["errors"]] == ["#/nickname"]
    assert (await client.post("/v1/residents/tokens", json=body)).status_code == 201


async def test_whoever_comes_back_is_the_same_resident(
    client: AsyncClient, pigeon: Pigeon, programme: Programme
) -> None:
    contact, ids = fresh_contact(), []
    for spelling in (contact, contact.upper()):
        code = await code_for(client, pigeon, programme, spelling)
        body = {"programme": programme.slug, "contact": spelling, "code": code}
        ids.append((await client.post("/v1/residents/tokens", json=body)).json()["resident_id"])
    assert ids[0] == ids[1]


async def test_a_code_works_once_even_when_sent_twice_at_once(
    client: AsyncClient, pigeon: Pigeon, programme: Programme
) -> None:
    contact = fresh_contact()
    body = {"programme": programme.slug, "contact": contact, "code": await code_for(client, pigeon, programme, contact)}
    responses = await asyncio.gather(*(client.post("/v1/residents/tokens", json=body) for _ in range(5)))
    assert sorted(response.status_code for response in responses) == [201, 401, 401, 401, 401]


async def test_five_wrong_tries_end_the_code(client: AsyncClient, pigeon: Pigeon, programme: Programme) -> None:
    contact = fresh_contact()
    code = await code_for(client, pigeon, programme, contact)
    body = {"programme": programme.slug, "contact": contact}
    for _ in range(5):
        wrong = await client.post("/v1/residents/tokens", json=body | {"code": f"{(int(code) + 1) % 10**6:06}"})
        assert wrong.status_code == 401
    assert (await client.post("/v1/residents/tokens", json=body | {"code": code})).status_code == 401


async def test_too_many_codes_for_one_contact_are_refused_until_later(
    client: AsyncClient, programme: Programme
) -> None:
    body = {"programme": programme.slug, "contact": fresh_contact()}
    responses = [await client.post("/v1/residents/codes", json=body) for _ in range(6)]
    assert [response.status_code for response in responses] == [202] * 5 + [429]
    assert 0 < int(responses[-1].headers["Retry-After"]) <= 600


async def test_codes_for_one_contact_are_bounded_by_the_day_as_well(
    client: AsyncClient, redis: Redis, programme: Programme
) -> None:
    contact = fresh_contact()
    digest = codes.contact_digest(programme.programme_id, codes.normalized(contact))
    statuses = []
    for _ in range(21):
        await redis.delete(f"limit:codes:{digest.hex()}")  # as ten minutes do
        response = await client.post("/v1/residents/codes", json={"programme": programme.slug, "contact": contact})
        statuses.append(response.status_code)
    assert statuses == [202] * 20 + [429]
    assert 86_000 < int(response.headers["Retry-After"]) <= 86_400


async def test_one_address_can_not_ask_for_everybody(
    app: FastAPI, client: AsyncClient, pigeon: Pigeon, programme: Programme
) -> None:
    transport = ASGITransport(app, client=("203.0.113.7", 1234))
    async with AsyncClient(transport=transport, base_url="http://api.test") as stranger:
        statuses = [
            (
                await stranger.post(
                    "/v1/residents/codes", json={"programme": programme.slug, "contact": fresh_contact()}
                )
            ).status_code
            for _ in range(61)
        ]
    assert statuses == [202] * 60 + [429]


@pytest.mark.parametrize("contact", ["nobody", "12345678", "@example.org", "１３８００１３８０００", "a@b", "x" * 400])
async def test_what_is_no_contact_is_refused_by_name(client: AsyncClient, programme: Programme, contact: str) -> None:
    response = await client.post("/v1/residents/codes", json={"programme": programme.slug, "contact": contact})
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == ["#/contact"]


async def test_a_programme_nobody_has_is_not_found(client: AsyncClient, database: str) -> None:
    response = await client.post("/v1/residents/codes", json={"programme": "no-such", "contact": fresh_contact()})
    assert response.status_code == 404


async def test_a_district_of_another_programme_is_refused_by_name(
    client: AsyncClient, pigeon: Pigeon, programme: Programme
) -> None:
    contact = fresh_contact()
    code = await code_for(client, pigeon, programme, contact)
    body = {"programme": programme.slug, "contact": contact, "code": code, "district_id": str(new_id())}
    response = await client.post("/v1/residents/tokens", json=body)
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "#/district_id")
    del body["district_id"]
    assert (await client.post("/v1/residents/tokens", json=body)).status_code == 201, "the code is still good"


async def test_staff_get_a_token_for_their_password_and_nothing_for_another(
    client: AsyncClient, programme: Programme
) -> None:
    email = fresh_contact()
    async with db.transaction() as session:
        await as_staff(session, programme, email=email)
    right = await client.post(
        "/v1/staff/tokens", json={"programme": programme.slug, "email": email.upper(), "password": PASSWORD}
    )
    assert (right.status_code, right.json()["role"]) == (201, "operator")
    wrong = await client.post(
        "/v1/staff/tokens", json={"programme": programme.slug, "email": email, "password": "another password"}
    )
    nobody = await client.post(
        "/v1/staff/tokens", json={"programme": programme.slug, "email": fresh_contact(), "password": PASSWORD}
    )
    assert (wrong.status_code, nobody.status_code) == (401, 401)
    assert wrong.json()["detail"] == nobody.json()["detail"]


async def test_guessing_a_password_is_bounded(client: AsyncClient, pigeon: Pigeon, programme: Programme) -> None:
    body = {"programme": programme.slug, "email": fresh_contact(), "password": "a guess at it"}
    statuses = [(await client.post("/v1/staff/tokens", json=body)).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


async def test_guessing_in_one_programme_locks_nobody_out_of_another(client: AsyncClient, programme: Programme) -> None:
    async with db.transaction() as session:
        other_programme = await make_programme(session)
    body = {"email": fresh_contact(), "password": "a guess at it"}
    for _ in range(11):
        guessed = await client.post("/v1/staff/tokens", json=body | {"programme": programme.slug})
    assert guessed.status_code == 429
    elsewhere = await client.post("/v1/staff/tokens", json=body | {"programme": other_programme.slug})
    assert elsewhere.status_code == 401


async def test_a_slow_delivery_holds_no_database_connection(
    client: AsyncClient, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []

    class Slow:
        async def deliver(self, contact: str, code: str) -> None:
            del contact, code
            pool = db.engine().pool
            assert isinstance(pool, QueuePool)
            held.append(pool.checkedout())

    monkeypatch.setattr("api.routes.tokens.delivery", Slow)
    body = {"programme": programme.slug, "contact": fresh_contact()}
    assert (await client.post("/v1/residents/codes", json=body)).status_code == 202
    assert held == [0]
