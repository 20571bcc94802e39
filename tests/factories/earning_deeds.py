"""What can be reported and decided, as deeds: sales, scans, returns, claims, reviews, corrections."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from api.idempotency import Ticket
from api.routes.scans import ScanRequest, record_scans
from core import clock, db
from core.ids import new_id
from points.campaigns import campaigns
from points.campaigns.campaigns import CampaignDraft
from points.campaigns.rules import Bonus
from points.earning import reviews
from points.earning.activities import Claimable, Held, Receipt, Scan
from points.earning.adjustments.adjustments import adjust
from points.earning.adjustments.return_lines import Bought
from points.earning.adjustments.values import AdjustmentKind, Change, Nothing
from points.earning.clawbacks.reinstatements import reinstate
from points.earning.credits import record
from points.earning.evidence.receipt_claims import claim
from points.earning.returns import record_returns
from points.earning.sales import record_sales
from points.errors import StateConflictError
from points.programmes.guard_terms import Guards
from points.programmes.policy import Caps, SpentPoints
from tests.factories.clawbacks import ELSEWHERE, WHY, bought
from tests.factories.credits import NOW, RETAILER, credit, sale
from tests.factories.deeds import Deed, Making, World, make_world
from tests.factories.programmes import AT_ONCE
from tests.factories.reinstatements import taken_back
from tests.factories.returns import RETAILER as SHOP
from tests.factories.returns import back, member_of, returned, sold
from tests.factories.spending import spend
from tests.factories.tills import report
from tests.factories.tills import sold as rung_up
from tests.factories.units import SECRET, make_units
from workers.till_keys import till_keys


async def some_sales() -> Deed:
    """Members, one of them over a cap, a stranger, nobody, what a campaign pays for, and what is refused."""
    caps = Caps(grams_per_day=4_500, units_per_gtin_month=100, household_points_per_month=1_000_000)
    world = await make_world(replace(AT_ONCE, caps=caps, guards=Guards(visits_per_minute=1_000)))
    ann, bob = await member_of(world.programme, world.ann), await member_of(world.programme, world.bob)
    gtin = world.product.gtin
    await _open_campaign(world)
    await report(world.programme, rung_up(gtin, ann, receipt="earlier", quantity=2))
    lines = [
        rung_up(gtin, ann, receipt="1", quantity=2),
        rung_up(gtin, ann, receipt="1", line=2, quantity=2),
        rung_up(gtin, bob, receipt="2"),
        rung_up(gtin, "nobody's", receipt="3"),
        rung_up(gtin, None, receipt="4"),
        rung_up(gtin, ann, receipt="earlier", line=2, quantity=-1),
    ]

    async def act(session: AsyncSession) -> object:
        return await record_sales(session, world.id, RETAILER, lines, keys=till_keys(), now=NOW)

    first = [(2000, 27), (500, 12), (1000, 17), "unknown_member", "anonymous", "returns_not_accepted"]
    return Deed(world.programme, act, first, first)


async def labels_of_units() -> Deed:
    """One unit of somebody's own, one that was sold before, one that somebody else has, and a plain code."""
    world = await make_world()
    codes = await _units(world, 4)
    await credit(world.programme, sale(world.ann, codes[1]), Scan(world.bob, codes[2], NOW))
    scans = [Scan(world.ann, code, NOW) for code in (codes[0], codes[1], codes[2], world.product.gtin)]

    async def act(session: AsyncSession) -> object:
        return await record(session, world.id, scans, now=NOW, unit_secret=SECRET)

    first = [(500, 5), (1000, 10), "unit_already_claimed", (0, 1)]
    return Deed(world.programme, act, first, first)


async def sales_of_units() -> Deed:
    """The sale of one that its buyer scanned before, and of one that somebody else did: it is taken back from them."""
    world = await make_world()
    codes = await _units(world, 2)
    await credit(world.programme, Scan(world.ann, codes[0], NOW), Scan(world.bob, codes[1], NOW))
    lines = [sale(world.ann, code, receipt=f"r{n}") for n, code in enumerate(codes)]

    async def act(session: AsyncSession) -> object:
        return await record(session, world.id, lines, now=NOW, unit_secret=SECRET)

    first = [(500, 5), (1000, 10)]
    return Deed(world.programme, act, first, first)


async def scans_under_keys() -> Deed:
    """Scans as the app sends them, each with a key under which its answer is kept."""
    world = await make_world()
    requests = [
        ScanRequest(Scan(each, world.product.gtin, clock.now()), Ticket(f"request:resident:{each}:k", each.bytes))
        for each in (world.ann, world.bob)
    ]

    async def act(session: AsyncSession) -> object:
        return await record_scans(session, world.id, requests)

    return Deed(world.programme, act, [201, 201], [201, 201])


