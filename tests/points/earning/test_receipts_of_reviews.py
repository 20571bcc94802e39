"""What a review held is recorded when it is accepted: what was known and read before stays, and its key leads to it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clock, db
from core.ids import made_at, new_id
from labels.tables import Organization
from points import ledger
from points.budgets import budgets
from points.budgets import queries as budget_queries
from points.earning import queries, reviews
from points.earning.activities import Evidence, Held, Kind, Receipt, Scan
from points.earning.adjustments.return_lines import Bought
from points.earning.clawbacks.scopes import OfRetailer, ReceiptLine, scope_of
from points.earning.returns import record_returns
from points.earning.reviews import Decided
from points.ledger import Holdings, RecordedEntry
from points.programmes.guard_terms import Guards
from points.programmes.tables import Programme
from tests.factories.clawbacks import EVER
from tests.factories.credits import NOW, RETAILER, assert_clean, credit, sale
from tests.factories.label_units import AGAIN_AT, BACK_AT, SOLD_AT, make_codes, sold_as
from tests.factories.labels import Labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.factories.returns import back, member_of, returned, units
from workers.till_keys import till_keys

CAREFUL = replace(AT_ONCE, guards=Guards(visits_per_minute=0))
"""Terms that hold everything."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a resident reported, which waits for a decision."""

    programme: Programme
    resident_id: UUID
    evidence: Evidence
    held: Held

    async def accepted(self) -> Receipt:
        decided = await accept(self.programme, self.held.review_id)
        assert decided.receipt is not None, decided
        return decided.receipt

    async def again(self) -> object:
        [outcome] = await credit(self.programme, self.evidence, secret=till_keys().units)
        return outcome


async def accept(programme: Programme, review_id: UUID) -> Decided:
    note: dict[str, Any] = {"note": "Fine.", "actor": "staff:1", "now": NOW, "unit_secret": till_keys().units}
    async with db.transaction() as session:
        [decided] = await reviews.accept(session, programme.programme_id, [review_id], **note)
    return decided


@pytest.fixture
async def careful(database: str) -> Programme:
    async with db.transaction() as session:
        return await make_programme(session, terms=CAREFUL)


async def wait(programme: Programme, evidence: Evidence) -> Waiting:
    assert evidence.resident_id is not None
    [held] = await credit(programme, evidence, secret=till_keys().units)
    assert isinstance(held, Held), held
    return Waiting(programme, evidence.resident_id, evidence, held)


@pytest.fixture(params=list(Kind)[:3], ids=lambda kind: kind.name)
async def waiting(request: pytest.FixtureRequest, careful: Programme, product: Labelled) -> Waiting:
    """A sale, a scan of a product, or a scan of a label unit."""
    async with db.transaction() as session:
        [resident_id] = await make_residents(session, careful, 1)
    [code] = await make_codes(product, 1)
    kinds: dict[Kind, Evidence] = {
        Kind.SALE: sale(resident_id, product.gtin),
        Kind.SCAN: Scan(resident_id, product.gtin, NOW),
        Kind.UNIT: Scan(resident_id, code, NOW),
    }
    return await wait(careful, kinds[request.param])


@pytest.fixture
async def held_sale(careful: Programme, product: Labelled) -> Waiting:
    async with db.transaction() as session:
        [resident_id] = await make_residents(session, careful, 1)
    return await wait(careful, sale(resident_id, product.gtin))


async def as_of(waiting: Waiting, moment: datetime) -> Holdings:
    async with db.transaction() as session:
        return await ledger.holdings_as_of(
            session, waiting.programme.programme_id, waiting.resident_id, recorded_until=moment
        )


async def until(programme: Programme, boundary: UUID) -> list[RecordedEntry]:
    async with db.transaction() as session:
        return await ledger.log(session, programme.programme_id, before=boundary)


async def test_what_was_known_before_it_was_accepted_stays_what_it_was(held_sale: Waiting) -> None:
    boundary = new_id()
    sealed, nothing = await until(held_sale.programme, boundary), await as_of(held_sale, made_at(boundary))
    receipt = await held_sale.accepted()
    assert await until(held_sale.programme, boundary) == sealed, "nothing turns up below a boundary"
    assert await as_of(held_sale, made_at(boundary)) == nothing == Holdings(0, 0, 0, 0, 0)
    assert await as_of(held_sale, clock.now()) == Holdings(1000, 10, 0, 0, 0)
    since = await until(held_sale.programme, new_id())
    assert [each.entry_id for each in since if each not in sealed] == [receipt.activity_id]
    async with db.transaction() as session:
        [line] = await ledger.statement(session, held_sale.programme.programme_id, held_sale.resident_id, limit=9)
    assert line.recorded_at > made_at(boundary)


