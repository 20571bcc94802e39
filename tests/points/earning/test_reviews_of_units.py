"""A label unit that guards hold is one unit all the same: credited once, whoever scans, sells or accepts it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from core import db
from points import ledger
from points.earning import reviews
from points.earning.activities import Evidence, Held, Kind, Outcome, Reason, Receipt, Refusal, Scan
from points.earning.guards.tables import ReviewState
from points.earning.reviews import Decided
from points.programmes.guard_terms import Guards
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.labels import Labelled, make_labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.factories.units import SECRET, make_units

FULL, HALF = 1000, 500
"""Grams a unit saves, and what its label alone is worth of them."""
JUST_BEFORE = NOW - timedelta(microseconds=1)
ONE_AN_HOUR = replace(AT_ONCE, guards=Guards(visits_per_hour=1))


@pytest.fixture
async def product(database: str) -> Labelled:
    async with db.transaction() as session:
        return await make_labelled(session)


@pytest.fixture
async def codes(product: Labelled) -> list[str]:
    async with db.transaction() as session:
        return await make_units(session, product, 3)


@pytest.fixture
async def careful(database: str) -> Programme:
    """A programme that holds the second visit of an hour."""
    async with db.transaction() as session:
        return await make_programme(session, terms=ONE_AN_HOUR)


@pytest.fixture
async def residents(careful: Programme) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, careful, 3)


async def hold(careful: Programme, resident_id: UUID, code: str, product: Labelled) -> UUID:
    """Have a scan of a unit held, because the resident was seen this hour; return its review."""
    earlier = Scan(resident_id, product.gtin, NOW)
    _, held = await credit(careful, earlier, Scan(resident_id, code, JUST_BEFORE))
    assert isinstance(held, Held), held
    return held.review_id


async def accept(careful: Programme, review_id: UUID) -> Decided:
    async with db.transaction() as session:
        [decided] = await reviews.accept(
            session, careful.programme_id, [review_id], note="Fine.", actor="staff:1", now=NOW, unit_secret=SECRET
        )
    return decided


async def refuse(careful: Programme, review_id: UUID) -> None:
    async with db.transaction() as session:
        await reviews.refuse(session, careful.programme_id, [review_id], note="No.", actor="staff:1", now=NOW)


async def grams(careful: Programme, resident_id: UUID) -> int:
    async with db.transaction() as session:
        return (await ledger.holdings(session, careful.programme_id, resident_id, now=NOW)).grams


async def only(careful: Programme, evidence: Evidence) -> Outcome:
    [outcome] = await credit(careful, evidence)
    return outcome


async def test_an_accepted_unit_has_its_receipt_and_its_sale_confirms_it(
    careful: Programme, residents: list[UUID], product: Labelled, codes: list[str]
) -> None:
    ann, bob, _ = residents
    review_id = await hold(careful, ann, codes[0], product)
    assert await grams(careful, ann) == 0
    decided = await accept(careful, review_id)
    assert decided.state is ReviewState.ACCEPTED
    assert decided.receipt is not None
    assert (decided.receipt_id, decided.receipt.kind, decided.receipt.grams) == (
        decided.receipt.activity_id,
        Kind.UNIT,
        HALF,
    )
    again = await only(careful, Scan(ann, codes[0], NOW))
    assert isinstance(again, Receipt)
    assert (again.activity_id, again.replayed) == (decided.receipt_id, True)
    other = await only(careful, Scan(bob, codes[0], NOW))
    assert isinstance(other, Refusal)
    assert other.reason is Reason.UNIT_ALREADY_CLAIMED
    sold = await only(careful, sale(bob, codes[0]))
    assert isinstance(sold, Receipt)
    assert (await grams(careful, ann), await grams(careful, bob)) == (0, FULL), "who bought it has it"
    await assert_clean(careful)


async def test_a_held_unit_that_was_sold_to_its_resident_meanwhile_is_part_of_that_sale(
    careful: Programme, residents: list[UUID], product: Labelled, codes: list[str]
) -> None:
    ann, *_ = residents
    review_id = await hold(careful, ann, codes[0], product)
    held = await only(careful, sale(ann, codes[0]))
    assert isinstance(held, Held)
    whole = await accept(careful, held.review_id)
    assert whole.receipt_id is not None
    decided = await accept(careful, review_id)
    assert decided.receipt is not None
    assert decided.receipt.activity_id == whole.receipt_id
    assert (decided.state, decided.receipt_id) == (ReviewState.ACCEPTED, None), "it has no receipt of its own"
    again = await only(careful, Scan(ann, codes[0], NOW))
    assert isinstance(again, Receipt)
    assert again.activity_id == whole.receipt_id
    assert await grams(careful, ann) == FULL
    await assert_clean(careful)


async def test_a_held_unit_that_was_sold_to_another_is_nobodys_to_scan_once_it_can_not_be_accepted(
    careful: Programme, residents: list[UUID], product: Labelled, codes: list[str]
) -> None:
    ann, bob, cid = residents
    review_id = await hold(careful, ann, codes[0], product)
    assert isinstance(await only(careful, sale(bob, codes[0])), Receipt)
    for _ in range(2):
        decided = await accept(careful, review_id)
        assert (decided.state, decided.receipt) == (ReviewState.OPEN, None)
        assert "unit_already_claimed" in (decided.problem or "")
    taken = await only(careful, Scan(cid, codes[0], NOW))
    assert isinstance(taken, Refusal)
    assert taken.reason is Reason.UNIT_ALREADY_CLAIMED
    assert [await grams(careful, each) for each in residents] == [0, FULL, 0]
    await assert_clean(careful)


async def test_a_sale_whose_unit_was_sold_before_it_was_accepted_keeps_its_line(
    careful: Programme, residents: list[UUID], product: Labelled, codes: list[str]
) -> None:
    ann, bob, _ = residents
    await credit(careful, Scan(ann, product.gtin, NOW))
    line = sale(ann, codes[0], at=JUST_BEFORE)
    held = await only(careful, line)
    assert isinstance(held, Held)
    assert isinstance(await only(careful, sale(bob, codes[0], receipt="another")), Receipt)
    assert (await accept(careful, held.review_id)).state is ReviewState.OPEN
    told = await only(careful, line)
    assert told == held, "the line is not taken anew while its review is open"
    later = await only(careful, replace(line, quantity=2))
    assert isinstance(later, Refusal)
    assert later.reason is Reason.REPORTED_DIFFERENTLY
    assert [await grams(careful, each) for each in residents] == [0, FULL, 0]
    await assert_clean(careful)


@pytest.mark.parametrize("decide", [None, refuse])
async def test_nobody_is_told_of_anothers_review(
    careful: Programme, residents: list[UUID], product: Labelled, codes: list[str], decide: object
) -> None:
    ann, bob, _ = residents
    review_id = await hold(careful, ann, codes[0], product)
    if decide is not None:
        await refuse(careful, review_id)
    told = await only(careful, Scan(bob, codes[0], NOW))
    assert isinstance(told, Refusal)
    assert told.reason is Reason.UNIT_ALREADY_CLAIMED
    assert str(review_id) not in told.detail
    own = await only(careful, Scan(ann, codes[0], NOW))
    assert isinstance(own, Held) is (decide is None)


async def test_nobody_is_told_of_anothers_review_of_the_same_batch(
    careful: Programme, residents: list[UUID], product: Labelled, codes: list[str]
) -> None:
    ann, bob, _ = residents
    _, held, told = await credit(
        careful,
        Scan(ann, product.gtin, NOW),
        Scan(ann, codes[0], JUST_BEFORE),
        Scan(bob, codes[0], NOW),
    )
    assert isinstance(held, Held)
    assert isinstance(told, Refusal)
    assert told.reason is Reason.UNIT_ALREADY_CLAIMED
