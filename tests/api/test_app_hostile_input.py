"""Whatever is sent, the answer is a problem document that says what to do, and never a 500."""

import json
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from httpx import AsyncClient, Response

from tests.api.conftest import People

JSON = {"Content-Type": "application/json"}
DEEP = b"[" * 100_000
LINE: dict[str, Any] = {
    "receipt": "R1",
    "line": 1,
    "member_code": None,
    "code": "9521234543213",
    "quantity": 1,
    "sold_at": "2026-05-01T16:30:00+08:00",
}

BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "malformed": (b'{"code": ', 422),
    "not an object": (b"[]", 422),
    "null": (b"null", 422),
    "a number": (b"1", 422),
    "invalid UTF-8": (b'{"code": "\xff"}', 422),
    "UTF-16": ('{"code": "1"}'.encode("utf-16"), 422),
    "a lone surrogate": (b'{"code": "\\ud800"}', 422),
    "an escaped NUL": (b'{"code": "\\u0000"}', 422),
    "control characters": (b'{"code": "9521\\u00074543213"}', 422),
    "NaN": (b'{"code": NaN}', 422),
    "a wrong type": (b'{"code": 9521234543213}', 422),
    "an unknown field": (b'{"code": "9521234543213", "points": 1000}', 422),
    "somebody else": (b'{"code": "9521234543213", "resident_id": "x"}', 422),
    "a huge number": (b'{"code": "1", "scanned_at": ' + b"9" * 5000 + b"}", 422),
    "a number for a time": (b'{"code": "1", "scanned_at": 1714550000}', 422),
    "a time without a zone": (b'{"code": "1", "scanned_at": "2026-05-01T00:00:00"}', 422),
    "a time beyond the calendar": (b'{"code": "1", "scanned_at": "99999-01-01T00:00:00Z"}', 422),
    "bottomless nesting": (DEEP, 422),
    "a bottomless value": (b'{"code": ' + DEEP, 422),
    "a code too long": (b'{"code": "' + b"9" * 10_000 + b'"}', 422),
    "too much": (b'{"code": "' + b"9" * 10_000_000 + b'"}', 413),
    "full-width digits": ('{"code": "９５２１２３４５４３２１３"}'.encode(), 200),
    "a wrong check digit": (b'{"code": "9521234543210"}', 200),
    "words": (b'{"code": "SELECT 1; --"}', 200),
    "the end of days": (b'{"code": "9521234543213", "scanned_at": "9999-12-31T23:59:59.999999-23:59"}', 422),
    "the first day": (b'{"code": "9521234543213", "scanned_at": "0001-01-01T00:00:00+23:59"}', 422),
}


def is_problem(response: Response) -> bool:
    body = response.json()
    return bool(
        response.headers["content-type"] == "application/problem+json"
        and {"type", "title", "status", "detail", "instance", "request_id"} <= set(body)
        and body["status"] == response.status_code
        and body["request_id"] == response.headers["X-Request-ID"]
    )


@pytest.mark.parametrize("name", BODIES)
async def test_a_scan_survives(client: AsyncClient, people: People, name: str) -> None:
    content, status = BODIES[name]
    response = await client.post("/v1/scans", content=content, headers=people.resident | JSON)
    assert response.status_code == status, response.text
    assert is_problem(response) if status != 200 else response.json()["outcome"] == "refused"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", 10**30),
        ("quantity", "1"),
        ("quantity", 1.5),
        ("quantity", True),
        ("quantity", 2**63),
        ("line", 0),
        ("line", None),
        ("receipt", ""),
        ("receipt", " "),
        ("receipt", "a\u0000b"),
        ("receipt", "x" * 101),
        ("member_code", "' OR 1=1"),
        ("code", None),
        ("sold_at", "yesterday"),
    ],
)
async def test_a_sale_line_is_refused_by_its_field(
    client: AsyncClient, people: People, field: str, value: object
) -> None:
    body = b'{"lines": [%s]}' % b"".join([_dumped(LINE | {field: value})])
    response = await client.post("/v1/sales", content=body, headers=people.partner | JSON)
    assert response.status_code == 422, response.text
    assert is_problem(response)
    if value != 10**30:  # beyond 64 bits it is no number any more, and the field is not reached
        assert {error["pointer"] for error in response.json()["errors"]} == {f"#/lines/0/{field}"}


def _dumped(value: object) -> bytes:
    return json.dumps(value).encode()


async def test_more_lines_than_allowed_are_refused(client: AsyncClient, people: People) -> None:
    response = await client.post(
        "/v1/sales", content=orjson.dumps({"lines": [LINE] * 1001}), headers=people.partner | JSON
    )
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "#/lines")


async def test_a_body_that_announces_no_length_is_bounded_too(client: AsyncClient, people: People) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"9" * 100_000

    response = await client.post("/v1/scans", content=chunks(), headers=people.resident | JSON)
    assert (response.status_code, is_problem(response)) == (413, True)


async def test_a_body_that_is_not_json_is_refused_as_such(client: AsyncClient, people: People) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"):
        headers = people.resident | {"Content-Type": content_type}
        response = await client.post("/v1/scans", content=b'{"code": "1"}', headers=headers)
        assert (response.status_code, is_problem(response)) == (415, True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/me/receipts/not-an-id", 422),
        ("/v1/me/receipts/%00", 400),
        ("/v1/me/receipts/%FF%FE", 422),
        ("/v1/me/receipts/" + "9" * 3000, 422),
        ("/v1/me/receipts/019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f", 404),
        ("/v1/me/statement?cursor=%00", 400),
        ("/v1/me/statement?cursor=%FF", 422),
        ("/v1/me/statement?cursor=AAAA", 422),
        ("/v1/me/statement?cursor=" + "é" * 22, 422),
        ("/v1/me/statement?limit=0", 422),
        ("/v1/me/statement?limit=201", 422),
        ("/v1/me/statement?limit=" + "9" * 400, 422),
        ("/v1/nothing", 404),
        ("/v1/me/", 404),
        ("/v1/../etc/passwd", 404),
        ("/problems/no-such", 404),
        ("/static/../app.py", 404),
        ("/static/%2e%2e/app.py", 404),
    ],
)
async def test_an_address_survives(client: AsyncClient, people: People, path: str, status: int) -> None:
    response = await client.get(path, headers=people.resident)
    assert (response.status_code, is_problem(response)) == (status, True)


async def test_a_header_with_a_nul_is_refused(client: AsyncClient) -> None:
    response = await client.get("/healthz", headers=[(b"X-Anything", b"a\x00b")])
    assert (response.status_code, is_problem(response)) == (400, True)


async def test_a_method_that_is_not_there_says_which_are(client: AsyncClient, people: People) -> None:
    response = await client.delete("/v1/me", headers=people.resident)
    assert (response.status_code, response.headers["Allow"], is_problem(response)) == (405, "GET", True)
