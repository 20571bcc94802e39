"""Goods that come back: found by their receipt or by their buyer, taken once, and never more than were bought."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points import ledger
from points.earning import reviews
from points.earning.activities import Held, Reason, Receipt, Refusal, SaleLine
from points.earning.adjustments.return_lines import Bought, Returned
from points.earning.evidence.receipt_claims import claim
from points.earning.keys import sale_key
from points.earning.returns import return_of
from points.programmes.guard_terms import Guards
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean
from tests.factories.labels import Labelled, make_labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.factories.returns import RETAILER, back, member_of, reason, returned, sold, units
from tests.factories.statements import counted
from tests.factories.tills import rotating_code


@pytest.fixture
async def member(programme: Programme, resident: UUID) -> str:
    return await member_of(programme, resident)


async def test_part_of_a_line_comes_back_and_then_the_rest(
    programme: Programme, member: str, product: Labelled
) -> None:
    await sold(programme, member, product)
    [first] = await returned(programme, back(product, 2))
    [rest, more] = await returned(programme, back(product, 1), back(product, 1))
    assert isinstance(first, Returned)
    assert (first.grams, first.points, units(first)) == (2000, 20, [(2, 1)])
    assert units(rest) == [(1, 0)]
    assert reason(more) is Reason.ALREADY_RETURNED
    await assert_clean(programme)


async def test_a_return_sent_again_is_answered_again(programme: Programme, member: str, product: Labelled) -> None:
    await sold(programme, member, product)
    line = back(product, 2, receipt="R1")
    [first, twin] = await returned(programme, line, line)
    [again] = await returned(programme, line)
    [other, differs] = await returned(programme, back(product, 1, receipt="R1"), line)
    assert isinstance(first, Returned)
    assert isinstance(twin, Returned)
    assert isinstance(again, Returned)
    assert isinstance(differs, Returned)
    assert {each.return_id for each in (first, again, twin)} == {first.return_id}
    assert (first.replayed, again.replayed, again.points) == (False, True, 20)
    assert reason(other) is Reason.REPORTED_DIFFERENTLY
    await assert_clean(programme)


async def test_more_than_was_bought_is_refused_whole(programme: Programme, member: str, product: Labelled) -> None:
    await sold(programme, member, product)
    line = back(product, 4, receipt="R1")
    [refused] = await returned(programme, line)
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.MORE_THAN_BOUGHT
    assert "3 are left" in refused.detail
    [taken] = await returned(programme, back(product, 3, receipt="R1"))
    assert units(taken) == [(3, 0)]
    await assert_clean(programme)


async def test_without_a_receipt_the_latest_sales_go_first(
    programme: Programme, member: str, product: Labelled
) -> None:
    for number, days in ((1, 3), (2, 2), (3, 1)):
        at = NOW - timedelta(days=days)
        await sold(programme, member, product, receipt=f"S{number}", quantity=2, at=at)
    await sold(programme, member, product, receipt="S9", quantity=5, retailer=new_id())
    [taken, rest, none] = await returned(
        programme,
        back(product, 3, bought=None, member=member),
        back(product, 3, bought=None, member=member),
        back(product, 1, bought=None, member=member),
    )
    assert units(taken) == [(2, 0), (1, 1)]
    assert units(rest) == [(1, 0), (2, 0)]
    assert reason(none) is Reason.ALREADY_RETURNED
    await assert_clean(programme)


async def test_a_sale_line_with_a_negative_quantity_is_such_a_return(
    programme: Programme, member: str, product: Labelled
) -> None:
    await sold(programme, member, product)
    [taken] = await returned(programme, return_of(SaleLine("S2", 1, member, product.gtin, -2, NOW)))
    assert units(taken) == [(2, 1)]


async def test_a_return_of_what_was_not_sold_says_what_to_do(
    programme: Programme, member: str, product: Labelled
) -> None:
    line = back(product, 1)
    [unknown, nobody, stranger] = await returned(
        programme, line, back(product, 1, bought=None), back(product, 1, bought=None, member="ZZZZZZZZZZZZ")
    )
    assert [reason(each) for each in (unknown, nobody)] == [Reason.NO_SUCH_SALE] * 2
    assert reason(stranger) is Reason.UNKNOWN_MEMBER
    assert isinstance(unknown, Refusal)
    assert "send the sale first" in unknown.detail
    await sold(programme, member, product)
    [taken] = await returned(programme, line)
    assert units(taken) == [(1, 2)]


async def test_a_code_that_means_nobody_is_told_as_it_is_of_a_sale(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    code = await rotating_code(programme, resident, at=NOW - timedelta(minutes=10))
    forged = ("1" if code[60] == "0" else "0").join((code[:60], code[61:]))
    lines = [back(product, bought=None, member=each) for each in (code, forged)]
    assert [reason(each) for each in await returned(programme, *lines)] == [
        Reason.MEMBER_CODE_EXPIRED,
        Reason.MEMBER_CODE_INVALID,
    ]


async def test_another_product_than_the_line_sold_is_refused(
    programme: Programme, member: str, product: Labelled
) -> None:
    async with db.transaction() as session:
        other = await make_labelled(session)
    await sold(programme, member, product)
    [refused, invalid] = await returned(programme, back(other), back("12345"))
    assert [reason(refused), reason(invalid)] == [Reason.OTHER_PRODUCT, Reason.INVALID_CODE]


async def test_a_return_has_its_time(programme: Programme, member: str, product: Labelled) -> None:
    at = NOW - timedelta(days=5)
    await sold(programme, member, product, at=at)
    outcomes = await returned(
        programme,
        back(product, at=at - timedelta(seconds=1)),
        back(product, at=NOW + timedelta(hours=1)),
        back(product, at=NOW - timedelta(days=31)),
        back(product, 0),
        back(product, at=at),
    )
    assert [reason(each) for each in outcomes] == [
        Reason.BEFORE_SALE,
        Reason.IN_FUTURE,
        Reason.TOO_OLD,
        Reason.NO_QUANTITY,
        None,
    ]
    later = at + timedelta(days=30)
    [late] = await returned(programme, back(product, at=later + timedelta(seconds=1)), now=later + timedelta(days=1))
    [just] = await returned(programme, back(product, at=later), now=later + timedelta(days=1))
    assert [reason(late), reason(just)] == [Reason.TOO_LATE_TO_RETURN, None]
    await assert_clean(programme)


async def test_what_came_back_can_not_be_claimed_with_the_receipt(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    anonymous = await sold(programme, None, product)
    [taken, more] = await returned(programme, back(product, 2, receipt="R1"), back(product, 2))
    [again] = await returned(programme, back(product, 2, receipt="R1"))
    assert isinstance(taken, Returned)
    assert isinstance(again, Returned)
    assert (taken.units, taken.points, again.units, again.replayed) == (2, 0, 2, True)
    assert reason(more) is Reason.MORE_THAN_BOUGHT
    async with db.transaction() as session:
        [line] = await claim(session, programme.programme_id, resident, anonymous.claim_code, now=NOW)  # type: ignore[union-attr]  # a Claimable
    assert isinstance(line.outcome, Receipt)
    assert (line.outcome.quantity, line.outcome.grams) == (1, 1000)
    [rest] = await returned(programme, back(product, 1))
    assert units(rest) == [(1, 0)]
    await assert_clean(programme)


async def test_a_return_of_a_sale_that_waits_for_review_is_sent_again_later(
    programme: Programme, member: str, product: Labelled
) -> None:
    """The key of a held sale leads to an id under which nothing is credited yet."""
    use = ledger.KeyUse(sale_key(RETAILER, "S1", 1), b"held", new_id())
    async with db.transaction() as session:
        await ledger.claim(session, programme.programme_id, [use])
    line = back(product, 1)
    [refused] = await returned(programme, line)
    assert reason(refused) is Reason.HELD_FOR_REVIEW
    assert reason((await returned(programme, line))[0]) is Reason.HELD_FOR_REVIEW, "the refusal has left its key free"


async def test_a_return_of_a_sale_that_a_review_refused_has_nothing_to_take_back(
    product: Labelled,
) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=replace(AT_ONCE, guards=Guards(visits_per_minute=0)))
        [resident] = await make_residents(session, programme, 1)
    held = await sold(programme, await member_of(programme, resident), product)
    assert isinstance(held, Held)
    line = back(product, 1)
    [before] = await returned(programme, line)
    async with db.transaction() as session:
        await reviews.refuse(session, programme.programme_id, [held.review_id], note="No.", actor="staff:1", now=NOW)
    [after] = await returned(programme, line)
    assert [reason(before), reason(after)] == [Reason.HELD_FOR_REVIEW, Reason.NO_SUCH_SALE]
    async with db.transaction() as session:
        note = {"note": "Yes.", "actor": "staff:1", "now": NOW}
        await reviews.reopen(session, programme.programme_id, held.review_id, **note)  # type: ignore[arg-type]  # note
        await reviews.accept(session, programme.programme_id, [held.review_id], **note)  # type: ignore[arg-type]  # note
    [taken] = await returned(programme, line)
    assert units(taken) == [(1, 2)]
    await assert_clean(programme)


async def test_a_return_that_was_taken_is_answered_again_however_late_it_is_sent_again(
    programme: Programme, member: str, product: Labelled
) -> None:
    await sold(programme, member, product)
    lines = [back(product, 1, receipt="R1"), back(product, 1, receipt="R2", bought=None, member=member)]
    first = await returned(programme, *lines)
    again = await returned(programme, *lines, back(product, 1, receipt="R3"), now=NOW + timedelta(days=90))
    assert [reason(each) for each in again] == [None, None, Reason.TOO_OLD]
    for one, other in zip(first, again, strict=False):
        assert isinstance(one, Returned)
        assert isinstance(other, Returned)
        assert (other.replayed, other.return_id, other.points) == (True, one.return_id, one.points)
    await assert_clean(programme)


async def test_many_returns_cost_as_many_statements_as_two(
    programme: Programme, member: str, product: Labelled
) -> None:
    for number in range(1, 41):
        await sold(programme, member, product, receipt=f"S{number}", quantity=30)
    lines = [
        back(product, 1, bought=Bought(f"S{number}", 1)) if number % 2 else back(product, 1, bought=None, member=member)
        for number in range(1, 41)
    ]
    await returned(programme, *lines[:2])
    with counted() as few:
        await returned(programme, *lines[2:4])
    with counted() as many:
        taken = await returned(programme, *lines[4:])
    assert all(isinstance(each, Returned) for each in taken)
    assert len(many) == len(few)
    await assert_clean(programme)
