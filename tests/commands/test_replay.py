import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from commands.door import completed
from core.db import transaction
from core.errors import OperatorError
from core.ids import new_id
from core.sql import run
from points.programmes.tables import Programme
from tests.commands.conftest import Run, Write
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents

HEADER = ("retailer", "receipt", "line", "member_code", "code", "quantity", "sold_at")
_MEMBER = text("SELECT member_code FROM resident WHERE programme_id = :programme_id")
LONG_AGO = datetime(2021, 3, 1, 12, tzinfo=UTC)


def _member(programme: Programme) -> str:
    async def work() -> str:
        async with transaction() as session:
            await make_residents(session, programme, 1)
            [row] = await run(session, _MEMBER, {"programme_id": programme.programme_id})
            return str(row.member_code)

    return completed(work)


def _shop(command: Run) -> str:
    name = f"Shop {new_id()}"
    command("partners", "add", name, "--name-zh", "店", "--role", "retailer")
    return name


def test_sales_are_credited_at_their_own_time_and_once_however_often_the_file_is_replayed(
    command: Run, table: Write, programme: Programme, labelled: Labelled
) -> None:
    shop, member = _shop(command), _member(programme)
    rows = [
        (shop, "a", 1, member, labelled.gtin, 2, LONG_AGO.isoformat()),
        (shop, "a", 2, "", labelled.gtin, 1, LONG_AGO.isoformat()),
    ]
    path = table("sales.csv", HEADER, rows)
    done = command("replay", path, "--programme", programme.slug)
    assert done.code == 0, done
    for told in ("Lines │ 2", "Credited │ 1", "receipt │ 1", "saved │ 2,000"):
        assert told in done.text
    again = command("replay", path, "--programme", programme.slug)
    assert "Credited │ 0" in again.text
    assert "Credited before │ 1" in again.text
    assert "no differences" in command("audit", "--programme", programme.slug, "--receipts").text


def test_what_came_back_is_taken_back_once_and_what_was_never_credited_is_told_by_its_reason(
    command: Run, table: Write, programme: Programme, labelled: Labelled
) -> None:
    shop, member = _shop(command), _member(programme)
    later = (LONG_AGO + timedelta(days=2)).isoformat()
    rows = [
        (shop, "C1", 1, member, labelled.gtin, -1, later),  # in a batch, sales come first wherever they stand
        (shop, "C1", 2, member, labelled.gtin, -3, later),
        (shop, "C1", 3, member, "POST", -1, later),
        (shop, "a", 1, member, labelled.gtin, 3, LONG_AGO.isoformat()),
    ]
    path = table("sales.csv", HEADER, rows)
    done = command("replay", path, "--programme", programme.slug)
    assert done.code == 0, done
    for told in (
        "Lines │ 4",
        "Credited │ 1",
        "saved │ 3,000",
        "Returned │ 1",
        "Units returned │ 1",
        "taken back │ 1,000",
        "Refused return: more_than_bought │ 1",
        "Refused return: invalid_code │ 1",
    ):
        assert told in done.text, told
    again = command("replay", path, "--programme", programme.slug)
    for told in ("Credited before │ 1", "Returned │ 0", "Returned before │ 1", "taken back │ 0"):
        assert told in again.text, told
    assert "no differences" in command("audit", "--programme", programme.slug, "--receipts").text


def test_what_is_too_old_is_judged_by_the_data_or_by_today(
    command: Run, table: Write, programme: Programme, labelled: Labelled
) -> None:
    shop, member = _shop(command), _member(programme)
    rows = [
        (shop, "old", 1, member, labelled.gtin, 1, (LONG_AGO - timedelta(days=90)).isoformat()),
        (shop, "new", 1, member, labelled.gtin, 1, LONG_AGO.isoformat()),
    ]
    path = table("sales.csv", HEADER, rows)
    assert "too_old │ 2" in command("replay", path, "--programme", programme.slug, "--today").text
    done = command("replay", path, "--programme", programme.slug)
    assert "Credited │ 1" in done.text
    assert "too_old │ 1" in done.text


def test_rows_that_can_not_be_read_are_told_and_the_others_credited(
    command: Run, table: Write, programme: Programme, labelled: Labelled
) -> None:
    shop, member = _shop(command), _member(programme)
    good = ("", "a", 1, member, labelled.gtin, 1, LONG_AGO.isoformat())
    rows = [
        good,
        (*good[:2], 0, *good[3:]),
        (*good[:5], "many", good[6]),
        (*good[:6], "2021-03-01T12:00:00"),
        ("Nobody's Shop", *good[1:]),
    ]
    done = command("replay", table("sales.csv", HEADER, rows), "--programme", programme.slug, "--retailer", shop)
    assert done.code == 1
    assert "Credited │ 1" in done.text
    for told in ("row 3: line", "row 4: quantity", "row 5: sold_at", "row 6: retailer"):
        assert told in done.text


def test_a_packed_file_of_json_lines_is_read_and_a_broken_one_is_told_by_its_line(
    command: Run, tmp_path: Path, programme: Programme, labelled: Labelled
) -> None:
    shop, member = _shop(command), _member(programme)
    row = dict(zip(HEADER, (shop, "j", 1, member, labelled.gtin, 1, LONG_AGO.isoformat()), strict=True))
    packed = tmp_path / "sales.ndjson.gz"
    packed.write_bytes(gzip.compress(f"{json.dumps(row)}\n\n".encode()))
    assert "Credited │ 1" in command("replay", packed, "--programme", programme.slug).text
    broken = tmp_path / "sales.ndjson"
    broken.write_text(f"{json.dumps(row)}\n{{\n", encoding="utf-8")
    done = command("replay", broken, "--programme", programme.slug)
    assert isinstance(done.error, OperatorError)
    assert "line 2" in str(done.error)
