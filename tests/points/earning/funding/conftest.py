"""A programme whose points wait for their budget, with 15 points in it: one unit of the product is worth 10."""

from dataclasses import replace
from uuid import UUID

import pytest

from core import db
from points.programmes.policy import Shortage
from points.programmes.tables import Programme
from tests.factories.labels import Labelled, make_labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents

WAITING = replace(AT_ONCE, shortage=Shortage.WAIT_FOR_FUNDING)


@pytest.fixture
async def product(database: str) -> Labelled:
    async with db.transaction() as session:
        return await make_labelled(session)


@pytest.fixture
async def short(database: str) -> Programme:
    async with db.transaction() as session:
        return await make_programme(session, terms=WAITING, base_points=15)


@pytest.fixture
async def residents(short: Programme) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, short, 3)
