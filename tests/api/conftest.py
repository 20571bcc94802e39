"""The application in this process, over its real ASGI interface, and people who may use it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from redis.asyncio import Redis

from api.app import create_app
from core import db
from core.ids import new_id
from core.logging import configure
from points.programmes.tables import Programme
from tests.factories.identities import as_partner, as_resident, as_staff
from tests.factories.labels import Labelled, make_labelled
from tests.factories.residents import make_residents


@dataclass(frozen=True)
class People:
    """One of each kind, in one programme, with the header that says who they are."""

    programme: Programme
    resident_id: UUID
    organization_id: UUID
    resident: dict[str, str]
    partner: dict[str, str]
    staff: dict[str, str]


@pytest.fixture(scope="session")
def app() -> FastAPI:
    configure("WARNING", for_people=False)
    return create_app()


@pytest.fixture
async def client(app: FastAPI, database: str, redis: Redis) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://api.test") as client:
        yield client


@pytest.fixture
async def people(programme: Programme) -> People:
    async with db.transaction() as session:
        (resident_id,) = await make_residents(session, programme, 1)
        organization_id, partner = await as_partner(session, programme)
        staff = await as_staff(session, programme, email=f"{new_id().hex}@example.org")
    return People(programme, resident_id, organization_id, as_resident(programme, resident_id), partner, staff)


@pytest.fixture
async def labelled(database: str) -> Labelled:
    """A product of which one unit saves 1,000 g."""
    async with db.transaction() as session:
        return await make_labelled(session)
