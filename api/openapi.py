"""The API's description of itself: tags, who may call what, and the problems every route can answer with."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api.problem_types import CATALOGUE
from api.problems import MEDIA_TYPE
from api.schemas.problems import Problem

VERSION: Final = "1.0.0"
_SUMMARY: Final = (
    "A consumer carbon-inclusion (碳普惠) programme: labelled products, savings, points, ranks and rewards."
)
_DESCRIPTION: Final = """
Amounts are integers with their unit in the name (`saving_grams`, `points`). Times carry their distance from UTC.
Send an `Idempotency-Key` with every POST that has one among its parameters: a repeat is then answered as the first time
and changes nothing. The others take none. `/residents/codes`, `/residents/tokens` and `/staff/tokens` are called before
it is known who asks, so a key could be somebody else's, and a kept answer would hand out a token again: a code works
once, and whoever missed the answer asks for a new one. `/codes/parse`, `/certificates/verifications`,
`/products/suggestions` and `/artwork` only read; send them again as you like.
Failures are problem documents (RFC 9457); each `type` has a page that says what to do.
"""

TAGS: Final = [
    {"name": "identity", "description": "Tokens for residents and staff."},
    {"name": "programmes", "description": "City programmes and the rules they have announced."},
    {"name": "products", "description": "Products, their footprints and their certificates."},
    {"name": "factors", "description": "Emission factors, baselines, and the choice of pilot industries."},
    {"name": "imports", "description": "Tables that partners and operators hand in."},
    {"name": "earning", "description": "Scans and sales that become savings and points."},
    {"name": "clawbacks", "description": "Credits that are taken back or put right, and debts that are let go."},
    {"name": "me", "description": "What the resident who asks has, and how it came about."},
    {"name": "leaderboards", "description": "Who stands where."},
    {"name": "campaigns", "description": "Time windows in which some activities earn more."},
    {"name": "budgets", "description": "What pays for points: funding, what is left, forecasts and alerts."},
    {"name": "rewards", "description": "What points buy."},
    {"name": "operation", "description": "Health, metrics and the catalogue of problems."},
]

_ANY_ROUTE: Final = (400, 429, 503)
_WITH_INPUT: Final = (422,)
_WITH_BODY: Final = (409, 413, 415, 422)
_WITH_IDENTITY: Final = (401, 403)
_METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})
_SCHEMAS: Final = "#/components/schemas/"

DESCRIPTION: Final[dict[str, Any]] = {
    "title": "Tanhui 碳惠",
    "version": VERSION,
    "summary": _SUMMARY,
    "description": _DESCRIPTION.strip(),
}


def operation_id(route: APIRoute) -> str:
    """Return the operation's id: the name of its function."""
    return route.name


def example(value: Any) -> dict[str, Any]:  # noqa: ANN401 - an example is any JSON
    """Return `openapi_extra` that shows `value` as the request's body."""
    return {"requestBody": {"content": {"application/json": {"example": value}}}}


def answers(status: int, description: str, value: Any) -> dict[int | str, dict[str, Any]]:  # noqa: ANN401 - as above
    """Return an entry of `responses` that shows `value` as what comes back with `status`."""
    return {status: {"description": description, "content": {"application/json": {"example": value}}}}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of `app`, made once."""
    if app.openapi_schema is None:
        schema = get_openapi(routes=app.routes, tags=TAGS, **DESCRIPTION)
        components = schema.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            components.pop(name, None)
        problem = Problem.model_json_schema(ref_template=_SCHEMAS + "{model}")
        components |= problem.pop("$defs")
        components["Problem"] = problem
        for path, method, operation in _operations(schema):
            _add_problems(path, method, operation)
        app.openapi_schema = schema
    return app.openapi_schema


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if method in _METHODS:
                yield path, method, operation


def _add_problems(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add the problems an operation can answer with, where it does not describe that status itself."""
    statuses = set(_ANY_ROUTE)
    if method != "get":  # whatever changes something may find it changed
        statuses.add(409)
    if "requestBody" in operation:
        statuses.update(_WITH_BODY)
    if operation.get("parameters"):
        statuses.update(_WITH_INPUT)
    if operation.get("security"):
        statuses.update(_WITH_IDENTITY)
    if "identity" in operation.get("tags", ()):  # a wrong code or password
        statuses.add(401)
    if path.startswith("/v1") or "{" in path:
        statuses.add(404)
    responses = operation.setdefault("responses", {})
    if _is_default_422(responses.get("422", {})):
        del responses["422"]
    for status in sorted(statuses):
        responses.setdefault(str(status), _problem_response(status))


def _is_default_422(response: dict[str, Any]) -> bool:
    """Tell FastAPI's own description of a 422 from ours: its body is not what this API answers."""
    return "HTTPValidationError" in str(response.get("content", ""))


def refusal(status: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` entry of a route that answers with problems of `status` that not every route has."""
    return {status: _problem_response(status)}


def _problem_response(status: int) -> dict[str, Any]:
    rows = [row for row in CATALOGUE.values() if row.status == status]
    response: dict[str, Any] = {
        "description": "; ".join(f"{row.title_en} (`{row.uri}`)" for row in rows),
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_SCHEMAS}Problem"}}},
    }
    if status in {429, 503}:
        response["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return response
