import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core import db
from core.ids import new_id
from core.sql import run
from points.earning.activities import Claimable, Kind, Outcome, Reason, Receipt, Refusal, SaleLine
from points.errors import NotFoundError, PointsError, ReceiptAlreadyClaimedError, StateConflictError
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean
from tests.factories.labels import make_labelled
from tests.factories.residents import make_residents
from tests.factories.tills import claimed, report, sold, static_code


@pytest.fixture
async def gtin(database: str) -> str:
    async with db.transaction() as session:
        return (await make_labelled(session)).gtin


async def residents(programme: Programme, count: int) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, programme, count)


def code_of(outcome: Outcome) -> str:
    assert isinstance(outcome, Claimable), outcome
    assert outcome.reason is Reason.ANONYMOUS
    return outcome.claim_code


def grams(outcome: Outcome) -> int:
    assert isinstance(outcome, Receipt), outcome
    return outcome.grams


def reason(outcome: Outcome) -> Reason:
    assert isinstance(outcome, Refusal), outcome
    return outcome.reason


async def rows(programme: Programme) -> int:
    async with db.transaction() as session:
        statement = text("SELECT count(*) AS n FROM anonymous_sale WHERE programme_id = :programme_id")
        return (await run(session, statement, {"programme_id": programme.programme_id}))[0].n  # type: ignore[no-any-return]  # a count


async def bring_back(programme: Programme, code: str, units: int) -> None:
    async with db.transaction() as session:
        statement = text("UPDATE anonymous_sale SET returned = :units WHERE programme_id = :programme_id")
        await run(session, statement, {"programme_id": programme.programme_id, "units": units})


async def test_the_lines_of_a_receipt_have_one_code_and_come_to_whoever_claims_it(
    programme: Programme, gtin: str
) -> None:
    (buyer,) = await residents(programme, 1)
    told = await report(programme, sold(gtin), sold(gtin, line=2, quantity=3), sold(gtin, receipt="R2"))
    first, second, other = map(code_of, told)
    assert first == second != other
    lines = await claimed(programme, buyer, f"{first[:10].lower()}-{first[10:]}")
    assert [(each.line, each.gtin, grams(each.outcome)) for each in lines] == [(1, gtin, 1000), (2, gtin, 3000)]
    assert {each.outcome.kind for each in lines if isinstance(each.outcome, Receipt)} == {Kind.CLAIMED}
    await assert_clean(programme)


async def test_a_line_sent_again_is_answered_alike_and_kept_once(programme: Programme, gtin: str) -> None:
    (buyer,) = await residents(programme, 1)
    first = await report(programme, sold(gtin), sold(gtin))
    again = await report(programme, sold(gtin))
    assert (first[0], first[1]) == (again[0], again[0])
    await claimed(programme, buyer, code_of(first[0]))
    late = await report(programme, sold(gtin), now=NOW + timedelta(days=400))
    assert (late, await rows(programme)) == (again, 1)


async def test_other_contents_under_the_same_line_are_refused(programme: Programme, gtin: str) -> None:
    (buyer,) = await residents(programme, 1)
    code = code_of((await report(programme, sold(gtin)))[0])
    member = await static_code(programme, buyer)
    other_time = NOW - timedelta(minutes=1)
    changed = [sold(gtin, quantity=2), sold(gtin, at=other_time), sold(gtin, member, quantity=2)]
    assert [reason(each) for each in await report(programme, *changed)] == [Reason.REPORTED_DIFFERENTLY] * 3
    both = await report(programme, sold(gtin, line=5), sold(gtin, line=5, quantity=2))
    assert (code_of(both[0]), reason(both[1])) == (code, Reason.REPORTED_DIFFERENTLY)
    [line, fifth] = await claimed(programme, buyer, code)
    assert (grams(line.outcome), grams(fifth.outcome)) == (1000, 1000)


async def test_a_receipt_is_claimed_once_and_shown_again_to_who_has_it(programme: Programme, gtin: str) -> None:
    buyer, other = await residents(programme, 2)
    code = code_of((await report(programme, sold(gtin)))[0])
    [first] = await claimed(programme, buyer, code)
    with pytest.raises(ReceiptAlreadyClaimedError):
        await claimed(programme, other, code)
    [again] = await claimed(programme, buyer, code, now=NOW + timedelta(days=60))
    assert isinstance(first.outcome, Receipt)
    assert isinstance(again.outcome, Receipt)
    assert (again.outcome.replayed, again.outcome.activity_id) == (True, first.outcome.activity_id)
    await assert_clean(programme)


