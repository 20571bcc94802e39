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
from points.earning.recomputations import recompute
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.labels import Labelled

PLANTED = {
    "grams issued equal the sum of receipts": "UPDATE activity SET grams = grams + 1",
    "each receipt equals the postings of its entry": "UPDATE activity SET points = points - 1",
    "receipts add up to residents' days": "UPDATE resident_day SET activities = activities + 1",
    "every receipt has exactly one claim": "UPDATE claim SET entry_id = NULL",
}
WRONG_RECEIPTS = {
    "a gram more": "UPDATE activity SET saving_grams = saving_grams + 1",
    "another quantity": "UPDATE activity SET quantity = quantity + 1",
    "another evidence factor": "UPDATE activity SET evidence_bp = 5000",
    "a footprint nobody registered": "UPDATE activity SET footprint_id = baseline_id",
    "a rate that never was": "UPDATE activity SET rate_version = 9",
    "fewer points without a cut": "UPDATE activity SET points = points - 1",
    "an award its campaign does not make": "UPDATE activity SET detail = jsonb_set(detail, '{awards,0,wanted}', '8')",
}


@pytest.fixture
async def history(programme: Programme, resident: UUID, product: Labelled) -> None:
    """A sale of two units, with a bonus of seven points from a campaign."""
    draft = CampaignDraft("周末", "Weekend", NOW - timedelta(days=1), NOW + timedelta(days=1), Bonus(points=7))
    async with db.transaction() as session:
        await campaigns.open(session, programme.programme_id, draft, funded_points=100, staff_id=resident, now=NOW)
    await credit(programme, sale(resident, product.gtin, quantity=2))
    await assert_clean(programme)


async def plant(embedded: Servers, programme: Programme, statement: str) -> None:
    assert embedded.migration_database_url
    owner = db.make_engine(embedded.migration_database_url)
    async with owner.begin() as connection:
        await connection.execute(text(f"{statement} WHERE programme_id = :id"), {"id": programme.programme_id})
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
