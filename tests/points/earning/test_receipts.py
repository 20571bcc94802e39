from datetime import timedelta
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points.campaigns import campaigns
from points.campaigns.campaigns import CampaignDraft
from points.campaigns.rules import Bonus
from points.earning.activities import Receipt, Scan
from points.earning.receipts import explained
from points.errors import NotFoundError
from points.programmes.tables import Programme
from tests.factories.credits import NOW, credit, sale
from tests.factories.labels import Labelled
from tests.factories.units import make_units


async def test_a_receipt_tells_its_steps_to_its_owner_only(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    [receipt] = await credit(programme, sale(resident, product.gtin, quantity=2))
    assert isinstance(receipt, Receipt)
    async with db.transaction() as session:
        told = await explained(session, programme.programme_id, resident, receipt.activity_id)
        with pytest.raises(NotFoundError):
            await explained(session, programme.programme_id, new_id(), receipt.activity_id)
    assert told.receipt == receipt
    assert told.provenance.baseline_id == product.baseline_id
    results = {step.key: step.result for step in told.steps}
    assert results["floor"] == "2000 g CO2e"
    assert results["points"] == "20"


async def test_what_a_campaign_paid_is_told_by_its_name(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    draft = CampaignDraft("无车日", "Car-free day", NOW - timedelta(days=1), NOW + timedelta(days=1), Bonus(points=7))
    async with db.transaction() as session:
        await campaigns.open(
            session, programme.programme_id, draft, funded_points=1000, staff_id=new_id(), now=NOW - timedelta(days=2)
        )
    [receipt] = await credit(programme, sale(resident, product.gtin))
    assert isinstance(receipt, Receipt)
    async with db.transaction() as session:
        told = await explained(session, programme.programme_id, resident, receipt.activity_id)
    [step] = [step for step in told.steps if step.key == "campaign"]
    assert (step.name_zh, step.name_en) == ("活动奖励：无车日", "Campaign award: Car-free day")
    assert (step.formula, step.result) == ("7", "7")


async def test_a_sale_that_confirms_a_label_says_what_the_label_was_credited(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    async with db.transaction() as session:
        [code] = await make_units(session, product, 1)
    unit, sold = await credit(programme, Scan(resident, code, NOW)) + await credit(programme, sale(resident, code))
    assert isinstance(unit, Receipt)
    assert isinstance(sold, Receipt)
    async with db.transaction() as session:
        of_unit = await explained(session, programme.programme_id, resident, unit.activity_id)
        of_sale = await explained(session, programme.programme_id, resident, sold.activity_id)
    steps = {step.key: (step.formula, step.result) for step in of_sale.steps}
    assert steps["matched"] == ("1000 g - 500 g CO2e", "500 g CO2e")
    assert steps["credited"] == ("500 g CO2e", "500 g CO2e")
    assert of_unit.provenance.evidence_bp == 5000
    assert "matched" not in {step.key for step in of_unit.steps}
