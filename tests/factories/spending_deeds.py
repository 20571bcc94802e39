"""What becomes of points afterwards, as deeds: they are spent, given back, mature, lapse, and wait for a budget."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core import db
from core.ids import new_id
from points import ledger
from points.budgets import budgets
from points.earning.activities import Sale
from points.earning.adjustments.return_lines import Bought
from points.earning.funding import deferrals
from points.programmes.policy import Shortage, SpentPoints
from points.rewards import redemptions
from points.rewards.redemptions import RESERVATION, RedemptionRequest, Swept
from tests.factories.credits import NOW, credit, sale
from tests.factories.deeds import Deed, Making, World, make_world
from tests.factories.programmes import AT_ONCE
from tests.factories.returns import back, member_of, returned, sold
from tests.factories.rewards import make_reward
from tests.factories.spending import reserved, spend

_WAITING: Final = replace(AT_ONCE, shortage=Shortage.WAIT_FOR_FUNDING)
_LATER: Final = NOW + timedelta(days=1)
_YEARS_LATER: Final = NOW + timedelta(days=1000)


async def reservations() -> Deed:
    """Two who can pay and one who can not want the last two units."""
    world = await _earned()
    async with db.transaction() as session:
        reward_id = await make_reward(session, world.programme, points=15, stock=2)
    wishes = [RedemptionRequest(each, reward_id, f"{each}:w") for each in (world.ann, world.bob, world.ann)]
    wishes[2] = replace(wishes[2], key=f"{world.ann}:another")

    async def act(session: AsyncSession) -> object:
        return await redemptions.reserve(session, world.id, wishes, now=NOW)

    first = [("reserved", "code-0"), ("reserved", "code-1"), "sold_out"]
    return Deed(world.programme, act, first, first)


async def closings(*, fulfilled: bool) -> Deed:
    """Reservations that are fulfilled, or released."""
    world = await _earned()
    ids = await reserved(world.programme, world.ann, world.bob)
    close = redemptions.settle if fulfilled else redemptions.release

    async def act(session: AsyncSession) -> object:
        return await close(session, world.id, ids, now=NOW)

    first: list[object] = [("fulfilled", "code-0"), ("fulfilled", "code-1")] if fulfilled else [("released", None)] * 2
    return Deed(world.programme, act, first, first)


async def forgotten_reservations() -> Deed:
    """The sweep settles those that have their voucher, and has nothing left to do then."""
    world = await _earned()
    await reserved(world.programme, world.ann, world.bob)

    async def act(session: AsyncSession) -> object:
        return await redemptions.sweep(session, world.id, now=NOW + timedelta(minutes=6))

    return Deed(world.programme, act, Swept(2, 0), Swept(0, 0))


async def refunds() -> Deed:
    """A part of what was spent comes back; before that it pays what is owed."""
    world = await _earned()
    hold_ids = [await spend(world.programme, each, 25) for each in (world.ann, world.bob)]
    await _bring_back(world, world.bob)
    uses = [ledger.KeyUse(f"refund:{each}", ledger.input_hash(each), new_id()) for each in hold_ids]

    async def act(session: AsyncSession) -> object:
        claimed = await ledger.claim(session, world.id, uses)
        wanted = [
            ledger.Refund(use.entry_id, hold_id, 20)
            for use, hold_id, each in zip(uses, hold_ids, claimed, strict=True)
            if each.state is ledger.ClaimState.FRESH and use.entry_id is not None
        ]
        return await ledger.refund(session, world.id, wanted, now=NOW)

    return Deed(world.programme, act, ["posted", "posted"], [])


async def debts_that_are_repaid() -> Deed:
    """What matures pays what its resident owes."""
    world = await _earned()
    await spend(world.programme, world.bob, 25)
    await _bring_back(world, world.bob)
    await credit(world.programme, sale(world.bob, world.product.gtin, receipt="later", quantity=2))
    return _sweep(world, partial(ledger.mature, now=_LATER, limit=100), 1)


async def lots_that_lapse() -> Deed:
    world = await _earned()
    return _sweep(world, partial(ledger.expire, now=_YEARS_LATER, limit=100), 2)


async def holds_that_lapse() -> Deed:
    world = await _earned()
    await reserved(world.programme, world.ann, world.bob)
    later = NOW + RESERVATION + timedelta(seconds=1)
    return _sweep(world, partial(ledger.release_lapsed, now=later, limit=100), 2)


async def a_funding() -> Deed:
    world = await make_world(_WAITING, base_points=0)

    async def act(session: AsyncSession) -> object:
        budget_id, key = world.programme.base_budget_id, "fund:once"
        made = await budgets.fund(session, world.id, budget_id, 40, key=key, reason="New", staff_id=None, now=NOW)
        return made.points

    return Deed(world.programme, act, 40, 40)


async def awards_that_waited() -> Deed:
    """What waited for its budget is granted once it is funded."""
    world = await make_world(_WAITING, base_points=0)
    await credit(world.programme, *_sales(world))
    async with db.transaction() as session:
        budget_id = world.programme.base_budget_id
        await ledger.fund(session, world.id, budget_id, 40, key="fund:again", now=NOW)
    return _sweep(world, partial(deferrals.grant, now=NOW, limit=100), 1)


async def awards_that_waited_too_long() -> Deed:
    world = await make_world(_WAITING, base_points=0)
    await credit(world.programme, *_sales(world))
    return _sweep(world, partial(deferrals.lapse, now=_YEARS_LATER, limit=100), 2)


SPENDING: Final[dict[str, Making]] = {
    "reservations": reservations,
    "reservations that are fulfilled": partial(closings, fulfilled=True),
    "reservations that are released": partial(closings, fulfilled=False),
    "reservations that were forgotten": forgotten_reservations,
    "refunds": refunds,
    "debts that are repaid": debts_that_are_repaid,
    "lots that lapse": lots_that_lapse,
    "holds that lapse": holds_that_lapse,
    "a funding": a_funding,
    "awards that waited": awards_that_waited,
    "awards that waited too long": awards_that_waited_too_long,
}


def _sweep(world: World, sweep: Callable[[AsyncSession, UUID], Awaitable[int]], found: int) -> Deed:
    """Return a deed that finds so many things to do, and none a second time."""

    async def act(session: AsyncSession) -> object:
        return await sweep(session, world.id)

    return Deed(world.programme, act, found, 0)


def _sales(world: World) -> list[Sale]:
    return [sale(each, world.product.gtin, receipt=str(each), quantity=3) for each in (world.ann, world.bob)]


async def _earned() -> World:
    """Return a world in which each of the two has bought three units and has 30 points to spend."""
    world = await make_world(replace(AT_ONCE, spent_points=SpentPoints.OWED))
    for each in (world.ann, world.bob):
        await sold(world.programme, await member_of(world.programme, each), world.product, receipt=str(each))
    return world


async def _bring_back(world: World, resident_id: UUID) -> None:
    """Bring back all that a resident has bought."""
    await returned(world.programme, back(world.product, 3, bought=Bought(str(resident_id), 1)))
