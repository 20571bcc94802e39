import asyncio
import csv
from pathlib import Path

from sqlalchemy import text

from commands.door import completed
from commands.sales_files import _followed
from core import clock
from core.db import transaction
from core.errors import OperatorError
from core.ids import new_id
from core.sql import run
from points.programmes.tables import Programme
from tests.commands.conftest import Run, Write
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents
from tests.factories.sales_files import RETURNS, SALES, hand_in, sales_csv
from workers.importing import take_forward

_LOCK = text("SELECT number FROM import_chunk WHERE job_id = :job_id AND NOT done FOR UPDATE")
_MEMBER = text("SELECT member_code FROM resident WHERE programme_id = :programme_id")


def _member(programme: Programme) -> str:
    async def work() -> str:
        async with transaction() as session:
            await make_residents(session, programme, 1)
            [row] = await run(session, _MEMBER, {"programme_id": programme.programme_id})
            return str(row.member_code)

    return completed(work)


def test_sales_and_their_returns_are_imported_dry_and_in_earnest_once_with_a_report_of_every_line(
    command: Run, table: Write, programme: Programme, labelled: Labelled, tmp_path: Path
) -> None:
    shop, member, now = f"Shop {new_id()}", _member(programme), clock.now().isoformat()
    command("partners", "add", shop, "--name-zh", "店", "--role", "retailer")
    own = ("--retailer", shop, "--programme", programme.slug)
    rows = [("a", number, member, labelled.gtin, 1, now) for number in (1, 2, "x")]
    path = table("sales.csv", SALES, rows)
    dry = command("import", "sales", path, *own, "--dry-run")
    assert (dry.code, "Credited │ 2" in dry.text, "dry run" in dry.text) == (1, True, True)
    report = tmp_path / "report.csv"
    done = command("import", "sales", path, *own, "--report", str(report))
    assert (done.code, "Credited │ 2" in done.text, "Unreadable │ 1" in done.text) == (1, True, True)
    with report.open(encoding="utf-8", newline="") as file:
        assert [(line["row"], line["outcome"]) for line in csv.DictReader(file)] == [
            ("2", "credited"),
            ("3", "credited"),
            ("4", "unreadable"),
        ]
    assert "Replayed │ 2" in command("import", "sales", path, *own).text
    back = table("returns.csv", RETURNS, [("b", 1, "a", 1, member, labelled.gtin, 1, clock.now().isoformat())])
    returned = command("import", "returns", back, *own)
    assert (returned.code, "Returned │ 1" in returned.text, "Grams taken back │ 1,000" in returned.text) == (0, 1, 1)
    assert "no differences" in command("audit", "--programme", programme.slug).text


def test_a_retailer_nobody_knows_and_a_file_that_is_no_table_are_told(
    command: Run, table: Write, programme: Programme
) -> None:
    path = table("sales.csv", ("receipt", "line"), [("a", 1)])
    unknown = command("import", "sales", path, "--retailer", "Nobody", "--programme", programme.slug)
    assert isinstance(unknown.error, OperatorError)
    assert "--retailer must be" in str(unknown.error)
    shop = f"Shop {new_id()}"
    command("partners", "add", shop, "--name-zh", "店", "--role", "retailer")
    done = command("import", "sales", path, "--retailer", shop, "--programme", programme.slug)
    assert (done.code, "no column member_code" in done.text) == (1, True)


def test_an_encoding_that_is_not_read_is_refused_before_anything_is_done(
    command: Run, table: Write, programme: Programme
) -> None:
    path = table("sales.csv", SALES, [])
    done = command(
        "import", "sales", path, "--retailer", "Shop", "--programme", programme.slug, "--encoding", "latin-1"
    )
    assert done.code == 2
    assert "gb18030" in done.text


async def test_a_file_whose_last_lines_a_worker_is_at_is_waited_for_and_not_given_up(
    programme: Programme, labelled: Labelled
) -> None:
    job_id = await hand_in(programme, labelled.certifier_id, sales_csv([("r", "x", "", "1", 1, "now")]))
    await take_forward(job_id, seconds=0)
    async with transaction() as session:
        assert len(await run(session, _LOCK, {"job_id": job_id})) == 1
        following = asyncio.create_task(_followed(job_id, Path("sales.csv")))
        await asyncio.sleep(1.5)
    job = await following
    assert (job.state, job.rows_done, job.failure) == ("done", 1, "")
