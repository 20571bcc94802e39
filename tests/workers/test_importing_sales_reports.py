"""What the report of a file says: of a dry run, and of a spreadsheet's own times, in the programme's zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from core import clock
from core.db import transaction
from points.earning.sales_files import takers
from points.programmes.tables import Programme
from tests.factories.credits import assert_clean
from tests.factories.sales_files import RETURNS, SALES, SOLD_AT, Shop, make_shop, sales_csv, sales_xlsx, told_of


@pytest.fixture
async def shop(programme: Programme) -> Shop:
    return await make_shop(programme)


async def test_a_dry_run_tells_no_claim_code_and_the_run_in_earnest_does(shop: Shop) -> None:
    [(receipt, line, _, *rest)] = shop.rows(1)
    data = sales_csv([(receipt, line, "", *rest)])
    for _ in range(2):  # before and after it was recorded
        dry = (await told_of(shop, data, dry_run=True))[0]
        assert (dry["reason"], "claim_code=" in str(dry["detail"])) == ("anonymous", False)
        assert "dry run" in str(dry["detail"])
        assert "claim_code=" in str((await told_of(shop, data))[0]["detail"])


async def in_zone(shop: Shop, name: str) -> None:
    async with transaction() as session:
        (await session.get_one(Programme, shop.programme.programme_id)).time_zone = name


async def test_a_workbooks_own_times_are_of_the_programmes_zone_and_say_the_same_as_text(shop: Shop) -> None:
    await in_zone(shop, "America/New_York")
    at = SOLD_AT.replace(microsecond=0)
    local = at.astimezone(ZoneInfo("America/New_York")).replace(tzinfo=None)
    member, gtin = shop.member_codes[0], shop.gtin
    told = await told_of(shop, sales_xlsx([(317, 1, member, int(gtin), 1, local)]))
    assert [line["outcome"] for line in told] == ["credited"], told
    rows = [
        ("317", 1, member, gtin, 1, at.isoformat(), ""),
        ("317", 1, member, gtin, 1, local.isoformat(), "America/New_York"),
    ]
    told = await told_of(shop, sales_csv(rows, (*SALES, "time_zone")))
    assert [line["outcome"] for line in told] == ["replayed", "replayed"], told
    header = tuple("returned_at" if name == "sold_at" else name for name in SALES)
    told = await told_of(shop, sales_xlsx([("back", 1, member, int(gtin), 1, local)], header), "returns")
    assert [line["outcome"] for line in told] == ["returned"], told
    await assert_clean(shop.programme)


async def test_times_that_clocks_show_twice_or_never_and_days_are_told_by_row_with_a_remedy(shop: Shop) -> None:
    await in_zone(shop, "America/New_York")
    member, gtin = shop.member_codes[0], shop.gtin
    moments = [
        datetime(2026, 3, 8, 2, 30),  # noqa: DTZ001 - a workbook knows no zones
        datetime(2025, 11, 2, 1, 30),  # noqa: DTZ001 - as above
        date(2026, 5, 1),
        46143.5,
        "2026-05-01T08:30:00",
    ]
    told = await told_of(shop, sales_xlsx([("r", n, member, gtin, 1, at) for n, at in enumerate(moments, start=1)]))
    assert [(line["outcome"], line["field"]) for line in told] == [("unreadable", "sold_at")] * 5
    says = ("never was", "was twice", "day without a time", "bare number", "column time_zone")
    assert [word in str(line["detail"]) for word, line in zip(says, told, strict=True)] == [True] * 5, told


async def test_a_file_of_returns_that_comes_before_its_sales_is_taken_whole_when_it_comes_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takers, "CHUNK_LINES", 3)
    now = clock.now().isoformat()
    rows = [(f"back{n}", 1, row[0], row[1], row[2], row[3], 1, now) for n, row in enumerate(shop.rows(10))]
    data = sales_csv(reversed(rows), RETURNS)
    early = await told_of(shop, data, "returns")
    assert {line["reason"] for line in early} == {"no_such_sale"}
    assert "send the sale first, then the return again" in str(early[0]["detail"])
    await told_of(shop, sales_csv(shop.rows(10)))
    assert {line["outcome"] for line in await told_of(shop, data, "returns")} == {"returned"}
    assert {line["outcome"] for line in await told_of(shop, data, "returns")} == {"replayed"}
    await assert_clean(shop.programme)
