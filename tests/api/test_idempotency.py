import asyncio
import re
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from api.idempotency import HEADER, MUST
from api.openapi import describe
from core import clock
from tests.api.conftest import People
from tests.factories.labels import Labelled


def sale(labelled: Labelled, receipt: str = "R1") -> dict[str, Any]:
    line = {
        "receipt": receipt,
        "line": 1,
        "member_code": None,
        "code": labelled.gtin,
        "quantity": 1,
        "sold_at": clock.now().isoformat(),
    }
    return {"lines": [line]}


@pytest.mark.parametrize("path", ["/v1/scans", "/v1/sales"])
async def test_a_repeat_gets_the_first_answer_again(
    client: AsyncClient, people: People, labelled: Labelled, path: str
) -> None:
    body = {"code": labelled.gtin} if path == "/v1/scans" else sale(labelled)
    headers = (people.resident if path == "/v1/scans" else people.partner) | {"Idempotency-Key": "a"}
    first = await client.post(path, json=body, headers=headers)
    again = await client.post(path, json=body, headers=headers)
    assert first.is_success, first.text
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers.get("Location") == first.headers.get("Location")


@pytest.mark.parametrize("path", ["/v1/scans", "/v1/sales"])
async def test_another_body_under_the_same_key_is_refused(
    client: AsyncClient, people: People, labelled: Labelled, path: str
) -> None:
    bodies: list[dict[str, Any]] = [{"code": labelled.gtin}, {"code": "1"}]
    if path == "/v1/sales":
        bodies = [sale(labelled), sale(labelled, "R2")]
    headers = (people.resident if path == "/v1/scans" else people.partner) | {"Idempotency-Key": "a"}
    await client.post(path, json=bodies[0], headers=headers)
    other = await client.post(path, json=bodies[1], headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


async def test_the_quoted_and_the_bare_form_are_one_key(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    body = {"code": labelled.gtin}
    await client.post("/v1/scans", json=body, headers=people.resident | {"Idempotency-Key": "k 1"})
    again = await client.post("/v1/scans", json=body, headers=people.resident | {"Idempotency-Key": '"k 1"'})
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", '"', '"open', "x" * 256, "x" * 600, "tab\there", "é"])
async def test_a_key_of_another_shape_is_refused_by_name(
    client: AsyncClient, people: People, labelled: Labelled, key: str
) -> None:
    headers = {b"Authorization": people.resident["Authorization"].encode(), b"Idempotency-Key": key.encode("latin-1")}
    response = await client.post("/v1/scans", json={"code": labelled.gtin}, headers=headers)
    assert response.status_code == 422
    assert response.json()["errors"][0] == response.json()["errors"][0] | {
        "in": "header",
        "pointer": "#/Idempotency-Key",
        "detail": MUST,
    }


async def test_what_failed_may_be_tried_again_under_its_key(client: AsyncClient, people: People) -> None:
    headers = people.partner | {"Idempotency-Key": "a"}
    failed = await client.post("/v1/sales", json={"lines": []}, headers=headers)
    again = await client.post("/v1/sales", json={"lines": []}, headers=headers)
    assert [failed.status_code, again.status_code] == [422, 422]
    assert again.json()["type"] == "/problems/invalid-request"


async def test_keys_of_two_who_ask_do_not_meet(client: AsyncClient, people: People, labelled: Labelled) -> None:
    key = {"Idempotency-Key": "a"}
    scanned = await client.post("/v1/scans", json={"code": labelled.gtin}, headers=people.resident | key)
    sold = await client.post("/v1/sales", json=sale(labelled), headers=people.partner | key)
    assert (scanned.status_code, sold.status_code) == (201, 200)


async def test_identical_sales_at_once_run_once(client: AsyncClient, people: People, labelled: Labelled) -> None:
    headers, body = people.partner | {"Idempotency-Key": "a"}, sale(labelled)
    responses = await asyncio.gather(*(client.post("/v1/sales", json=body, headers=headers) for _ in range(16)))
    done = [response for response in responses if response.is_success]
    assert sum("Idempotent-Replayed" not in response.headers for response in done) == 1
    problems = {each.json()["type"] for each in responses if not each.is_success}
    assert problems <= {"/problems/request-in-progress"}


def test_the_description_names_every_post_that_takes_no_key(app: FastAPI) -> None:
    described = describe(app)
    posts = {path: each["post"] for path, each in described["paths"].items() if "post" in each}
    without = {path for path, post in posts.items() if all(one["name"] != HEADER for one in post.get("parameters", []))}
    assert without == {f"/v1{path}" for path in re.findall(r"`(/[a-z/]+)`", described["info"]["description"])}
