from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points.earning.activities import Receipt
from points.earning.receipts import explained
from points.errors import NotFoundError
from points.programmes.tables import Programme
from tests.factories.credits import credit, sale
from tests.factories.labels import Labelled


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
