"""Giving back: afterwards everything stands as if the order had never met the resident, whatever was spent."""

import asyncio
import random
from uuid import UUID

import pytest
from sqlmodel import col, select

from core import db
from points.earning.adjustments.tables import Adjustment
from points.earning.adjustments.values import Adjusted, AdjustmentKind
from points.earning.clawbacks import order_queries
from points.errors import StateConflictError
from points.programmes.policy import SpentPoints, Terms
from points.programmes.tables import Programme
from points.residents import notices
from tests.factories.clawbacks import ELSEWHERE, WHY, bought, held, spend
from tests.factories.credits import assert_clean
from tests.factories.labels import Labelled
from tests.factories.programmes import make_programme
from tests.factories.reinstatements import came_back, days, given_back, left, taken_back
from tests.factories.residents import make_residents

ROUNDS = 12


async def joined(programme: Programme, count: int = 1) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, programme, count)


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_taken_and_given_back_is_as_if_it_had_never_been_taken(
    database: str, product: Labelled, seed: int
) -> None:
    """Whatever was bought, returned, spent before and between, whoever bears it, and however it is given back."""
    dice = random.Random(seed)
    async with db.transaction() as session:
        programme = await make_programme(session, terms=Terms(maturity_days=dice.choice([0, 0, 7])))
    who, other = await joined(programme, 2)
    sold = [await bought(programme, who, product, dice.randint(2, 4)) for _ in range(dice.randint(1, 4))]
    await bought(programme, other, product, 2)
    if dice.random() < 0.5:
        await came_back(programme, dice.choice(sold))
    await spend(programme, who, dice.randint(1, 60))
    before = await held(programme, who), await days(programme, who), await left(programme)
    order_id = await taken_back(programme, dice.choice([None, SpentPoints.PROGRAMME, SpentPoints.OWED]))
    assert await held(programme, who) != before[0]
    repaid = await bought(programme, who, product, retailer_id=ELSEWHERE) if dice.random() < 0.5 else None
    for chosen in dice.sample(sold, dice.randint(0, len(sold) - 1)):
        await given_back(programme, order_id, who, [chosen])
    await given_back(programme, order_id, who)
    await given_back(programme, order_id, other)
    if repaid is not None:  # what was earned in between paid a debt, and came back with the rest
        await came_back(programme, repaid)
    grams, points, owed = await held(programme, who)
    after = (grams, points, owed), [(each[0], each[1]) for each in await days(programme, who)], await left(programme)
    assert after == (before[0], [(each[0], each[1]) for each in before[1]], before[2])
    await assert_clean(programme)


async def test_it_is_given_back_once_and_traced_from_the_receipt(programme: Programme, product: Labelled) -> None:
    [who] = await joined(programme)
    first, second = [await bought(programme, who, product, 2) for _ in range(2)]
    await spend(programme, who, 25)
    order_id = await taken_back(programme)
    assert await held(programme, who) == (0, 0, 25)
    given = await given_back(programme, order_id, who, [second])
    assert (given.activities, given.grams, given.points) == (1, 2000, 20)
    with pytest.raises(StateConflictError, match="given back before"):
        await given_back(programme, order_id, who, [second])
    rest = await given_back(programme, order_id, who)
    assert (rest.activities, given.paid + rest.paid) == (1, 15)
    with pytest.raises(StateConflictError, match="Nothing is left"):
        await given_back(programme, order_id, who)
    assert await held(programme, who) == (4000, 15, 0)
    async with db.transaction() as session:
        query = select(Adjustment).where(Adjustment.activity_id == first).order_by(col(Adjustment.adjustment_id))
        taken, back = (await session.exec(query)).all()
        told = await notices.listed(session, programme.programme_id, who, before=None, limit=5)
        rows = await order_queries.reinstatements(session, programme.programme_id, order_id, before=None, limit=5)
    assert back.kind == AdjustmentKind.REOPENED
    assert (back.grams, back.points, back.units) == (-taken.grams, -taken.points, -taken.units)
    assert back.order_id == rest.reinstatement_id
    assert back.reason == f"{WHY.zh} / {WHY.en}"
    assert [each.reinstatement_id for each in rows] == [rest.reinstatement_id, given.reinstatement_id]
    assert [each.kind for each in told.notices] == ["reinstatement", "reinstatement", "clawback"]
    assert sum(each.owed for each in told.notices[:2]) == 25
    await assert_clean(programme)


async def test_of_two_operators_at_once_one_gives_it_back(programme: Programme, product: Labelled) -> None:
    [who] = await joined(programme)
    await bought(programme, who, product, 3)
    order_id = await taken_back(programme)
    done = await asyncio.gather(*(given_back(programme, order_id, who) for _ in range(4)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["Reinstatement", *["StateConflictError"] * 3]
    assert await held(programme, who) == (3000, 30, 0)
    await assert_clean(programme)


@pytest.mark.parametrize("seed", range(4))
async def test_a_return_of_the_same_goods_at_once_is_before_or_after(
    programme: Programme, product: Labelled, seed: int
) -> None:
    [who] = await joined(programme)
    sold = await bought(programme, who, product, 3)
    order_id = await taken_back(programme)
    both = [given_back(programme, order_id, who), came_back(programme, sold)]
    _, returned = await asyncio.gather(*both) if seed % 2 else reversed(await asyncio.gather(*reversed(both)))
    stays = 2 if isinstance(returned, Adjusted) else 3
    assert await held(programme, who) == (stays * 1000, stays * 10, 0)
    await assert_clean(programme)


async def test_what_is_given_back_can_come_back_and_be_taken_again(programme: Programme, product: Labelled) -> None:
    [who] = await joined(programme)
    sold = await bought(programme, who, product, 3)
    await spend(programme, who, 20)
    order_id = await taken_back(programme)
    await given_back(programme, order_id, who)
    assert isinstance(await came_back(programme, sold, 2), Adjusted)
    assert await held(programme, who) == (1000, 0, 10)
    again = await taken_back(programme)
    assert await held(programme, who) == (0, 0, 20)
    with pytest.raises(StateConflictError, match="before"):
        await given_back(programme, order_id, who)
    await given_back(programme, again, who)
    assert await held(programme, who) == (1000, 0, 10)
    await assert_clean(programme)
