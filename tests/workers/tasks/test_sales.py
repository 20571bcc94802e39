from datetime import timedelta

import pytest
from sqlalchemy import text

from core.db import transaction
from core.sql import run
from points.programmes.tables import Programme
from tests.factories.credits import NOW
from tests.factories.labels import make_labelled
from tests.factories.tills import report, sold
from workers.tasks import sales


async def test_a_sweep_goes_on_until_there_is_less_than_a_chunk(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sales, "CHUNK", 2)
    async with transaction() as session:
        gtin = (await make_labelled(session)).gtin
    at = NOW - timedelta(days=100)
    await report(programme, *(sold(gtin, receipt=f"R{each}", at=at) for each in range(5)), now=at)
    await report(programme, sold(gtin, receipt="today"))
    await sales._sweep(programme.programme_id)
    async with transaction() as session:
        statement = text("SELECT receipt FROM anonymous_sale WHERE programme_id = :programme_id")
        rows = await run(session, statement, {"programme_id": programme.programme_id})
    assert [row.receipt for row in rows] == ["today"]