async def test_a_line_the_till_sends_late_comes_to_who_has_the_receipt(programme: Programme, gtin: str) -> None:
    (buyer,) = await residents(programme, 1)
    code = code_of((await report(programme, sold(gtin)))[0])
    await claimed(programme, buyer, code)
    await report(programme, sold(gtin, line=2))
    replayed = [each.outcome for each in await claimed(programme, buyer, code)]
    assert [isinstance(each, Receipt) and each.replayed for each in replayed] == [True, False]
    await assert_clean(programme)


async def test_a_code_nobody_was_given_is_not_found_whatever_it_looks_like(programme: Programme, gtin: str) -> None:
    (buyer,) = await residents(programme, 1)
    code = code_of((await report(programme, sold(gtin)))[0])
    told = set()
    for wrong in ("", "nonsense", "0" * 20, code[:-1], code[:-1] + ("0" if code[-1] != "0" else "1")):
        with pytest.raises(NotFoundError) as refused:
            await claimed(programme, buyer, wrong)
        told.add(str(refused.value))
    assert len(told) == 1
    elsewhere = replace_programme(programme)
    with pytest.raises(NotFoundError):
        await claimed(elsewhere, buyer, code)


def replace_programme(programme: Programme) -> Programme:
    return Programme(**programme.model_dump() | {"programme_id": new_id()})


async def test_a_receipt_can_be_claimed_for_as_long_as_the_policy_says(programme: Programme, gtin: str) -> None:
    (buyer,) = await residents(programme, 1)
    days = timedelta(days=14)
    code = code_of((await report(programme, sold(gtin)))[0])
    [late] = await claimed(programme, buyer, code, now=NOW + days + timedelta(seconds=1))
    assert reason(late.outcome) is Reason.CLAIM_WINDOW_OVER
    [in_time] = await claimed(programme, buyer, code, now=NOW + days)
    assert grams(in_time.outcome) == 1000


async def test_a_member_code_sent_later_takes_the_line(programme: Programme, gtin: str) -> None:
    buyer, finder = await residents(programme, 2)
    code = code_of((await report(programme, sold(gtin), sold(gtin, line=2)))[0])
    member = await static_code(programme, buyer)
    assert grams((await report(programme, sold(gtin, member)))[0]) == 1000
    first, second = await claimed(programme, finder, code)
    assert (reason(first.outcome), grams(second.outcome)) == (Reason.ALREADY_CREDITED, 1000)
    told = await report(programme, sold(gtin, member), sold(gtin, member, line=2), sold(gtin))
    assert isinstance(told[0], Receipt)
    assert (told[0].replayed, reason(told[1]), code_of(told[2])) == (True, Reason.ALREADY_CREDITED, code)
    await assert_clean(programme)


async def test_a_line_credited_to_a_member_first_is_not_anonymous_later(programme: Programme, gtin: str) -> None:
    (buyer,) = await residents(programme, 1)
    await report(programme, sold(gtin, await static_code(programme, buyer)))
    [told] = await report(programme, sold(gtin))
    assert (reason(told), await rows(programme)) == (Reason.REPORTED_DIFFERENTLY, 0)


async def test_the_claimants_own_code_sent_later_is_answered_with_their_receipt(
    programme: Programme, gtin: str
) -> None:
    (buyer,) = await residents(programme, 1)
    code = code_of((await report(programme, sold(gtin)))[0])
    [line] = await claimed(programme, buyer, code)
    [told] = await report(programme, sold(gtin, await static_code(programme, buyer)))
    assert isinstance(told, Receipt)
    assert isinstance(line.outcome, Receipt)
    assert (told.replayed, told.activity_id) == (True, line.outcome.activity_id)


async def test_what_was_brought_back_is_not_credited(programme: Programme, gtin: str) -> None:
    buyer, member = await residents(programme, 2)
    code = code_of((await report(programme, sold(gtin, quantity=3)))[0])
    await bring_back(programme, code, 1)
    [line] = await claimed(programme, buyer, code)
    assert (line.quantity, grams(line.outcome)) == (3, 2000)
    other = code_of((await report(programme, sold(gtin, receipt="R2", quantity=3)))[0])
    await bring_back(programme, other, 3)
    [gone] = await claimed(programme, buyer, other)
    [told] = await report(programme, sold(gtin, await static_code(programme, member), receipt="R2", quantity=3))
    assert (reason(gone.outcome), reason(told)) == (Reason.ALREADY_RETURNED, Reason.ALREADY_RETURNED)


