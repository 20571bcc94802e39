"""What activities were worked out from: one row for all that are alike, under an id that follows from what it says."""

import asyncio
import importlib
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from core import db
from core.sql import run
from labels.savings import BaselineFact, Basis, FootprintFact
from points.earning.activities import Receipt, Scan
from points.earning.bases import CitedBasis
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.labels import make_labelled
from tests.factories.residents import make_residents

GTIN = "09521234543213"
DAY = date(2026, 1, 1)
FIGURES = ("kg", "cradle_to_gate", "ISO 14067", "CN")
FOOTPRINT = FootprintFact(
    UUID(int=1), "tea", 3_000_000, *FIGURES, 500, False, DAY, None, datetime(2026, 1, 1, tzinfo=UTC)
)
BASELINE = BaselineFact(
    UUID(int=2), "tea", 5_000_000, *FIGURES, "category_mean", DAY, None, datetime(2026, 1, 1, tzinfo=UTC)
)
BASIS = Basis(UUID(int=3), "C-1", FOOTPRINT, BASELINE, 250_000)
OTHERS = {
    "product": CitedBasis.of("09521234543220", BASIS),
    "certificate": CitedBasis.of(GTIN, replace(BASIS, certificate_id=UUID(int=4))),
    "footprint": CitedBasis.of(GTIN, replace(BASIS, footprint=replace(FOOTPRINT, id=UUID(int=4)))),
    "baseline": CitedBasis.of(GTIN, replace(BASIS, baseline=replace(BASELINE, id=UUID(int=4)))),
    "content": CitedBasis.of(GTIN, replace(BASIS, units_micro_each=250_001)),
}
ROWS = text("SELECT basis_id FROM basis WHERE programme_id = :programme_id")


@pytest.mark.parametrize("what", OTHERS)
def test_whatever_differs_makes_another_id(what: str) -> None:
    assert OTHERS[what].basis_id != CitedBasis.of(GTIN, BASIS).basis_id


def test_the_same_makes_the_same_id() -> None:
    assert CitedBasis.of(GTIN, replace(BASIS, certificate_number="C-2")).basis_id == CitedBasis.of(GTIN, BASIS).basis_id


async def test_activities_of_before_get_the_ids_that_are_worked_out_now(database: str) -> None:
    revision = importlib.import_module("migrations.versions.0009_evidence")
    columns = "certificate_id, footprint_id, baseline_id, units_micro, quantity, gtin"
    stored = "CAST(:certificate AS uuid), CAST(:footprint AS uuid), CAST(:baseline AS uuid), 750000::bigint, 3, :gtin"
    statement = text(f"SELECT {revision._BASIS_ID} AS id FROM (VALUES ({stored})) AS t ({columns})")
    ids = {"certificate": BASIS.certificate_id, "footprint": FOOTPRINT.id, "baseline": BASELINE.id}
    async with db.transaction() as session:
        [row] = await run(session, statement, {**ids, "gtin": GTIN})
    assert row.id == CitedBasis.of(GTIN, BASIS).basis_id


async def test_batches_that_cite_a_product_first_at_the_same_time_share_one_row(programme: Programme) -> None:
    async with db.transaction() as session:
        products = [await make_labelled(session) for _ in range(3)]
        residents = await make_residents(session, programme, 6)
    batches = [
        [sale(resident, each.gtin, receipt=str(resident), line=line) for line, each in enumerate(products, start=1)]
        for resident in residents
    ]
    outcomes = await asyncio.gather(
        *(credit(programme, *batch[:: 1 if turn % 2 else -1]) for turn, batch in enumerate(batches))
    )
    assert all(isinstance(each, Receipt) for batch in outcomes for each in batch)
    async with db.transaction() as session:
        assert len(await run(session, ROWS, {"programme_id": programme.programme_id})) == len(products)
    await assert_clean(programme)


async def test_a_scan_and_a_sale_of_a_product_share_its_basis(programme: Programme) -> None:
    async with db.transaction() as session:
        product = await make_labelled(session)
        [ann] = await make_residents(session, programme, 1)
    await credit(programme, sale(ann, product.gtin, quantity=2), Scan(ann, product.gtin, NOW))
    async with db.transaction() as session:
        assert len(await run(session, ROWS, {"programme_id": programme.programme_id})) == 1
    await assert_clean(programme)
