"""Deny by default: every route, without an identity and with each wrong one."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from httpx import AsyncClient

from api import partner_keys, tokens
from api.app import PUBLIC, UnguardedRouteError, create_app, require_guards
from api.audiences import Audience, EditAudience, ImportAudience, PartnerAudience, ResidentAudience, StaffAudience
from api.principals import ResidentPrincipal
from api.routing import audiences_of
from core import clock, db
from points.programmes import access
from points.programmes.access import Scope
from tests.api.conftest import People
from tests.factories.identities import as_partner, bearing

KINDS = {
    ResidentAudience: "resident",
    PartnerAudience: "partner",
    StaffAudience: "staff",
    EditAudience: "partner or staff",
    ImportAudience: "partner or staff",
}


def guarded() -> Iterator[tuple[str, str, Audience]]:
    """Yield method, path and audience of every route that is not public."""
    for context in iter_route_contexts(create_app().routes):
        if context.name in PUBLIC:
            continue
        (audience,) = audiences_of(context.dependant)
        for method in sorted((context.methods or set()) - {"HEAD"}):
            path = str(context.path).replace("{gtin}", "09521234543213")
            yield method, path.replace("{", "").replace("}", ""), audience


GUARDED = list(guarded())
ROUTES = [(method, path, KINDS[type(audience)]) for method, path, audience in GUARDED]
SCOPES = {
    (method, path): audience.scopes for method, path, audience in GUARDED if isinstance(audience, PartnerAudience)
}


def test_there_are_routes_for_every_kind() -> None:
    assert {kind for _, _, kind in ROUTES} >= {"resident", "partner"}


@pytest.mark.parametrize(("method", "path", "kind"), ROUTES)
async def test_a_stranger_is_turned_away(client: AsyncClient, method: str, path: str, kind: str) -> None:
    response = await client.request(method, path, content=b"not even JSON")
    assert (response.status_code, response.json()["type"]) == (401, "/problems/not-authenticated")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path", "kind"), ROUTES)
async def test_every_other_kind_is_turned_away(
    client: AsyncClient, people: People, method: str, path: str, kind: str
) -> None:
    for other in {"resident", "partner", "staff"} - set(kind.split(" or ")):
        response = await client.request(method, path, headers=getattr(people, other))
        assert (response.status_code, response.json()["type"]) == (403, "/problems/forbidden"), other


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, kind in ROUTES if kind == "partner"])
async def test_a_key_without_the_scope_is_turned_away(
    client: AsyncClient, people: People, method: str, path: str
) -> None:
    needed = SCOPES[method, path]
    async with db.transaction() as session:
        _, header = await as_partner(session, people.programme, set(Scope) - set(needed))
    response = await client.request(method, path, headers=header)
    assert response.status_code == 403
    assert all(scope in response.json()["detail"] for scope in needed)


@pytest.mark.parametrize(
    "credentials",
    [
        "",
        "nonsense",
        "a.b.c",
        "tanhui_000000000000_" + "x" * 43,
        "tanhui_",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        "x" * 5000,
    ],
)
async def test_what_is_no_token_is_turned_away(client: AsyncClient, credentials: str) -> None:
    assert (await client.get("/v1/me", headers=bearing(credentials))).status_code == 401


async def test_a_changed_token_is_turned_away(client: AsyncClient, people: People) -> None:
    token = people.resident["Authorization"].removeprefix("Bearer ")
    header, claims, signature = token.split(".")
    forged = f"{header}.{claims}.{signature[:-2]}{'AA' if signature[-2:] != 'AA' else 'BB'}"
    assert (await client.get("/v1/me", headers=bearing(forged))).status_code == 401


async def test_an_expired_token_is_turned_away_even_when_remembered(client: AsyncClient, people: People) -> None:
    principal = ResidentPrincipal(people.programme.programme_id, people.resident_id)
    token = tokens.issue(principal, now=clock.now(), minutes=-1)
    for _ in range(2):
        response = await client.get("/v1/me", headers=bearing(token))
        assert (response.status_code, "expired" in response.json()["detail"]) == (401, True)


async def test_a_revoked_key_is_turned_away(client: AsyncClient, people: People) -> None:
    async with db.transaction() as session:
        key = await access.holder_of_key(session, people.partner["Authorization"].removeprefix("Bearer "))
        assert key is not None
        await access.revoke_key(session, key.programme_id, key.key_id, now=clock.now())
    partner_keys.forget()
    assert (await client.post("/v1/sales", headers=people.partner)).status_code == 401


async def test_receipts_of_others_are_not_found(client: AsyncClient, people: People) -> None:
    response = await client.get(f"/v1/me/receipts/{uuid4()}", headers=people.resident)
    assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")


def test_an_app_with_an_unguarded_route_does_not_start() -> None:
    router = APIRouter()

    @router.get("/v1/everything")
    async def show_everything() -> None: ...

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(router)
    with pytest.raises(UnguardedRouteError, match="/v1/everything"):
        require_guards(app)
