import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from api import errors, problem_types, problems
from api.problem_types import CATALOGUE
from api.problems import BY_EXCEPTION, type_of
from labels.errors import InvalidCodeError
from points.errors import InvalidInputError, NotFoundError, PointsError
from tests.api.conftest import People


@pytest.mark.parametrize("slug", CATALOGUE)
async def test_every_problem_has_its_page_in_both_languages(client: AsyncClient, slug: str) -> None:
    page = await client.get(f"/problems/{slug}")
    assert page.status_code == 200
    row = CATALOGUE[slug]
    assert row.title_en in page.text
    assert row.title_zh in page.text


async def test_the_catalogue_lists_every_problem(client: AsyncClient) -> None:
    page = (await client.get("/problems")).text
    assert all(f'href="{row.uri}"' in page for row in CATALOGUE.values())


def test_every_row_of_the_table_is_in_the_catalogue() -> None:
    assert all(CATALOGUE[row.slug] is row for row in BY_EXCEPTION.values())


def test_every_error_of_the_door_has_its_own_row() -> None:
    classes = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, errors.ApiError)]
    assert [cls for cls in classes if cls not in BY_EXCEPTION] == []


def test_the_nearest_class_decides() -> None:
    class RareError(NotFoundError): ...

    class OtherError(PointsError): ...

    assert type_of(RareError()) is problem_types.NOT_FOUND
    assert type_of(OtherError()) is problem_types.CONFLICT
    assert type_of(InvalidCodeError("check_digit", "wrong")) is problem_types.INVALID_CODE
    assert type_of(KeyError()) is problem_types.INTERNAL


async def test_titles_speak_the_language_asked_for(client: AsyncClient) -> None:
    response = await client.get("/v1/me", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert response.json()["title"] == "身份未验证"


async def test_a_sane_request_id_is_kept_and_another_is_replaced(client: AsyncClient) -> None:
    kept = await client.get("/healthz", headers={"X-Request-ID": "till-042.0001"})
    assert kept.headers["X-Request-ID"] == "till-042.0001"
    replaced = await client.get("/healthz", headers={"X-Request-ID": 'x"; DROP\ttable'})
    assert len(replaced.headers["X-Request-ID"]) == 36


async def test_what_nobody_foresaw_is_a_500_that_tells_nothing_and_can_be_found_in_the_log() -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError("a secret")

    async with AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://x") as client:
        response = await client.get("/broken")
    assert (response.status_code, response.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in response.text


async def test_a_database_that_is_away_is_a_503_with_a_time_to_come_back() -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/away")
    async def away() -> None:
        raise ConnectionRefusedError("at some address")

    async with AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://x") as client:
        response = await client.get("/away")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert "address" not in response.text


@pytest.mark.parametrize("path", ["/v1/me/balance?as_of=2026-05-01", "/v1/me/history?period=month"])
async def test_a_query_nobody_reads_is_refused_by_its_name(client: AsyncClient, people: People, path: str) -> None:
    refused = await client.get(path, headers=people.resident)
    name = path.partition("?")[2].partition("=")[0]
    assert refused.status_code == 422, refused.text
    assert [(each["in"], each["pointer"]) for each in refused.json()["errors"]] == [("query", f"#/{name}")]


@pytest.mark.parametrize(
    ("method", "path", "part"),
    [("GET", "/things", "query"), ("POST", "/things", "body"), ("POST", "/things/of/x", "path")],
)
async def test_what_a_use_case_refuses_is_told_where_it_was_sent(method: str, path: str, part: str) -> None:
    app = FastAPI()
    problems.install(app)

    @app.api_route("/things", methods=["GET", "POST"])
    @app.api_route("/things/of/{kind}", methods=["POST"])
    async def refuse() -> None:
        raise InvalidInputError("kind must be another.", field="kind")

    async with AsyncClient(transport=ASGITransport(app), base_url="http://x") as client:
        refused = (await client.request(method, path)).json()
    assert refused["errors"] == [{"in": part, "pointer": "#/kind", "detail": "kind must be another."}]


async def test_what_others_append_to_the_address_of_a_page_does_no_harm(client: AsyncClient) -> None:
    assert (await client.get("/problems?utm_source=x")).status_code == 200


async def test_the_reference_shows_what_is_quoted_as_code(client: AsyncClient) -> None:
    page = (await client.get("/docs")).text
    assert "<code>Idempotency-Key</code>" in page
    assert "`" not in page.partition("<h2")[0]
