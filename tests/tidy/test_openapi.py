"""Every route can be understood from the API's own description."""

import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.tidy.tree import expect_none

METHODS = {"get", "put", "post", "delete", "patch"}
PROBLEM = "application/problem+json"
PROBES = {"GET /readyz": "a probe's body names the part that is missing, well or not"}

Json = Mapping[str, Any]


def breaches(openapi: Json) -> list[str]:
    """Return what the operations of a description lack."""
    found = [
        f"{place}: {what}" for place, operation in _operations(openapi) for what in _lacks(place, operation, openapi)
    ]
    identifiers = [operation.get("operationId") for _, operation in _operations(openapi)]
    return found + [
        f"operation id {name} is used twice" for name in {i for i in identifiers if identifiers.count(i) > 1}
    ]


def _operations(openapi: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield f"{method.upper()} {path}", operation


def _lacks(place: str, operation: Json, openapi: Json) -> Iterator[str]:
    if not operation.get("summary"):
        yield "has no summary"
    if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", operation.get("operationId", "")):
        yield "has no operation id in snake_case"
    if re.search(r"_(get|put|post|delete|patch)$", operation.get("operationId", "")):
        yield "has the operation id a machine made up"
    yield from _lacks_in_responses(place, operation.get("responses", {}))
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if not _shown(media) and not _shown(_resolve(media.get("schema", {}), openapi)):
            yield "has no example of its request body"
    for parameter in operation.get("parameters", []):
        schema = _resolve(parameter.get("schema", {}), openapi)
        if not (_shown(parameter) or _shown(schema) or "default" in schema or "enum" in schema):
            yield f"has no example of its {parameter['in']} parameter {parameter['name']}"


def _lacks_in_responses(place: str, responses: Json) -> Iterator[str]:
    if not any(code.startswith(("2", "3")) for code in responses):
        yield "does not say what it answers when it goes well"
    for code, response in responses.items():
        if not response.get("description"):
            yield f"does not describe its {code}"
        if code.startswith(("4", "5")) and PROBLEM not in response.get("content", {}) and place not in PROBES:
            yield f"answers {code} with something else than a problem document"


def _shown(thing: Json) -> bool:
    return bool(thing.get("example") or thing.get("examples"))


def _resolve(schema: Json, openapi: Json) -> Json:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    resolved: Json = openapi["components"]["schemas"][reference.rpartition("/")[2]]
    return resolved


@pytest.fixture(scope="module")
def openapi() -> Json:
    description: Json = importlib.import_module("api.app").create_app().openapi()
    return description


def test_every_route_is_described(openapi: Json) -> None:
    assert openapi["paths"]
    expect_none(breaches(openapi))


def test_what_a_route_lacks_is_found() -> None:
    bare = {
        "operationId": "scan_v1_scans_post",
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Scan"}}}},
        "parameters": [{"in": "query", "name": "after", "schema": {"type": "string"}}],
        "responses": {"422": {"description": "Wrong.", "content": {"application/json": {}}}},
    }
    good = {
        "operationId": "list_scans",
        "summary": "List scans",
        "parameters": [{"in": "query", "name": "after", "schema": {"type": "string", "examples": ["x"]}}],
        "responses": {"200": {"description": "Scans."}, "404": {"description": "None.", "content": {PROBLEM: {}}}},
    }
    paths = {"/v1/scans": {"post": bare, "get": good}, "/v1/x": {"get": good | {"parameters": []}}}
    assert breaches({"paths": paths, "components": {"schemas": {"Scan": {"type": "object"}}}}) == [
        "POST /v1/scans: has no summary",
        "POST /v1/scans: has the operation id a machine made up",
        "POST /v1/scans: does not say what it answers when it goes well",
        "POST /v1/scans: answers 422 with something else than a problem document",
        "POST /v1/scans: has no example of its request body",
        "POST /v1/scans: has no example of its query parameter after",
        "operation id list_scans is used twice",
    ]
