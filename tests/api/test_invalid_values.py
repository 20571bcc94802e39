"""What is told of a value that can not be used: what to send instead, and never a library's own words."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from api.invalid_values import FORMS
from api.schemas import LINE_FORM
from tests.api.conftest import People

CURSOR = "cursor"
"""Its form is shown, and its problem is told by what reads it."""
A_TIME = "Write the time out with its distance from UTC: 2026-01-31T18:30:00+08:00, or 2026-01-31T10:30:00Z."
A_PLUS = (
    "A bare + in an address means a blank: send it as %2B, 2026-01-31T18:30:00%2B08:00, or the time in UTC with Z, "
    "2026-01-31T10:30:00Z."
)


def patterns(value: object) -> Iterator[str]:
    """Yield every pattern in a part of the API's description."""
    if isinstance(value, Mapping):
        if value.get("name") != CURSOR:
            yield from (value["pattern"],) if isinstance(value.get("pattern"), str) else ()
            for inner in value.values():
                yield from patterns(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from patterns(inner)


def sent(app: FastAPI) -> dict[str, Any]:
    """Return the description without what is only ever answered."""
    return {
        path: {
            method: {name: each for name, each in route.items() if name != "responses"}
            for method, route in routes.items()
        }
        for path, routes in app.openapi()["paths"].items()
    }


def test_every_form_of_the_api_has_words_that_say_what_to_send(app: FastAPI) -> None:
    described = [sent(app), app.openapi()["components"]["schemas"]]
    used = {each for part in described for each in patterns(part)}
    assert used == set(FORMS)


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        ("2026-05-31T23:59:59", A_TIME),
        ("2026-05-31+23:59:59", A_TIME),
        ("2026-05-31", A_TIME),
        ("2026-13-01T00:00:00Z", A_TIME),
        ("2026-05-31T23:59:59+08:00", A_PLUS),
        ("2026-05-31T23:59:59.250+0800", A_PLUS),
        ("2026-05-31+23:59+08:00", A_PLUS),
        ("1717200000", "Write the time out as RFC 3339, with its distance from UTC: 2026-01-31T18:30:00+08:00."),
        ("0001-01-01T00:00:00Z", "The time must lie between the years 1900 and 2999."),
    ],
)
async def test_a_time_of_a_query_says_how_to_write_it(
    client: AsyncClient, people: People, asked: str, detail: str
) -> None:
    refused = await client.get(f"/v1/me/statement?recorded_until={asked}", headers=people.resident)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"in": "query", "pointer": "#/recorded_until", "detail": detail}]


async def test_a_value_of_a_query_that_is_there_twice_is_not_chosen_from(client: AsyncClient, people: People) -> None:
    path = "/v1/imports/uploads?kind=sales&kind=returns"
    refused = await client.post(path, content=b"receipt\n", headers=people.partner)
    assert refused.status_code == 422
    detail = "This is there more than once; send it once."
    assert refused.json()["errors"] == [{"in": "query", "pointer": "#/kind", "detail": detail}]


def test_no_query_below_v1_takes_a_list_so_what_is_there_twice_is_never_meant(app: FastAPI) -> None:
    routes = [route for path, methods in sent(app).items() if path.startswith("/v1/") for route in methods.values()]
    asked = [each for route in routes for each in route.get("parameters", ()) if each["in"] == "query"]
    assert asked
    assert not [each["name"] for each in asked if "array" in str(each["schema"])]


@pytest.mark.parametrize("end", ["\n", "\u0085", "\u2028", "\u2029"])
async def test_a_text_of_one_line_has_no_end_of_a_line_in_it(client: AsyncClient, end: str) -> None:
    body = {"programme": "x", "contact": "13800138000", "code": "482913", "nickname": f"a{end}b"}
    refused = await client.post("/v1/residents/tokens", json=body)
    assert refused.json()["errors"] == [{"in": "body", "pointer": "#/nickname", "detail": FORMS[LINE_FORM]}]


async def test_a_time_with_its_plus_escaped_is_taken(client: AsyncClient, people: People) -> None:
    path = "/v1/me/statement?recorded_until=2026-05-31T23:59:59%2B08:00"
    assert (await client.get(path, headers=people.resident)).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer", "detail"),
    [
        ({"code": "1\n2"}, "#/code", FORMS[r"^[^\u0000-\u001c\u001e\u001f\u007f-\u009f]+$"]),
        ({"code": "1", "scanned_at": "2026-05-01T00:00:00"}, "#/scanned_at", A_TIME),
        ({"code": "1", "scanned_at": "2026-05-01T00:00:00 08:00"}, "#/scanned_at", A_TIME),
        ({"code": 1}, "#/code", "Send text; in JSON in quotation marks."),
        ([], "#", "Send a JSON object, in braces."),
    ],
)
async def test_a_value_of_a_body_says_what_to_send(
    client: AsyncClient, people: People, body: object, pointer: str, detail: str
) -> None:
    refused = await client.post("/v1/scans", json=body, headers=people.resident)
    assert refused.json()["errors"] == [{"in": "body", "pointer": pointer, "detail": detail}]


async def test_a_rule_over_several_fields_is_told_as_a_sentence(client: AsyncClient, people: People) -> None:
    change = {"reason": "A wrong name."}
    refused = await client.patch("/v1/products/9521234543213", json=change, headers=people.staff)
    assert [each["detail"] for each in refused.json()["errors"]] == ["Give at least one value to change."]


async def test_what_kind_a_scope_may_be_is_told(client: AsyncClient, people: People) -> None:
    order = {"name": "x", "reason_zh": "x", "reason_en": "x", "scope": {"cause": "weather"}}
    refused = await client.post("/v1/clawbacks", json=order, headers=people.staff)
    told = [each["detail"] for each in refused.json()["errors"] if each["pointer"] == "#/scope"]
    assert told == ["'cause' must be one of 'certificate', 'retailer', 'figures', 'fraud'."]
    assert "weather" not in refused.text


@pytest.mark.parametrize(
    ("sent_ids", "detail"),
    [({"a": 1}, "Send a JSON array, in square brackets."), ([], "Send at least 1 in this array.")],
)
async def test_an_array_is_told_in_no_words_of_the_validator(
    client: AsyncClient, people: People, sent_ids: object, detail: str
) -> None:
    path = f"/v1/clawbacks/{people.programme.programme_id}/reinstatements"
    body = {"activity_ids": sent_ids, "reason_zh": "x", "reason_en": "x"}
    refused = await client.post(path, json=body, headers=people.staff)
    told = [each["detail"] for each in refused.json()["errors"] if each["pointer"] == "#/activity_ids"]
    assert told == [detail]


async def test_the_values_of_an_enumeration_are_told_as_they_are_sent(client: AsyncClient, people: People) -> None:
    path = f"/v1/certificate-applications/{people.programme.programme_id}/events"
    refused = await client.post(path, json={"step": "lost"}, headers=people.partner)
    [told] = [each["detail"] for each in refused.json()["errors"] if each["pointer"] == "#/step"]
    assert told.startswith("Must be one of: 'reviewed', 'returned', ")
