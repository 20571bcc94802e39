"""Which lot is drawn first: by what its points were credited for, as the policy of that time says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from core import db
from core.ids import new_id
from points import ledger
from points.campaigns import campaigns
from points.campaigns.campaigns import CampaignDraft
from points.campaigns.rules import Bonus, Conditions
from points.earning.activities import Evidence, Kind, Scan
from points.earning.funding import deferrals
from points.earning.rows import priority_of
from points.ledger.tables import Lot
from points.programmes.expiry import ExpiryRule
from points.programmes.policy import DrawOrder, Shortage, Terms
from points.programmes.programmes import decide_policy
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.labels import Labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents

ORDER = DrawOrder(sale=4, claimed=3, unit=2, scan=1)
DAY = timedelta(days=1)


async def ordered(order: DrawOrder, **more: object) -> tuple[Programme, UUID]:
    terms = replace(AT_ONCE, draw_order=order, **more)  # type: ignore[arg-type]  # terms
    async with db.transaction() as session:
        programme = await make_programme(session, terms=terms, **({"base_points": 15} if more else {}))
        return programme, (await make_residents(session, programme, 1))[0]


async def lots(programme: Programme) -> Sequence[Lot]:
    """Return the lots, those that were made first first."""
    statement = select(Lot).where(col(Lot.programme_id) == programme.programme_id)
    async with db.transaction() as session:
        return (await session.exec(statement.order_by(col(Lot.lot_id)))).all()


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_evidence_has_its_number_and_a_campaigns_goes_before_it(kind: Kind) -> None:
    own = {Kind.SALE: 4, Kind.CLAIMED: 3, Kind.UNIT: 2, Kind.SCAN: 1}[kind]
    assert [priority_of(kind, ORDER, campaign=paid) for paid in (False, True)] == [own, own]
    assert priority_of(kind, replace(ORDER, campaign=0), campaign=True) == 0
    assert priority_of(kind, replace(ORDER, campaign=0), campaign=False) == own


@pytest.mark.parametrize(("order", "first"), [(DrawOrder(), 0), (DrawOrder(sale=1), 1), (DrawOrder(scan=1), 0)])
async def test_points_of_the_lowest_number_are_spent_first_and_among_equals_those_that_end_first(
    order: DrawOrder, first: int, product: Labelled
) -> None:
    """The sale is of an earlier day than the scan, so that its points end first."""
    programme, resident_id = await ordered(order)
    reported: list[Evidence] = [sale(resident_id, product.gtin, at=NOW - DAY), Scan(resident_id, product.gtin, NOW)]
    for each in reported:
        await credit(programme, each)
    request = ledger.HoldRequest(new_id(), resident_id, 1, NOW + DAY)
    async with db.transaction() as session:
        await ledger.hold(session, programme.programme_id, [request], now=NOW)
    spent = [each.amount - each.remaining for each in await lots(programme)]
    assert spent == [1 - first, first]
    await assert_clean(programme)


async def test_a_credit_that_a_campaign_paid_for_in_part_is_drawn_as_a_campaigns(product: Labelled) -> None:
    programme, resident_id = await ordered(DrawOrder(sale=3, campaign=8))
    rule = Bonus(points=7, conditions=Conditions(minimum_grams=1_500))
    draft = CampaignDraft("周末", "Weekend", NOW - DAY, NOW + DAY, rule)
    async with db.transaction() as session:
        await campaigns.open(
            session, programme.programme_id, draft, funded_points=10, staff_id=resident_id, now=draft.starts_at
        )
    for number, quantity in enumerate((1, 2, 2, 2)):  # the third is paid the three points that are left, then nothing
        await credit(programme, sale(resident_id, product.gtin, receipt=str(number), quantity=quantity))
    assert [(each.amount, each.priority) for each in await lots(programme)] == [(10, 3), (27, 8), (23, 8), (20, 3)]
    await assert_clean(programme)


async def test_what_was_earned_before_keeps_its_place_when_the_order_changes(product: Labelled) -> None:
    programme, resident_id = await ordered(DrawOrder())
    await credit(programme, sale(resident_id, product.gtin, receipt="before"))
    async with db.transaction() as session:
        terms = Terms(maturity_days=0, draw_order=ORDER)
        await decide_policy(session, programme.programme_id, terms, effective_from=NOW + DAY)
    late = sale(resident_id, product.gtin, receipt="told late", at=NOW - DAY)
    await credit(programme, late, sale(resident_id, product.gtin, receipt="after", at=NOW + DAY), now=NOW + DAY)
    assert [each.priority for each in await lots(programme)] == [0, 0, 4]
    await assert_clean(programme)


async def test_points_that_waited_for_their_budget_take_the_place_they_would_have_had(product: Labelled) -> None:
    programme, resident_id = await ordered(ORDER, shortage=Shortage.WAIT_FOR_FUNDING, expiry=ExpiryRule(months=12))
    await credit(programme, sale(resident_id, product.gtin, quantity=2))
    async with db.transaction() as session:
        budget_id, key = programme.base_budget_id, f"fund:{new_id()}"
        await ledger.fund(session, programme.programme_id, budget_id, 100, key=key, now=NOW)
    async with db.transaction() as session:
        assert await deferrals.grant(session, programme.programme_id, now=NOW, limit=10) == 1
    assert [(each.amount, each.priority) for each in await lots(programme)] == [(15, 4), (5, 4)]
    await assert_clean(programme)
