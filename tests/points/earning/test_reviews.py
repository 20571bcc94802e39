"""What guards stopped is credited once if it is accepted, by the rules of its own time, and never if it is not."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points.earning import reviews
from points.earning.activities import Cut, Held, Outcome, Receipt, Refusal
from points.earning.audit import audit
from points.earning.guards.review_queries import Filters
from points.earning.guards.tables import ReviewState
from points.earning.reviews import Decided, Shown
from points.errors import NotFoundError, StateConflictError
from points.programmes.guard_terms import Guards, Rule
from points.programmes.policy import Caps
from points.programmes.tables import Programme
from points.residents.queries import resident as resident_of
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.labels import Labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents

LATER = NOW + timedelta(days=60)
"""Later than anything may be reported: what is accepted was in time when it was reported."""
EVERYTHING = Guards(visits_per_minute=0)


async def held_sales(
    product: Labelled, count: int = 1, *, quantity: int = 1, guards: Guards = EVERYTHING, **more: object
) -> tuple[Programme, UUID, list[UUID]]:
    """Establish a programme whose guards hold everything; return the reviews of as many sales."""
    terms = replace(AT_ONCE, guards=guards, **more)  # type: ignore[arg-type]  # terms
    async with db.transaction() as session:
        programme = await make_programme(session, terms=terms)
        [resident_id] = await make_residents(session, programme, 1)
    lines = [sale(resident_id, product.gtin, receipt=f"r{each}", quantity=quantity) for each in range(count)]
    outcomes = await credit(programme, *lines)
    return programme, resident_id, [each.review_id for each in outcomes if isinstance(each, Held)]


async def refused_sale(product: Labelled) -> tuple[Programme, UUID, list[UUID]]:
    """Let a rule refuse a sale; return its review."""
    guards = replace(EVERYTHING, refusing=(Rule.VISITS_PER_MINUTE,))
    programme, resident_id, _ = await held_sales(product, guards=guards)
    async with db.transaction() as session:
        found = await reviews.queue(session, programme.programme_id, Filters(), before=None, limit=9)
    return programme, resident_id, [each.review_id for each in found]


async def accept(programme: Programme, *review_ids: UUID) -> list[Decided]:
    async with db.transaction() as session:
        return await reviews.accept(
            session, programme.programme_id, review_ids, note="Fine.", actor="staff:1", now=LATER
        )


async def refuse(programme: Programme, *review_ids: UUID) -> list[Decided]:
    async with db.transaction() as session:
        return await reviews.refuse(session, programme.programme_id, review_ids, note="No.", actor="staff:1", now=LATER)


async def show(programme: Programme, review_id: UUID) -> Shown:
    async with db.transaction() as session:
        return await reviews.show(session, programme.programme_id, review_id)


async def again(programme: Programme, resident_id: UUID, product: Labelled) -> list[Outcome]:
    return await credit(programme, sale(resident_id, product.gtin, receipt="r0"))


async def test_an_accepted_activity_is_credited_by_the_rules_of_its_time_and_told_so_again(product: Labelled) -> None:
    programme, resident_id, [review_id] = await held_sales(product)
    [decided] = await accept(programme, review_id)
    assert (decided.state, decided.problem) == (ReviewState.ACCEPTED, None)
    receipt = decided.receipt
    assert receipt is not None
    assert (decided.receipt_id, receipt.grams, receipt.points, receipt.effective_at) == (
        receipt.activity_id,
        1000,
        10,
        NOW,
    )
    assert await again(programme, resident_id, product) == [replace(receipt, replayed=True)]
    await assert_clean(programme)


async def test_the_review_keeps_who_did_what_when_and_why(product: Labelled) -> None:
    programme, _, [review_id] = await held_sales(product)
    await refuse(programme, review_id)
    shown = await show(programme, review_id)
    assert (shown.review.rule, shown.review.facts) == (Rule.VISITS_PER_MINUTE, {"count": 1, "most": 0})
    assert shown.review.evidence["receipt"] == "r0"
    assert [(step.kind, step.actor) for step in shown.steps] == [("held", "guard"), ("refused", "staff:1")]
    assert shown.steps[1].note == "No."


async def test_a_decision_is_made_once_and_only_about_what_there_is(product: Labelled) -> None:
    programme, _, [first, second] = await held_sales(product, 2)
    await accept(programme, first)
    unknown = new_id()
    outcomes = await refuse(programme, first, second, unknown)
    assert [each.state for each in outcomes] == [ReviewState.ACCEPTED, ReviewState.REFUSED, None]
    assert [each.problem is None for each in outcomes] == [False, True, False]
    assert [each.receipt for each in await accept(programme, first, second)] == [None, None]
    await assert_clean(programme)


async def test_eight_deciders_at_once_credit_once(product: Labelled) -> None:
    programme, resident_id, review_ids = await held_sales(product, 3)
    orders = [review_ids, review_ids[::-1]] * 4
    decided = await asyncio.gather(*(accept(programme, *order) for order in orders))
    credited = [each for some in decided for each in some if each.receipt is not None]
    assert sorted(each.review_id for each in credited) == sorted(review_ids)
    assert len({each.receipt_id for each in credited}) == len(review_ids)
    [replayed] = await again(programme, resident_id, product)
    assert isinstance(replayed, Receipt)
    await assert_clean(programme)


async def test_an_accepter_and_a_refuser_at_once_make_one_decision(product: Labelled) -> None:
    programme, resident_id, [review_id] = await held_sales(product)
    [[accepted], [refused], [outcome]] = await asyncio.gather(
        accept(programme, review_id), refuse(programme, review_id), again(programme, resident_id, product)
    )
    assert [accepted.problem is None, refused.problem is None].count(True) == 1
    assert accepted.state == refused.state
    assert isinstance(outcome, Held | Receipt | Refusal)
    [settled] = await again(programme, resident_id, product)
    assert isinstance(settled, Receipt) == (accepted.problem is None)
    await assert_clean(programme)


async def test_caps_cut_what_is_accepted_and_the_receipt_says_so(product: Labelled) -> None:
    programme, _, review_ids = await held_sales(
        product, 3, quantity=2, caps=Caps(grams_per_day=5_000, retailer_grams_per_day=3_000)
    )
    receipts = [each.receipt for each in await accept(programme, *review_ids)]
    assert [receipt.grams for receipt in receipts if receipt] == [2000, 1000, 0]
    assert [receipt.cuts for receipt in receipts if receipt] == [
        (),
        (Cut.RETAILER_GRAMS_PER_DAY,),
        (Cut.RETAILER_GRAMS_PER_DAY,),
    ]
    await assert_clean(programme)


async def test_an_empty_budget_is_said_on_the_receipt(product: Labelled) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=replace(AT_ONCE, guards=EVERYTHING), base_points=0)
        [resident_id] = await make_residents(session, programme, 1)
    [held] = await credit(programme, sale(resident_id, product.gtin))
    assert isinstance(held, Held)
    [decided] = await accept(programme, held.review_id)
    assert decided.receipt is not None
    assert (decided.receipt.grams, decided.receipt.points, decided.receipt.cuts) == (1000, 0, (Cut.BUDGET,))


async def test_what_can_not_be_credited_any_more_stays_open_and_says_why(product: Labelled) -> None:
    programme, resident_id, [review_id] = await held_sales(product)
    async with db.transaction() as session:
        (await resident_of(session, programme.programme_id, resident_id)).left_at = NOW
        await session.flush()
    [decided] = await accept(programme, review_id)
    assert (decided.state, decided.receipt) == (ReviewState.OPEN, None)
    assert "unknown_member" in (decided.problem or "")
    assert [each.state for each in await refuse(programme, review_id)] == [ReviewState.REFUSED]


async def test_a_refused_activity_can_be_appealed_reopened_and_accepted(product: Labelled) -> None:
    programme, resident_id, [review_id] = await refused_sale(product)
    programme_id = programme.programme_id
    async with db.transaction() as session:
        shown = await reviews.appeal(session, programme_id, resident_id, review_id, note="It was me.", now=NOW)
        assert shown.review.appealed_at == NOW
    async with db.transaction() as session:
        [waiting] = await reviews.queue(session, programme_id, Filters(appealed=True), before=None, limit=9)
        assert waiting.review_id == review_id
        with pytest.raises(StateConflictError, match="You have asked"):
            await reviews.appeal(session, programme_id, resident_id, review_id, note="Again.", now=NOW)
    async with db.transaction() as session:
        await reviews.reopen(session, programme_id, review_id, note="Receipt seen.", actor="staff:1", now=NOW)
    [decided] = await accept(programme, review_id)
    assert decided.receipt is not None
    kinds = [step.kind for step in (await show(programme, review_id)).steps]
    assert kinds == ["refused", "appealed", "reopened", "accepted"]
    async with db.transaction() as session:
        with pytest.raises(StateConflictError, match=r"is accepted.* clawback"):
            await reviews.reopen(session, programme_id, review_id, note="x", actor="staff:1", now=NOW)
        with pytest.raises(StateConflictError, match="is accepted and credited"):
            await reviews.appeal(session, programme_id, resident_id, review_id, note="x", now=NOW)
    await assert_clean(programme)


async def test_nobody_appeals_for_another_or_against_what_is_undecided(product: Labelled) -> None:
    programme, resident_id, [review_id] = await held_sales(product)
    async with db.transaction() as session:
        with pytest.raises(NotFoundError):
            await reviews.appeal(session, programme.programme_id, new_id(), review_id, note="x", now=NOW)
        with pytest.raises(StateConflictError, match=r"is open: .* once it is refused"):
            await reviews.appeal(session, programme.programme_id, resident_id, review_id, note="x", now=NOW)
        with pytest.raises(NotFoundError):
            await reviews.show(session, programme.programme_id, new_id())


async def test_what_is_open_is_not_reopened_but_decided(product: Labelled) -> None:
    programme, _, [review_id] = await held_sales(product)
    async with db.transaction() as session:
        with pytest.raises(StateConflictError, match=r"is open, .* accept or refuse it"):
            await reviews.reopen(session, programme.programme_id, review_id, note="x", actor="staff:1", now=NOW)


async def test_the_queue_is_read_by_pages_and_filters(product: Labelled) -> None:
    programme, resident_id, review_ids = await held_sales(product, 5)
    await refuse(programme, review_ids[0])
    programme_id = programme.programme_id

    async def found(filters: Filters, before: UUID | None = None, limit: int = 9) -> list[UUID]:
        async with db.transaction() as session:
            page = await reviews.queue(session, programme_id, filters, before=before, limit=limit)
            return [each.review_id for each in page]

    newest = review_ids[::-1]
    assert await found(Filters(), limit=2) == newest[:2]
    assert await found(Filters(), before=newest[1], limit=2) == newest[2:4]
    assert await found(Filters(state=ReviewState.REFUSED)) == [review_ids[0]]
    assert await found(Filters(rule=Rule.TILL_BURST)) == []
    assert await found(Filters(resident_id=resident_id, appealed=False)) == newest
    assert await found(Filters(retailer_id=new_id())) == []


async def test_the_audit_finds_a_review_whose_receipt_is_not_there_or_anothers(product: Labelled) -> None:
    programme, _, [first, second] = await held_sales(product, 2)
    [one, _] = await accept(programme, first, second)

    async def differing(receipt_id: UUID | None) -> list[tuple[str, int]]:
        async with db.transaction() as session:
            (await reviews.show(session, programme.programme_id, second)).review.receipt_id = receipt_id
        async with db.transaction() as session:
            findings = await audit(session, programme.programme_id)
        return [(each.name, each.differences) for each in findings if each.differences]

    name = "what guards stopped is credited if it was accepted, and only then"
    assert await differing(None) == [(name, 1)]
    assert await differing(new_id()) == [(name, 1)]
    assert await differing(one.receipt_id) == [(name, 2)], "one receipt credits one review"


async def test_the_audit_finds_a_review_that_was_credited_without_a_decision(product: Labelled) -> None:
    programme, _, [review_id] = await held_sales(product)
    await accept(programme, review_id)
    async with db.transaction() as session:
        review = (await reviews.show(session, programme.programme_id, review_id)).review
        review.state = int(ReviewState.REFUSED)
    async with db.transaction() as session:
        findings = await audit(session, programme.programme_id)
    assert [each.name for each in findings if each.differences] == [
        "what guards stopped is credited if it was accepted, and only then",
        "the last step of a review says the state it is in",
    ]
