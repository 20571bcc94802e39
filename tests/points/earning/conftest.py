"""A resident and a product of which one unit saves 1,000 g: worth 10 points by the test programme's rate."""

from uuid import UUID

import pytest

from core import db
from points.programmes.tables import Programme
from tests.factories.label_units import make_codes
from tests.factories.labels import Labelled, make_labelled
from tests.factories.residents import make_residents


@pytest.fixture
async def product(database: str) -> Labelled:
    async with db.transaction() as session:
        return await make_labelled(session)


@pytest.fixture
async def resident(programme: Programme) -> UUID:
    async with db.transaction() as session:
        [resident_id] = await make_residents(session, programme, 1)
    return resident_id


@pytest.fixture
async def people(programme: Programme) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, programme, 2)


@pytest.fixture
async def code(product: Labelled) -> str:
    """What is on the label of a unit."""
    return (await make_codes(product, 1))[0]
