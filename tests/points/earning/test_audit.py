"""Each proof is shown a difference, planted by the tables' owner; a proof that finds nothing proves nothing."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core import db
from core.embedded import Servers
from points.campaigns import campaigns
from points.campaigns.campaigns import CampaignDraft
from points.campaigns.rules import Bonus
from points.earning import audit
from points.earning.adjustments.return_lines import Bought, ReturnLine
from points.earning.recomputations import recompute
from points.earning.returns import record_returns
from points.programmes.tables import Programme
from tests.factories.credits import NOW, RETAILER, assert_clean, credit, sale
from tests.factories.labels import Labelled
from workers.till_keys import till_keys

UNDECIDED = """
    INSERT INTO review (programme_id, review_id, resident_id, state, rule, detail, facts, evidence, gtin, quantity,
        effective_at, recorded_at)
    SELECT programme_id, activity_id, resident_id, 1, 'till_burst', '', '{}', '{}', gtin, quantity, effective_at,
        effective_at
    FROM activity JOIN basis USING (programme_id, basis_id)
"""
"""A review of what was credited, that nobody opened and nobody decided."""
TAKEN = """
    INSERT INTO clawback_activity (programme_id, clawback_id, resident_id, activity_id, day, late, taken_grams,
        taken_points)
    SELECT programme_id, activity_id, resident_id, activity_id, day, false, 1, 1 FROM activity
"""
UNTOLD = """
    INSERT INTO clawback_resident (programme_id, clawback_id, phase, resident_id, activities, grams, points, pending,
        available, expired, owed, borne)
    SELECT programme_id, activity_id, 2, resident_id, 1, 1, 1, 0, 1, 0, 0, 0 FROM activity
"""
PLANTED = {
    "grams issued equal the sum of receipts": "UPDATE activity SET grams = grams + 1",
    "each receipt equals the postings of its entry": "UPDATE activity SET points = points - 1",
    "receipts and adjustments add up to residents' days": "UPDATE resident_day SET grams = grams + 1",
    "each adjustment equals the postings of its entry": "UPDATE adjustment SET points = points + 1",
    "no receipt is adjusted below nothing": "UPDATE adjustment SET units = -3",
    "what is given back is one adjustment of before, whole and once": "UPDATE adjustment SET kind = 6",
    "every return has exactly one claim": "UPDATE adjustment SET order_id = NULL",
    "every receipt's basis is there, with everything it names": "UPDATE activity SET basis_id = activity_id",
    "every label unit is credited on its own, sold, brought back, or superseded": "UPDATE activity SET kind = 3",
    "every receipt has exactly one claim": "UPDATE claim SET entry_id = NULL",
    "what a receipt says waits was kept": """
        UPDATE activity
        SET detail = jsonb_set(detail, '{waiting}', '{"019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f": 5}')
    """,
    "what waited is granted once, by an entry of its own": "UPDATE entry SET kind = 11",
    "what guards stopped is credited if it was accepted, and only then": UNDECIDED,
    "the last step of a review says the state it is in": UNDECIDED,
    "what retailers' caps count is what stands of their credits": """
        INSERT INTO tally (programme_id, scope, subject, period, lines, units, grams)
        SELECT DISTINCT programme_id, 2, CAST(retailer_id AS text), 1, 0, 0, 1 FROM activity
    """,
    "each clawback took what its adjustments say": TAKEN,
    "each resident was told once what a clawback took": UNTOLD,
}
WRONG_RECEIPTS = {
    "a gram more": "UPDATE activity SET saving_grams = saving_grams + 1",
    "another quantity": "UPDATE activity SET quantity = quantity + 1",
    "another evidence factor": "UPDATE activity SET evidence_bp = 5000",
    "a footprint nobody registered": "UPDATE basis SET footprint_id = baseline_id",
    "a unit with other content": "UPDATE basis SET units_micro_each = units_micro_each + 1000000",
    "a basis that is not there": "UPDATE activity SET basis_id = activity_id",
    "a rate that never was": "UPDATE activity SET rate_version = 9",
    "more left than its adjustment leaves": "UPDATE adjustment SET grams = grams + 1",
    "other units than went": "UPDATE adjustment SET units = units - 1",
    "fewer points without a cut": "UPDATE activity SET points = points - 1",
    "an award its campaign does not make": """
        UPDATE activity
        SET detail = jsonb_set(detail, ARRAY['awards', (SELECT jsonb_object_keys(detail -> 'awards'))], '8')
    """,
}


@pytest.fixture
async def history(programme: Programme, resident: UUID, product: Labelled) -> None:
    """A sale of two units, with a bonus of seven points from a campaign; one of them came back."""
    draft = CampaignDraft("周末", "Weekend", NOW - timedelta(days=1), NOW + timedelta(days=1), Bonus(points=7))
    async with db.transaction() as session:
        await campaigns.open(
            session, programme.programme_id, draft, funded_points=100, staff_id=resident, now=draft.starts_at
        )
    await credit(programme, sale(resident, product.gtin, quantity=2))
    line = ReturnLine("b", 1, Bought("r", 1), None, product.gtin, 1, NOW)
    async with db.transaction() as session:
        await record_returns(session, programme.programme_id, [(RETAILER, line)], keys=till_keys(), now=NOW)
    await assert_clean(programme)


async def plant(embedded: Servers, programme: Programme, statement: str) -> None:
    assert embedded.migration_database_url
    owner = db.make_engine(embedded.migration_database_url)
    append_only = [table for table in ("adjustment", "basis", "entry") if f"UPDATE {table} " in statement]
    async with owner.begin() as connection:
        for table in append_only:
            await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        await connection.execute(text(f"{statement} WHERE programme_id = :id"), {"id": programme.programme_id})
        for table in append_only:
            await connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    await owner.dispose()


@pytest.mark.parametrize("name", PLANTED)
async def test_the_audit_finds_what_was_planted(
    history: None, programme: Programme, embedded: Servers, name: str
) -> None:
    await plant(embedded, programme, PLANTED[name])
    async with db.transaction() as session:
        findings = {each.name: each for each in await audit.audit(session, programme.programme_id)}
    assert set(findings) == set(PLANTED), "each proof has a difference planted for it here"
    assert findings[name].differences > 0


@pytest.mark.parametrize("wrong", WRONG_RECEIPTS)
async def test_a_receipt_that_says_something_else_than_its_sources_is_found(
    history: None, programme: Programme, embedded: Servers, wrong: str
) -> None:
    await plant(embedded, programme, WRONG_RECEIPTS[wrong])
    async with db.transaction() as session:
        checked, differing = await recompute(session, programme.programme_id, after=UUID(int=0), limit=10)
    assert len(checked) == 1
    assert differing == checked
