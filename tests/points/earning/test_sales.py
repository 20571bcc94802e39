from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from core import db, sql
from points.earning.activities import Claimable, Outcome, Reason, Receipt, Refusal
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean
from tests.factories.labels import make_labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.factories.statements import counted
from tests.factories.tills import report, rotating_code, sold, static_code


@pytest.fixture
async def gtin(database: str) -> str:
    async with db.transaction() as session:
        return (await make_labelled(session)).gtin


async def resident(programme: Programme) -> UUID:
    async with db.transaction() as session:
        return (await make_residents(session, programme, 1))[0]


def told(outcome: Outcome) -> Reason | int:
    assert isinstance(outcome, (Receipt, Refusal))
    return outcome.grams if isinstance(outcome, Receipt) else outcome.reason


async def test_one_code_is_good_for_every_line_and_receipt_of_its_moment(programme: Programme, gtin: str) -> None:
    code = await rotating_code(programme, await resident(programme))
    lines = [sold(gtin, code), sold(gtin, code, line=2), sold(gtin, code, receipt="R2")]
    assert [told(each) for each in await report(programme, *lines)] == [1000, 1000, 1000]
    again = await report(programme, *lines)
    assert [isinstance(each, Receipt) and each.replayed for each in again] == [True] * 3
    await assert_clean(programme)


async def test_an_offline_till_sends_its_sales_hours_later(programme: Programme, gtin: str) -> None:
    earlier = NOW - timedelta(hours=9)
    code = await rotating_code(programme, await resident(programme), at=earlier)
    [outcome] = await report(programme, sold(gtin, code, at=earlier + timedelta(seconds=60)))
    assert told(outcome) == 1000


async def test_a_copied_code_is_worth_nothing_later(programme: Programme, gtin: str) -> None:
    code = await rotating_code(programme, await resident(programme), at=NOW - timedelta(minutes=10))
    forged = ("1" if code[60] == "0" else "0").join((code[:60], code[61:]))
    lines = [sold(gtin, code), sold(gtin, forged, line=2), sold(gtin, "222222222222", line=3)]
    assert [told(each) for each in await report(programme, *lines)] == [
        Reason.MEMBER_CODE_EXPIRED,
        Reason.MEMBER_CODE_INVALID,
        Reason.UNKNOWN_MEMBER,
    ]


async def test_a_resident_is_credited_once_by_whichever_code(programme: Programme, gtin: str) -> None:
    member = await resident(programme)
    rotating, static = await rotating_code(programme, member), await static_code(programme, member)
    first = await report(programme, sold(gtin, rotating))
    again = await report(programme, sold(gtin, static))
    assert isinstance(first[0], Receipt)
    assert [replace(each, replayed=False) for each in again if isinstance(each, Receipt)] == first
    await assert_clean(programme)


async def test_a_programme_can_refuse_the_code_that_never_changes(database: str, gtin: str) -> None:
    async with db.transaction() as session:
        strict = await make_programme(session, terms=replace(AT_ONCE, static_member_codes=False))
    member = await resident(strict)
    codes = [await static_code(strict, member), await rotating_code(strict, member)]
    lines = [sold(gtin, code, line=number) for number, code in enumerate(codes, 1)]
    assert [told(each) for each in await report(strict, *lines)] == [Reason.MEMBER_CODE_NOT_TAKEN, 1000]


async def test_who_was_known_by_a_code_is_not_looked_up_again(programme: Programme, gtin: str) -> None:
    code = await static_code(programme, await resident(programme))
    with counted() as statements:
        [receipt] = await report(programme, sold(gtin, code))
    assert isinstance(receipt, Receipt)
    assert sum("FROM resident\n" in statement for statement in statements) == 1


@pytest.mark.parametrize("count", [2, 60])
async def test_the_number_of_statements_does_not_grow_with_the_lines(
    programme: Programme, gtin: str, count: int
) -> None:
    member = await resident(programme)
    code = await static_code(programme, member)
    lines = [sold(gtin, code if line % 2 else None, line=line) for line in range(1, count + 1)]
    seen: list[str] = []
    watch = seen.append
    sql.watchers.append(watch)
    try:
        outcomes = await report(programme, *lines)
    finally:
        sql.watchers.remove(watch)
    assert sum(isinstance(each, Claimable) for each in outcomes) == count // 2
    _COUNTS.add(len(seen))
    assert len(_COUNTS) == 1


_COUNTS: set[int] = set()
