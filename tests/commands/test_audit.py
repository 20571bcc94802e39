from datetime import UTC, datetime

from sqlalchemy import text

from commands.door import completed
from core.db import transaction
from core.sql import run
from points.earning.activities import Receipt, SaleLine
from points.earning.sales import record_sales
from points.programmes.tables import Programme
from tests.commands.conftest import Run
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents
from workers.till_keys import till_keys

NOW = datetime(2026, 5, 1, tzinfo=UTC)
_MEMBER = text("SELECT member_code FROM resident WHERE programme_id = :programme_id")
_SPOIL = text("UPDATE activity SET saving_grams = saving_grams + 1 WHERE programme_id = :programme_id")
_LOSE = text("UPDATE balance SET amount = amount + 1 WHERE programme_id = :programme_id AND kind = 1 AND asset = 1")


def _credit(programme: Programme, labelled: Labelled) -> None:
    async def work() -> None:
        async with transaction() as session:
            await make_residents(session, programme, 1)
            [row] = await run(session, _MEMBER, {"programme_id": programme.programme_id})
            line = SaleLine("r", 1, row.member_code, labelled.gtin, 2, NOW)
            [outcome] = await record_sales(
                session, programme.programme_id, programme.base_budget_id, [line], keys=till_keys(), now=NOW
            )
            assert isinstance(outcome, Receipt)

    completed(work)


def _change(programme: Programme, statement: object) -> None:
    async def work() -> None:
        async with transaction() as session:
            await run(session, statement, {"programme_id": programme.programme_id})  # type: ignore[arg-type]

    completed(work)


def test_a_sound_programme_has_no_differences_and_its_receipts_recompute(
    command: Run, programme: Programme, labelled: Labelled
) -> None:
    _credit(programme, labelled)
    done = command("audit", "--programme", programme.slug, "--receipts")
    assert done.code == 0, done
    assert f"{programme.slug}: no differences." in done.text
    assert "every receipt recomputes to its own numbers │ 1 │ 0 │" in done.text


def test_a_balance_that_is_not_the_sum_of_its_postings_ends_with_code_1(
    command: Run, programme: Programme, labelled: Labelled
) -> None:
    _credit(programme, labelled)
    _change(programme, _LOSE)
    done = command("audit", "--programme", programme.slug)
    assert done.code == 1
    assert "1 differences" in done.text


def test_a_receipt_that_does_not_recompute_is_named(command: Run, programme: Programme, labelled: Labelled) -> None:
    _credit(programme, labelled)
    _change(programme, _SPOIL)
    assert command("audit", "--programme", programme.slug).code == 0  # adding up alone does not see it
    done = command("audit", "--programme", programme.slug, "--receipts")
    assert done.code == 1
    assert "Differs: receipt" in done.text
