"""The API against its own description: requests made from it, right ones and wrong ones, and every answer checked."""

import asyncio
from functools import partial
from typing import Any, Final

import pytest
import requests
import schemathesis
from fastapi import FastAPI
from httpx import AsyncClient, Response
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from tests.api.conftest import People

METHODS: Final = ("get", "post", "put", "patch", "delete")
OPERATIONS: Final = [
    (method, path) for path, each in create_app().openapi()["paths"].items() for method in METHODS if method in each
]
CHECKS: Final = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
EXAMPLES: Final = 20
SEVERAL: Final = {"edit": "partner", "import": "partner"}
"""Of audiences with several kinds of people, the kind that asks here."""


def identity(operation: dict[str, Any], people: People) -> dict[str, str]:
    """Return the header of whoever the operation is for."""
    for requirement in operation.get("security", []):
        for scheme in requirement:
            header: dict[str, str] = getattr(people, SEVERAL.get(scheme, scheme))
            return header
    return {}


async def send(client: AsyncClient, case: Case[Any], header: dict[str, str]) -> Response:
    prepared = requests.Request(**case.as_transport_kwargs(base_url="http://api.test")).prepare()
    headers = {name: value for name, value in prepared.headers.items() if name.lower() != "authorization"}
    wire = [(_bytes(name), _bytes(value)) for name, value in (headers | header).items()]
    body = prepared.body
    assert body is None or isinstance(body, (str, bytes))
    return await client.request(
        str(prepared.method),
        str(prepared.url),
        headers=wire,
        content=body.encode() if isinstance(body, str) else body,
    )


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_every_answer_is_as_described(
    app: FastAPI, client: AsyncClient, people: People, method: str, path: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(app.openapi())
    operation = schema[path][method.upper()]
    header = identity(operation.definition.raw, people)
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def conforms(case: Case[Any]) -> None:
        response = asyncio.run_coroutine_threadsafe(send(client, case, header), loop).result(30)
        case.validate_response(response, checks=CHECKS)

    if mode is GenerationMode.NEGATIVE and not (operation.body or list(operation.iter_parameters())):
        pytest.skip("Nothing can be wrong with a request that has no input.")
    await asyncio.to_thread(partial(conforms))