async def test_the_day_it_was_accepted_on_has_what_it_drew(careful: Programme, product: Labelled) -> None:
    async with db.transaction() as session:
        await budgets.watch(session, careful.programme_id, now=NOW)  # notes that the budgets are funded
        [resident_id] = await make_residents(session, careful, 1)
    begun = new_id()
    held_sale = await wait(careful, sale(resident_id, product.gtin))
    boundary = new_id()
    await held_sale.accepted()
    held_on, accepted_on = date(2100, 1, 1), date(2100, 1, 2)
    days = {held_on: (begun, boundary), accepted_on: (boundary, new_id())}
    async with db.transaction() as session:
        for day, (first, last) in days.items():
            await budget_queries.count_day(session, careful.programme_id, day, first, last)
        rows = await budget_queries.days(
            session, careful.programme_id, careful.base_budget_id, since=date(2099, 1, 1), until=date(2101, 1, 1)
        )
    assert {row.day: row.drawn for row in rows} == {held_on: 0, accepted_on: 10}


async def test_whoever_reports_it_again_has_its_receipt(waiting: Waiting) -> None:
    receipt = await waiting.accepted()
    assert receipt.activity_id > waiting.held.review_id
    again = await waiting.again()
    assert isinstance(again, Receipt), again
    assert (again.activity_id, again.replayed) == (receipt.activity_id, True)
    await assert_clean(waiting.programme)


async def test_whoever_reports_it_again_while_it_is_accepted_has_its_receipt(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, receipts = queries.activities, []

    async def accepted_before(session: AsyncSession, *asked: Any) -> Any:  # noqa: ANN401 - passed on as it is
        monkeypatch.setattr(queries, "activities", look)
        found = await look(session, *asked)
        receipts.append(await waiting.accepted())
        return found

    monkeypatch.setattr(queries, "activities", accepted_before)
    again = await waiting.again()
    assert isinstance(again, Receipt), again
    assert [again.activity_id] == [each.activity_id for each in receipts]


async def test_a_return_names_the_line_of_an_accepted_sale(held_sale: Waiting, product: Labelled) -> None:
    await held_sale.accepted()
    line = back(product, 1, bought=Bought("r", 1))
    async with db.transaction() as session:
        [taken] = await record_returns(
            session, held_sale.programme.programme_id, [(RETAILER, line)], keys=till_keys(), now=NOW
        )
    assert units(taken) == [(1, 0)]
    await assert_clean(held_sale.programme)


async def test_a_clawback_names_the_line_of_an_accepted_sale(held_sale: Waiting) -> None:
    receipt = await held_sale.accepted()
    wanted = OfRetailer(RETAILER, EVER.from_at, EVER.until_at, (ReceiptLine("r", 1),))
    async with db.transaction() as session:
        await session.merge(Organization(id=RETAILER, name_zh="店", name_en="Shop", roles="retailer"))
        scope = await scope_of(session, held_sale.programme.programme_id, wanted)
    assert scope.activity_ids == (receipt.activity_id,)


async def test_the_receipt_of_a_unit_that_was_sold_again_has_the_key_of_that_sale(
    database: str, product: Labelled
) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=replace(AT_ONCE, guards=Guards(visits_per_hour=1)))
        ann, bob = await make_residents(session, programme, 2)
    [code] = await make_codes(product, 1)
    await sold_as(programme, await member_of(programme, ann), code, at=SOLD_AT)
    await returned(programme, back(code, bought=Bought("S1", 1), at=BACK_AT))
    await sold_as(programme, None, code, receipt="S2", at=AGAIN_AT)
    await credit(programme, Scan(bob, product.gtin, NOW))
    scan = await wait(programme, Scan(bob, code, NOW))
    receipt = await scan.accepted()
    again = await scan.again()
    assert isinstance(again, Receipt), again
    assert again.activity_id == receipt.activity_id
    await assert_clean(programme)


async def test_the_review_says_which_receipt_it_is_and_none_while_it_waits(waiting: Waiting) -> None:
    programme_id, review_id = waiting.programme.programme_id, waiting.held.review_id

    async def told() -> UUID | None:
        async with db.transaction() as session:
            return (await reviews.show(session, programme_id, review_id)).review.receipt_id

    assert await told() is None
    decided = await accept(waiting.programme, review_id)
    assert decided.receipt is not None
    assert await told() == decided.receipt_id == decided.receipt.activity_id


async def test_receipts_follow_the_order_of_their_reviews(held_sale: Waiting, product: Labelled) -> None:
    programme = held_sale.programme
    other = await wait(programme, sale(held_sale.resident_id, product.gtin, line=2))
    async with db.transaction() as session:
        decided = await reviews.accept(
            session,
            programme.programme_id,
            [other.held.review_id, held_sale.held.review_id],
            note="Fine.",
            actor="staff:1",
            now=NOW,
        )
    second, first = [each.receipt_id for each in decided]
    assert first is not None
    assert second is not None
    assert first < second
    await assert_clean(programme)
