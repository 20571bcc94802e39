"""Revisions with rows there: what was credited before one stands after it, to the gram, and the audit finds nothing."""

from datetime import timedelta
from uuid import UUID

from core import db
from migrations.apply import downgrade, upgrade
from points.earning.activities import Receipt, Scan
from points.earning.adjustments.return_lines import Bought
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit
from tests.factories.databases import rows
from tests.factories.labels import Labelled, make_labelled
from tests.factories.programmes import make_programme
from tests.factories.residents import make_residents
from tests.factories.returns import back, member_of, returned, sold, units

BEFORE_EVIDENCE = "0008"
LEDGER = ("claim", "entry", "posting", "lot", "balance", "activity", "programme", "policy", "resident")
CITED = ("certificate_id", "footprint_id", "baseline_id", "gtin")


async def credited() -> tuple[Programme, Labelled, list[UUID]]:
    """Credit sales and scans of the kinds that there were before that revision."""
    async with db.transaction() as session:
        programme = await make_programme(session)
        product, other = await make_labelled(session), await make_labelled(session)
        residents = await make_residents(session, programme, 3)
    for number, resident in enumerate(residents):
        member = await member_of(programme, resident)
        for line, bought in enumerate((product, other), start=1):
            at = NOW - timedelta(days=line)
            await sold(programme, member, bought, receipt=f"S{number}", line=line, quantity=number + line, at=at)
        await credit(programme, Scan(resident, product.gtin, NOW))
    return programme, product, residents


async def test_what_was_credited_before_evidence_was_kept_is_intact_at_the_head_and_goes_on(filled: str) -> None:
    programme, product, residents = await credited()
    await db.dispose()
    stood = {table: await rows(filled, table) for table in LEDGER}
    based = {str(each["basis_id"]): each for each in await rows(filled, "basis")}
    assert (len(stood["activity"]), len(based)) == (9, 2)
    await downgrade(filled, BEFORE_EVIDENCE)
    before = {str(each["activity_id"]): each for each in await rows(filled, "activity")}
    for each in stood["activity"]:
        activity, basis = before[str(each["activity_id"])], based[str(each["basis_id"])]
        assert [activity[name] for name in CITED] == [basis[name] for name in CITED]
        assert activity["units_micro"] == int(str(basis["units_micro_each"])) * int(str(each["quantity"]))
    await upgrade(filled)
    assert {table: await rows(filled, table) for table in LEDGER} == stood
    assert {str(each["basis_id"]): each for each in await rows(filled, "basis")} == based
    db._Engine.current = db.make_engine(filled)
    await assert_clean(programme)
    member = await member_of(programme, residents[2])
    again = await sold(programme, member, product, receipt="S2", line=1, quantity=3, at=NOW - timedelta(days=1))
    assert isinstance(again, Receipt)
    assert (again.replayed, again.grams) == (True, 3_000)
    [taken] = await returned(programme, back(product, 2, bought=Bought("S2", 1)))
    assert units(taken) == [(2, 1)]
    await assert_clean(programme)
