from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from core import db
from core.embedded import Servers
from points import ledger
from points.earning.activities import Receipt
from points.earning.receipts import explained
from points.programmes.policy import PointsRounding
from points.programmes.programmes import decide_policy
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.labels import Labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents

LATER_TERMS = (
    "claimed_sale_evidence_bp", "unit_evidence_bp", "matching_days", "claim_days", "return_days", "unit_maturity_days",
    "claimed_maturity_days", "scan_maturity_days", "expiry", "points_rounding", "spent_points", "guards",
)  # fmt: skip
"""Terms that policies of the first releases did not have."""


@pytest.mark.parametrize(("rounding", "points"), [(PointsRounding.FLOOR, 1), (PointsRounding.HALF_UP, 2)])
async def test_points_are_rounded_as_the_policy_says_and_the_receipt_works_out_and_says_so(
    product: Labelled, rounding: PointsRounding, points: int
) -> None:
    async with db.transaction() as session:
        terms = replace(AT_ONCE, points_rounding=rounding)
        programme = await make_programme(session, terms=terms, points_per_tonne=1_500)
        [one] = await make_residents(session, programme, 1)
    [receipt] = await credit(programme, sale(one, product.gtin))
    assert isinstance(receipt, Receipt)
    assert (receipt.grams, receipt.points) == (1000, points)
    async with db.transaction() as session:
        told = await explained(session, programme.programme_id, one, receipt.activity_id)
    [step] = [each for each in told.steps if each.key == "base_points"]
    assert str(rounding) in step.formula
    await assert_clean(programme)


async def test_receipts_of_a_policy_stored_before_the_later_terms_work_out_to_the_same_numbers(
    product: Labelled, embedded: Servers
) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session)
        [one] = await make_residents(session, programme, 1)
    await _forget_later_terms(embedded, programme)
    [receipt] = await credit(programme, sale(one, product.gtin, at=NOW - timedelta(days=1)))
    assert isinstance(receipt, Receipt)
    assert (receipt.grams, receipt.points) == (1000, 10)
    async with db.transaction() as session:
        terms = replace(AT_ONCE, points_rounding=PointsRounding.HALF_UP, maturity_days=9)
        await decide_policy(session, programme.programme_id, terms, effective_from=NOW)
        has = await ledger.holdings(session, programme.programme_id, one, now=NOW)
    assert (has.available, has.pending) == (10, 0)
    await assert_clean(programme)


async def _forget_later_terms(embedded: Servers, programme: Programme) -> None:
    assert embedded.migration_database_url
    owner = db.make_engine(embedded.migration_database_url)
    statement = text("UPDATE policy SET terms = terms - CAST(:names AS text[]) WHERE programme_id = :id")
    async with owner.begin() as connection:
        await connection.execute(statement, {"names": list(LATER_TERMS), "id": programme.programme_id})
    await owner.dispose()
