"""Files of sales and returns through the use cases behind the API: what counts, is told, and what a crash leaves."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest
from sqlmodel import false, func, select

from core import clock
from core.db import transaction
from labels.import_jobs import chunks, jobs
from labels.import_jobs.archives import Bounds
from labels.import_jobs.tables import ImportChunk, ImportJob
from points.earning.sales_files import takers
from points.earning.tables import Activity
from points.programmes.tables import Programme
from tests.factories.credits import assert_clean
from tests.factories.import_jobs import finished
from tests.factories.sales_files import (
    RETURNS,
    SALES,
    SOLD_AT,
    Shop,
    hand_in,
    make_shop,
    report_of,
    sales_csv,
    sales_ndjson,
    sales_xlsx,
)
from workers.importing import take_forward


class KilledError(Exception):
    """Stands for the end of a process."""


@pytest.fixture
async def shop(programme: Programme, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr(takers, "CHUNK_LINES", 10)
    return await make_shop(programme)


async def credited(shop: Shop) -> int:
    async with transaction() as session:
        count = select(func.count()).where(Activity.programme_id == shop.programme.programme_id)
        return (await session.exec(count)).one()


def told(job: ImportJob, *names: str) -> tuple[object, ...]:
    return job.state, job.rows_done, *(job.totals.get(name, 0) for name in names)


@pytest.mark.parametrize("file", [sales_csv, sales_xlsx, sales_ndjson])
async def test_a_file_is_credited_once_whatever_form_it_has_and_its_report_has_every_line(
    shop: Shop, file: Callable[..., bytes]
) -> None:
    data = file(shop.rows(35))
    first = await hand_in(shop.programme, shop.retailer_id, data)
    job = await finished(first)
    assert told(job, "credited", "replayed", "refused") == ("done", 35, 35, 0, 0)
    report = await report_of(first)
    start = 1 if file is sales_ndjson else 2
    assert [line["row"] for line in report] == list(range(start, 35 + start))
    assert {(line["receipt"], line["line"]) for line in report} == {(row[0], row[1]) for row in shop.rows(35)}
    assert sum(int(str(line["grams"])) for line in report) == job.totals["grams"] == 35_000
    again = await hand_in(shop.programme, shop.retailer_id, data)
    assert told(await finished(again), "credited", "replayed", "grams") == ("done", 35, 0, 35, 0)
    assert await credited(shop) == 35
    await assert_clean(shop.programme)


@pytest.mark.parametrize("file", [sales_csv, sales_ndjson])
async def test_no_two_chunks_of_a_stretch_wait_for_the_same_member(shop: Shop, file: Callable[..., bytes]) -> None:
    rows = shop.rows(18)
    job_id = await hand_in(shop.programme, shop.retailer_id, file(rows))
    await take_forward(job_id, seconds=0)
    async with transaction() as session:
        query = select(ImportChunk.data).where(ImportChunk.job_id == job_id, ImportChunk.done == false())
        data = [bytes(each or b"").decode() for each in (await session.exec(query)).all()]
    assert sum(each.count(shop.gtin) for each in data) == len(rows)
    for member_code in shop.member_codes:
        assert sum(member_code in each for each in data) == 1


async def test_a_dry_run_tells_what_would_be_and_leaves_nothing(shop: Shop) -> None:
    job_id = await hand_in(shop.programme, shop.retailer_id, sales_csv(shop.rows(25)), dry_run=True)
    job = await finished(job_id)
    assert told(job, "credited", "grams") == ("done", 25, 25, 25_000)
    assert len(await report_of(job_id)) == 25
    assert await credited(shop) == 0
    await assert_clean(shop.programme)


async def test_rows_that_say_nothing_and_lines_that_earn_nothing_are_told_by_row_field_and_reason(shop: Shop) -> None:
    good = shop.rows(1)[0]
    receipt, line, member, code, quantity, sold_at = good
    rows = [
        good,
        (receipt, "one", member, code, quantity, sold_at),
        (),
        (receipt, 3, member, code, "1.5", sold_at),
        (receipt, 4, member, code, quantity, "yesterday"),
        (receipt, 5, "", code, quantity, sold_at),
        (receipt, 6, member, "9521234543214", quantity, sold_at),
        (*good, "one cell too many"),
        ("", line, member, code, quantity, sold_at),
        ("a\0b", line, member, code, quantity, sold_at),
    ]
    job_id = await hand_in(shop.programme, shop.retailer_id, sales_csv(rows))
    job = await finished(job_id)
    assert told(job, "credited", "refused", "unreadable", "blank") == ("done", 10, 1, 2, 6, 1)
    assert (job.totals["reason:anonymous"], job.totals["reason:invalid_code"], job.refused) == (1, 1, 8)
    report = await report_of(job_id)
    assert [(line["row"], line["outcome"], line["field"] or line["reason"]) for line in report] == [
        (2, "credited", ""),
        (3, "unreadable", "line"),
        (5, "unreadable", "quantity"),
        (6, "unreadable", "sold_at"),
        (7, "refused", "anonymous"),
        (8, "refused", "invalid_code"),
        (9, "unreadable", "row"),
        (10, "unreadable", "receipt"),
        (11, "unreadable", "receipt"),
    ]
    assert "claim_code=" in str(report[4]["detail"])
    assert all(line["detail"] for line in report[1:])


async def test_lines_that_are_no_json_or_of_another_retailer_are_told_alone(shop: Shop) -> None:
    header = (*SALES, "retailer")
    rows = [(*shop.rows(1)[0], str(shop.retailer_id)), (*shop.rows(2)[1], "Somebody Else")]
    data = sales_ndjson(rows, header) + b"{broken\n[1]\n\n"
    job_id = await hand_in(shop.programme, shop.retailer_id, data)
    assert told(await finished(job_id), "credited", "unreadable", "blank") == ("done", 5, 1, 3, 1)
    assert [line["field"] for line in await report_of(job_id)] == ["", "retailer", "row", "row"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"receipt,line,code,quantity,sold_at\n", "no column member_code"),
        (b"\x00\x01\x02\xff binary", "Row 1 is not in utf-8"),
        (b"receipt,receipt,line,member_code,code,quantity,sold_at\n", "there twice"),
    ],
)
async def test_a_file_that_can_not_be_read_counts_nothing_and_says_why(shop: Shop, data: bytes, reason: str) -> None:
    job = await finished(await hand_in(shop.programme, shop.retailer_id, data))
    assert (job.state, job.rows_done, reason in job.failure) == ("failed", 0, True), job.failure


async def test_a_header_without_rows_is_done_at_once_and_a_row_too_many_counts_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await finished(await hand_in(shop.programme, shop.retailer_id, sales_csv([])))
    assert told(job, "credited") == ("done", 0, 0)
    monkeypatch.setattr(takers, "_BOUNDS", Bounds(rows=4))
    job = await finished(await hand_in(shop.programme, shop.retailer_id, sales_csv(shop.rows(5))))
    assert (job.state, "more than 4 rows" in job.failure, await credited(shop)) == ("failed", True, 0)


async def test_two_imports_of_one_file_at_once_by_several_workers_credit_each_line_once(shop: Shop) -> None:
    data = sales_csv(shop.rows(60))
    ids = [await hand_in(shop.programme, shop.retailer_id, data) for _ in range(2)]
    await asyncio.gather(*(finished(job_id) for job_id in ids for _ in range(3)))
    done = [await finished(job_id) for job_id in ids]
    totals = sum((Counter(job.totals) for job in done), Counter())
    assert [job.rows_done for job in done] == [60, 60]
    assert (totals["credited"], totals["replayed"], await credited(shop)) == (60, 60, 60)
    await assert_clean(shop.programme)


@pytest.mark.parametrize("statement", range(1, 26, 3))
async def test_a_crash_at_any_statement_of_a_chunk_leaves_whole_chunks_and_the_next_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, statement: int
) -> None:
    from core import sql  # noqa: PLC0415 - its watchers are what is used

    rows = shop.rows(60)  # of three members, twenty each: three chunks at the least
    job_id = await hand_in(shop.programme, shop.retailer_id, sales_csv(rows))
    heard = 0

    def die(_: str) -> None:
        nonlocal heard
        heard += 1
        if heard == 20 + statement:
            raise KilledError

    monkeypatch.setattr(sql, "watchers", [die])
    try:
        await take_forward(job_id, seconds=60)
    except KilledError:
        died = True
    else:
        died = False
    monkeypatch.setattr(sql, "watchers", [])
    assert died
    async with transaction() as session:
        before = await session.get_one(ImportJob, job_id)
    assert (before.rows_done % 10, await credited(shop)) == (0, before.rows_done)
    job = await finished(job_id)
    assert told(job, "credited", "replayed") == ("done", 60, 60, 0)
    assert len(await report_of(job_id)) == 60
    await assert_clean(shop.programme)


@pytest.mark.parametrize("kind", ["sales", "returns"])
async def test_a_time_at_the_end_of_the_calendar_is_told_and_keeps_no_other_line_back(shop: Shop, kind: str) -> None:
    rows, ends = shop.rows(2), ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00")
    odd = [(f"odd{number}", 1, shop.member_codes[0], shop.gtin, 1, end) for number, end in enumerate(ends)]
    header = SALES if kind == "sales" else tuple("returned_at" if name == "sold_at" else name for name in SALES)
    job = await finished(await hand_in(shop.programme, shop.retailer_id, sales_csv([*odd, *rows], header), kind))
    assert told(job, "unreadable", "credited") == ("done", 5, 3, 2 if kind == "sales" else 0)


async def test_a_cancelled_file_credits_no_more(shop: Shop) -> None:
    job_id = await hand_in(shop.programme, shop.retailer_id, sales_csv(shop.rows(40)))
    async with transaction() as session:
        job = await session.get_one(ImportJob, job_id)
        await jobs.cancel(session, {job.owner}, job_id, now=clock.now())
    job = await finished(job_id)
    assert (job.state, job.rows_done, await credited(shop)) == ("cancelled", 0, 0)
    async with transaction() as session:
        assert await chunks.parts(session, job_id, first=0, limit=1) == []


async def test_a_file_of_returns_takes_back_once_what_its_sales_had_credited(shop: Shop) -> None:
    await finished(await hand_in(shop.programme, shop.retailer_id, sales_csv(shop.rows(20))))
    rows = [
        (f"back{number}", 1, row[0], row[1], row[2], row[3], 1, clock.now().isoformat())
        for number, row in enumerate(shop.rows(12))
    ]
    rows.append(("back99", 1, "never", 1, shop.member_codes[0], shop.gtin, 1, clock.now().isoformat()))
    rows.append(("back98", 1, "r1", "x", shop.member_codes[0], shop.gtin, 1, clock.now().isoformat()))
    data = sales_csv(rows, RETURNS)
    first = await hand_in(shop.programme, shop.retailer_id, data, "returns")
    assert told(await finished(first), "returned", "grams_taken_back", "refused", "unreadable") == (
        "done",
        14,
        12,
        12_000,
        1,
        1,
    )
    report = await report_of(first)
    assert [(line["outcome"], line["reason"], line["field"]) for line in report[-2:]] == [
        ("refused", "no_such_sale", ""),
        ("unreadable", "unreadable", "bought_line"),
    ]
    again = await hand_in(shop.programme, shop.retailer_id, data, "returns")
    assert told(await finished(again), "returned", "replayed", "grams_taken_back") == ("done", 14, 0, 12, 0)
    await assert_clean(shop.programme)


async def test_what_came_back_is_told_where_to_send_it_and_taken_back_without_the_receipt_of_its_sale(
    shop: Shop,
) -> None:
    sold = (*shop.rows(1)[0][:4], 5, SOLD_AT.isoformat())
    back = ("back", 1, shop.member_codes[0], shop.gtin, -2, clock.now().isoformat())
    job_id = await hand_in(shop.programme, shop.retailer_id, sales_csv([sold, back]))
    assert told(await finished(job_id), "credited", "refused", "grams") == ("done", 2, 1, 1, 5_000)
    refused = (await report_of(job_id))[1]
    assert (refused["row"], refused["outcome"], refused["reason"]) == (3, "refused", "returns_not_accepted")
    assert "/v1/returns" in str(refused["detail"])
    assert "kind returns" in str(refused["detail"])
    header = ("receipt", "line", "member_code", "code", "quantity", "returned_at")
    returns = sales_csv([(*back[:4], 2, back[5]), (*back[:1], 2, *back[2:4], 4, back[5])], header)
    job_id = await hand_in(shop.programme, shop.retailer_id, returns, "returns")
    assert told(await finished(job_id), "returned", "refused", "grams_taken_back") == ("done", 2, 1, 1, 2_000)
    assert [line["reason"] for line in await report_of(job_id)] == ["", "more_than_bought"]
    await assert_clean(shop.programme)