async def returns_of_spent_points() -> Deed:
    """A part of one sale, and all of another of which most points are spent: what is missing is owed."""
    world = await make_world(replace(AT_ONCE, spent_points=SpentPoints.OWED))
    ann, bob = await member_of(world.programme, world.ann), await member_of(world.programme, world.bob)
    await sold(world.programme, ann, world.product)
    await sold(world.programme, bob, world.product, receipt="S2")
    await spend(world.programme, world.bob, 25)
    lines = [
        back(world.product, receipt="B1"),
        back(world.product, 3, receipt="B2", bought=Bought("S2", 1)),
        back(world.product, 9, receipt="B3"),
    ]

    async def act(session: AsyncSession) -> object:
        reported = [(SHOP, line) for line in lines]
        return await record_returns(session, world.id, reported, keys=till_keys(), now=NOW)

    first = [(1000, 10, 0), (3000, 30, 25), "more_than_bought"]
    return Deed(world.programme, act, first, first)


async def a_claimed_receipt() -> Deed:
    """The two lines of an anonymous receipt, of one of which a unit was brought back."""
    world = await make_world()
    lines = [rung_up(world.product.gtin, line=line, quantity=line) for line in (1, 2)]
    [outcome, _] = await report(world.programme, *lines, retailer_id=SHOP)
    assert isinstance(outcome, Claimable)
    await returned(world.programme, back(world.product, bought=Bought("R1", 2)))

    async def act(session: AsyncSession) -> object:
        return await claim(session, world.id, world.ann, outcome.claim_code, now=NOW)

    first = [(1000, 10), (1000, 10)]
    return Deed(world.programme, act, first, first)


async def held_sales() -> Deed:
    """Sales that guards hold for review."""
    world = await make_world(replace(AT_ONCE, guards=Guards(visits_per_minute=0)))
    lines = [sale(each, world.product.gtin, receipt=str(each)) for each in (world.ann, world.bob)]

    async def act(session: AsyncSession) -> object:
        return await record(session, world.id, lines, now=NOW, unit_secret=SECRET)

    first = ["visits_per_minute"] * 2
    return Deed(world.programme, act, first, first)


async def decided_reviews(*, accept: bool) -> Deed:
    """Two sales that guards held, decided either way; a second time nothing is left to decide."""
    world = await make_world(replace(AT_ONCE, guards=Guards(visits_per_minute=0)))
    lines = [sale(each, world.product.gtin, receipt=str(each)) for each in (world.ann, world.bob)]
    held = [each.review_id for each in await credit(world.programme, *lines) if isinstance(each, Held)]
    decide = reviews.accept if accept else reviews.refuse

    async def act(session: AsyncSession) -> object:
        return await decide(session, world.id, held, note="Looked at.", actor="staff:1", now=NOW)

    first = ["ACCEPTED" if accept else "REFUSED"] * 2
    return Deed(world.programme, act, first, first)


async def corrections() -> Deed:
    """One receipt taken back whole, of which points were spent, and the programme bears them."""
    world = await make_world()
    lines = [sale(each, world.product.gtin, receipt=str(each), quantity=2) for each in (world.ann, world.bob)]
    receipts = [each for each in await credit(world.programme, *lines) if isinstance(each, Receipt)]
    await spend(world.programme, world.ann, 15)
    changes = [
        Change(
            f"test:{each.activity_id}",
            each.activity_id,
            AdjustmentKind.CORRECTION,
            Nothing(),
            "It was wrong.",
            None,
            NOW,
            SpentPoints.PROGRAMME,
        )
        for each in receipts
    ]

    async def act(session: AsyncSession) -> object:
        return await adjust(session, world.id, changes, now=NOW)

    first = [(2000, 20, 0), (2000, 20, 0)]
    return Deed(world.programme, act, first, first)


async def what_a_clawback_took() -> Deed:
    """Given back after an appeal: of two receipts, when points were spent, owed, and some of them repaid since."""
    world = await make_world()
    for units in (1, 2):
        await bought(world.programme, world.ann, world.product, units)
    await spend(world.programme, world.ann, 15)
    order_id = await taken_back(world.programme)
    await bought(world.programme, world.ann, world.product, retailer_id=ELSEWHERE)
    wanted = partial(reinstate, activity_ids=None, reason=WHY, actor="staff:t", now=NOW)

    async def act(session: AsyncSession) -> object:
        try:
            row = await wanted(session, world.id, order_id, world.ann)
        except StateConflictError as error:
            return "before" in str(error)
        return row.activities, row.grams, row.points, row.paid

    return Deed(world.programme, act, (2, 3000, 30, 15), again=True)


EARNING: Final[dict[str, Making]] = {
    "a batch of sales": some_sales,
    "labels of units": labels_of_units,
    "sales of units": sales_of_units,
    "scans under keys": scans_under_keys,
    "returns of spent points": returns_of_spent_points,
    "a claimed receipt": a_claimed_receipt,
    "sales that are held": held_sales,
    "reviews that are accepted": partial(decided_reviews, accept=True),
    "reviews that are refused": partial(decided_reviews, accept=False),
    "corrections": corrections,
    "what a clawback took": what_a_clawback_took,
}


async def _units(world: World, count: int) -> list[str]:
    async with db.transaction() as session:
        return await make_units(session, world.product, count)


async def _open_campaign(world: World) -> None:
    week = timedelta(days=7)
    draft = CampaignDraft("活动", "Campaign", NOW - timedelta(days=1), NOW + week, Bonus(points=7))
    async with db.transaction() as session:
        await campaigns.open(session, world.id, draft, funded_points=1000, staff_id=new_id(), now=draft.starts_at)