async def test_lines_that_can_not_be_credited_are_not_kept(programme: Programme, gtin: str) -> None:
    future = NOW + timedelta(hours=1)
    lines = [
        sold("123"),
        sold(gtin, line=2, quantity=0),
        sold(gtin, line=3, at=future),
        sold(gtin, line=4, quantity=101),
    ]
    told = [reason(each) for each in await report(programme, *lines)]
    assert told == [Reason.INVALID_CODE, Reason.NO_QUANTITY, Reason.IN_FUTURE, Reason.TOO_MANY_UNITS]
    assert await rows(programme) == 0


async def test_of_sixteen_who_claim_at_once_one_has_it(programme: Programme, gtin: str) -> None:
    crowd = await residents(programme, 16)
    for number in range(4):
        code = code_of((await report(programme, sold(gtin, receipt=f"R{number}")))[0])
        told = await asyncio.gather(*(claimed(programme, each, code) for each in crowd), return_exceptions=True)
        winners = [each for each in told if isinstance(each, list)]
        losers = [each for each in told if isinstance(each, ReceiptAlreadyClaimedError)]
        assert (len(winners), len(losers)) == (1, 15), told
        assert grams(winners[0][0].outcome) == 1000
    await assert_clean(programme)


async def test_a_claim_and_a_members_code_at_once_credit_one_of_them(programme: Programme, gtin: str) -> None:
    buyer, finder = await residents(programme, 2)
    member = await static_code(programme, buyer)
    ends: Counter[str] = Counter()
    for number in range(12):
        line = sold(gtin, receipt=f"R{number}")
        code = code_of((await report(programme, line))[0])
        by_claim, by_till = await asyncio.gather(
            claimed(programme, finder, code), report(programme, replace(line, member_code=member))
        )
        outcomes = [by_claim[0].outcome, by_till[0]]
        credited = [each for each in outcomes if isinstance(each, Receipt)]
        assert len(credited) == 1, outcomes
        assert [reason(each) for each in outcomes if isinstance(each, Refusal)] == [Reason.ALREADY_CREDITED]
        ends["claim" if isinstance(outcomes[0], Receipt) else "till"] += 1
    assert sum(ends.values()) == 12
    await assert_clean(programme)


@pytest.mark.parametrize("by_till", [False, True])
async def test_what_is_brought_back_while_it_is_credited_is_not_credited(
    programme: Programme, gtin: str, *, by_till: bool
) -> None:
    (buyer,) = await residents(programme, 1)
    member = await static_code(programme, buyer)

    async def credited(line: SaleLine, code: str) -> int:
        if by_till:
            return grams((await report(programme, replace(line, member_code=member)))[0])
        return grams((await claimed(programme, buyer, code))[0].outcome)

    async def attempt(line: SaleLine, code: str) -> int | PointsError:
        try:
            return await credited(line, code)
        except StateConflictError as error:
            return error

    async def bring_one_back(code: str) -> int:
        async with db.transaction() as session:
            statement = text(
                "UPDATE anonymous_sale SET returned = returned + 1"
                " WHERE programme_id = :programme_id AND claim_code = :code AND claimed_by IS NULL RETURNING line"
            )
            return len(await run(session, statement, {"programme_id": programme.programme_id, "code": code}))

    for number in range(12):
        line = sold(gtin, receipt=f"R{number}", quantity=2)
        code = code_of((await report(programme, line))[0])
        got, returned = await asyncio.gather(attempt(line, code), bring_one_back(code))
        if isinstance(got, PointsError):
            got = await credited(line, code)
        assert got == 1000 * (2 - returned)
    await assert_clean(programme)


async def test_who_claims_twice_at_once_is_told_the_same_receipt(programme: Programme, gtin: str) -> None:
    (buyer,) = await residents(programme, 1)
    [line] = await report(programme, sold(gtin))
    told = await asyncio.gather(*(claimed(programme, buyer, code_of(line)) for _ in range(6)))
    receipts = [each.outcome for lines in told for each in lines if isinstance(each.outcome, Receipt)]
    assert (len(receipts), len({each.activity_id for each in receipts})) == (6, 1)
    assert sum(not each.replayed for each in receipts) == 1
