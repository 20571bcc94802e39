import pytest

from core.db import transaction
from points.programmes.tables import Programme
from tests.factories.programmes import make_programme


@pytest.fixture
async def other_programme(database: str) -> Programme:
    async with transaction() as session:
        return await make_programme(session)
