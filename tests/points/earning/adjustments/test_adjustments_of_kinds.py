"""Credits of every kind worth less: with campaigns, caps, matched labels, discoveries, before maturity, in bulk."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points import ledger
from points.campaigns import campaigns
from points.campaigns.campaigns import CampaignDraft
from points.campaigns.rules import Bonus, Conditions, Multiply
from points.earning.activities import Evidence, Receipt, Scan
from points.earning.adjustments.adjustments import adjust
from points.earning.adjustments.values import Adjusted, AdjustmentKind, Change, Keep, Nothing, Resaved, UnitsTaken
from points.programmes.policy import Caps, Terms
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.labels import Labelled, make_baseline
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.factories.statements import counted
from tests.factories.units import make_units


def taking(activity_id: UUID, keep: Keep) -> Change:
    return Change(f"test:{new_id()}", activity_id, AdjustmentKind.CLAWBACK, keep, "test", None, NOW)


async def take(programme: Programme, *changes: Change) -> list[Adjusted]:
    async with db.transaction() as session:
        found = await adjust(session, programme.programme_id, changes, now=NOW)
    assert all(isinstance(each, Adjusted) for each in found), found
    return [each for each in found if isinstance(each, Adjusted)]


async def receipt_for(programme: Programme, evidence: Evidence) -> Receipt:
    [receipt] = await credit(programme, evidence)
    assert isinstance(receipt, Receipt), receipt
    return receipt


async def run_campaign(programme: Programme, rule: Multiply | Bonus, staff_id: UUID) -> UUID:
    """Open a campaign; return its budget."""
    draft = CampaignDraft("周末", "Weekend", NOW - timedelta(days=1), NOW + timedelta(days=1), rule)
    async with db.transaction() as session:
        made = await campaigns.open(
            session, programme.programme_id, draft, funded_points=1000, staff_id=staff_id, now=draft.starts_at
        )
    return made.campaign.budget_id


async def test_each_campaign_gets_back_what_it_paid_for_units_that_went(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    rules: tuple[Multiply | Bonus, ...] = (
        Multiply(multiplier_bp=15_000),
        Bonus(points=7, conditions=Conditions(minimum_grams=2000)),
        Bonus(points=3),
    )
    budgets = [await run_campaign(programme, rule, resident) for rule in rules]
    receipt = await receipt_for(programme, sale(resident, product.gtin, quantity=3))
    assert receipt.points == 30 + 15 + 7 + 3
    found = await take(programme, *[taking(receipt.activity_id, UnitsTaken(1)) for _ in range(3)])
    assert [each.points_left for each in found] == [20 + 10 + 7 + 3, 10 + 5 + 0 + 3, 0]
    async with db.transaction() as session:
        left = await ledger.budgets_left(session, programme.programme_id, budgets)
    assert set(left.values()) == {1000}, "each campaign has back what it had paid"
    await assert_clean(programme)


async def test_what_a_cap_cut_off_stays_cut_off(database: str, product: Labelled) -> None:
    terms = replace(AT_ONCE, caps=Caps(grams_per_day=2500))
    async with db.transaction() as session:
        programme = await make_programme(session, terms=terms)
        [resident] = await make_residents(session, programme, 1)
    receipt = await receipt_for(programme, sale(resident, product.gtin, quantity=4))
    assert receipt.grams == 2500
    found = await take(programme, *[taking(receipt.activity_id, UnitsTaken(1)) for _ in range(4)])
    assert [(each.grams, each.points) for each in found] == [(0, 0), (500, 5), (1000, 10), (1000, 10)]
    again = await receipt_for(programme, sale(resident, product.gtin, quantity=4, receipt="after"))
    assert again.grams == 2500, "what came back counts under no cap"
    await assert_clean(programme)


async def test_matched_labels_go_after_the_units_that_were_not(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    async with db.transaction() as session:
        codes = await make_units(session, product, 2)
    for code in codes:
        await receipt_for(programme, Scan(resident, code, NOW))
    receipt = await receipt_for(programme, sale(resident, product.gtin, quantity=3))
    assert (len(receipt.matched), receipt.grams) == (2, 2000)
    found = await take(programme, *[taking(receipt.activity_id, UnitsTaken(1)) for _ in range(3)])
    assert [(each.units, each.grams) for each in found] == [(1, 1000), (1, 1000), (1, 1000)]
    async with db.transaction() as session:
        held = await ledger.holdings(session, programme.programme_id, resident, now=NOW)
    assert (held.grams, held.available) == (0, 0)
    await assert_clean(programme)


@pytest.mark.parametrize("first", ["sale", "label", "both"])
async def test_a_sale_and_its_label_are_corrected_to_what_the_line_saves(
    programme: Programme, resident: UUID, product: Labelled, first: str
) -> None:
    """Two units save 2,000 g and then 1,500 g, the label's half of one first 500 g and then 375 g; one comes back."""
    async with db.transaction() as session:
        [code] = await make_units(session, product, 1)
    label = await receipt_for(programme, Scan(resident, code, NOW))
    line = await receipt_for(programme, sale(resident, product.gtin, quantity=2))
    assert (label.grams, line.grams) == (500, 1500)
    async with db.transaction() as session:
        lower = await make_baseline(session, product.category_id, milligrams=4_500_000)
    changes = [taking(each.activity_id, Resaved(baseline_id=lower)) for each in (line, label)]
    back = taking(line.activity_id, UnitsTaken(1))
    if first == "both":
        await take(programme, *changes)
    else:
        earlier, later = changes if first == "sale" else changes[::-1]
        await take(programme, earlier)
        await take(programme, back)
        await take(programme, later)
    async with db.transaction() as session:
        held = await ledger.holdings(session, programme.programme_id, resident, now=NOW)
    assert held.grams == (1500 if first == "both" else 750)
    await assert_clean(programme)


async def test_a_discovery_goes_with_its_scan(programme: Programme, resident: UUID, product: Labelled) -> None:
    receipt = await receipt_for(programme, Scan(resident, product.gtin, NOW))
    assert receipt.points == 1
    [found] = await take(programme, taking(receipt.activity_id, Nothing()))
    assert (found.points, found.grams, found.units_left) == (1, 0, 0)
    await assert_clean(programme)


async def test_points_that_are_not_mature_yet_go_without_a_debt(database: str, product: Labelled) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=Terms())
        [resident] = await make_residents(session, programme, 1)
    receipt = await receipt_for(programme, sale(resident, product.gtin, quantity=2))
    [found] = await take(programme, taking(receipt.activity_id, UnitsTaken(1)))
    assert (found.points, found.owed) == (10, 0)
    async with db.transaction() as session:
        held = await ledger.holdings(session, programme.programme_id, resident, now=NOW)
    assert (held.available, held.pending, held.owed) == (0, 10, 0)
    await assert_clean(programme)


async def test_many_changes_cost_as_many_statements_as_two(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    sales = [sale(resident, product.gtin, receipt=str(number), quantity=2) for number in range(60)]
    receipts = [each for each in await credit(programme, *sales) if isinstance(each, Receipt)]
    changes = [taking(each.activity_id, UnitsTaken(1)) for each in receipts]
    await take(programme, *changes[:2])
    with counted() as few:
        await take(programme, *changes[2:4])
    with counted() as many:
        await take(programme, *changes[4:])
    assert len(many) == len(few)
    await assert_clean(programme)
