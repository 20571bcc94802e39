"""Giving back what is not plain: budgets that are short, points that waited, lapsed or were forgiven, corrections."""

from datetime import timedelta
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points.earning.adjustments.values import Adjusted
from points.earning.clawbacks import forgivenesses
from points.earning.clawbacks.scopes import OfFigures, OfFraud
from points.earning.funding.deferrals import grant
from points.errors import NotFoundError, StateConflictError
from points.programmes.policy import Caps, Shortage, Terms
from points.programmes.tables import Programme
from points.residents import notices
from tests.factories.clawbacks import ELSEWHERE, EVER, WHY, bought, held, placed, previewed, spend, worked
from tests.factories.credits import NOW, assert_clean
from tests.factories.labels import Labelled, make_baseline
from tests.factories.programmes import make_programme
from tests.factories.reinstatements import came_back, days, fund, given_back, left, taken_back
from tests.factories.residents import make_residents


async def joined(programme: Programme, count: int = 1) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, programme, count)


async def test_a_budget_that_is_short_gives_back_nothing_until_it_is_funded(database: str, product: Labelled) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, base_points=45, terms=Terms(maturity_days=0))
    who, other = await joined(programme, 2)
    await bought(programme, who, product, 3)
    order_id = await taken_back(programme)
    await bought(programme, other, product, 2, retailer_id=ELSEWHERE)
    before = await held(programme, who), await days(programme, who)
    with pytest.raises(StateConflictError, match=r"lacks 5.* nothing was given back"):
        await given_back(programme, order_id, who)
    assert (await held(programme, who), await days(programme, who), await left(programme)) == (*before, 25)
    await fund(programme, 5)
    await given_back(programme, order_id, who)
    assert (await held(programme, who), await left(programme)) == ((3000, 30, 0), 0)
    await assert_clean(programme)


async def test_what_waited_for_its_budget_waits_again(database: str, product: Labelled) -> None:
    terms = Terms(maturity_days=0, shortage=Shortage.WAIT_FOR_FUNDING)
    async with db.transaction() as session:
        programme = await make_programme(session, base_points=20, terms=terms)
    who, other = await joined(programme, 2)
    await bought(programme, who, product, 2)
    waiting = await bought(programme, who, product, 3)
    order_id = await taken_back(programme)
    await fund(programme, 100)
    await given_back(programme, order_id, who, [waiting])
    assert await held(programme, who) == (3000, 0, 0)
    async with db.transaction() as session:
        assert await grant(session, programme.programme_id, now=NOW, limit=10) == 1
    assert await held(programme, who) == (3000, 30, 0)
    await bought(programme, other, product, retailer_id=ELSEWHERE)
    await taken_back(programme)
    assert await held(programme, who) == (0, 0, 0)
    await assert_clean(programme)


async def test_what_a_correction_kept_from_being_granted_is_granted_later(database: str, product: Labelled) -> None:
    terms = Terms(maturity_days=0, shortage=Shortage.WAIT_FOR_FUNDING)
    async with db.transaction() as session:
        programme = await make_programme(session, base_points=1, terms=terms)
    [who] = await joined(programme)
    await bought(programme, who, product, 4)
    async with db.transaction() as session:
        wrong = await make_baseline(session, product.category_id, 4_500_000)
    wanted = OfFigures(baselines={product.baseline_id: wrong})
    for points in (30, 40):
        order_id = await previewed(programme, wanted)
        await placed(programme, order_id)
        await worked(programme, order_id)
        await fund(programme, 50)
        async with db.transaction() as session:
            await grant(session, programme.programme_id, now=NOW, limit=10)
        assert await held(programme, who) == (3000, 30, 0)
        await given_back(programme, order_id, who)
        assert await held(programme, who) == (4000, points, 0)
        await assert_clean(programme)
        async with db.transaction() as session:
            await grant(session, programme.programme_id, now=NOW, limit=10)
        assert (await held(programme, who), await left(programme)) == ((4000, 40, 0), 11 if points == 30 else 61)
        await assert_clean(programme)


async def test_the_room_under_a_cap_is_used_again(database: str, product: Labelled) -> None:
    terms = Terms(maturity_days=0, caps=Caps(retailer_grams_per_day=5_000))
    async with db.transaction() as session:
        programme = await make_programme(session, terms=terms)
    who, other = await joined(programme, 2)
    await bought(programme, who, product, 3)
    await given_back(programme, await taken_back(programme), who)
    await bought(programme, other, product, 3)
    assert [await held(programme, each) for each in (who, other)] == [(3000, 30, 0), (2000, 20, 0)]
    await assert_clean(programme)


async def test_points_that_had_lapsed_lapse_again_and_others_can_be_spent_once_more(
    programme: Programme, product: Labelled
) -> None:
    lapsed, lapsing = await joined(programme, 2)
    for who in (lapsed, lapsing):
        await bought(programme, who, product, 3)
    year = timedelta(days=400)
    order_id = await previewed(programme, OfFraud(resident_ids=(lapsing,)))
    await placed(programme, order_id)
    await worked(programme, order_id)
    await given_back(programme, order_id, lapsing, now=NOW + year)
    assert await held(programme, lapsing, NOW + year) == (3000, 30, 0), "they lapsed only while they were taken away"
    assert await held(programme, lapsing, NOW + 2 * year) == (3000, 0, 0)
    order_id = await previewed(programme, OfFraud(resident_ids=(lapsed,)))
    await placed(programme, order_id)
    await worked(programme, order_id, now=NOW + year)
    await given_back(programme, order_id, lapsed, now=NOW + year)
    assert await held(programme, lapsed, NOW + year) == (3000, 0, 0)
    await assert_clean(programme)


async def test_a_correction_is_undone_with_the_figure_of_before(programme: Programme, product: Labelled) -> None:
    [who] = await joined(programme)
    sold = await bought(programme, who, product, 4)
    async with db.transaction() as session:
        right = await make_baseline(session, product.category_id, 4_500_000)
    order_id = await previewed(programme, OfFigures(baselines={product.baseline_id: right}))
    await placed(programme, order_id)
    await worked(programme, order_id)
    corrected = await held(programme, who)
    assert 0 < corrected[0] < 4000
    await given_back(programme, order_id, who)
    assert await held(programme, who) == (4000, 40, 0)
    assert isinstance(await came_back(programme, sold), Adjusted)
    assert await held(programme, who) == (3000, 30, 0)
    await assert_clean(programme)


async def test_a_correction_that_took_nothing_yet_is_undone_too(programme: Programme, product: Labelled) -> None:
    [who] = await joined(programme)
    sold = await bought(programme, who, product, 4)
    async with db.transaction() as session:
        wrong = await make_baseline(session, product.category_id, 9_000_000)
    order_id = await previewed(programme, OfFigures(baselines={product.baseline_id: wrong}))
    await placed(programme, order_id)
    await worked(programme, order_id)
    assert await held(programme, who) == (4000, 40, 0), "corrections only ever lower"
    row = await given_back(programme, order_id, who)
    assert (row.activities, row.grams, row.points) == (1, 0, 0)
    assert isinstance(await came_back(programme, sold), Adjusted)
    assert await held(programme, who) == (3000, 30, 0), "and not by the figure that was undone"
    with pytest.raises(StateConflictError, match="Nothing is left"):
        await given_back(programme, order_id, who)
    async with db.transaction() as session:
        assert not (await notices.listed(session, programme.programme_id, who, before=None, limit=5)).notices
    await assert_clean(programme)


async def test_a_correction_after_which_goods_came_back_can_not_be_undone_by_itself(
    programme: Programme, product: Labelled
) -> None:
    [who] = await joined(programme)
    sold = await bought(programme, who, product, 4)
    async with db.transaction() as session:
        right = await make_baseline(session, product.category_id, 4_500_000)
    order_id = await previewed(programme, OfFigures(baselines={product.baseline_id: right}))
    await placed(programme, order_id)
    await worked(programme, order_id)
    await came_back(programme, sold)
    before = await held(programme, who)
    with pytest.raises(StateConflictError, match="changed again since"):
        await given_back(programme, order_id, who)
    assert await held(programme, who) == before
    await assert_clean(programme)


async def test_what_was_forgiven_is_not_given_twice(programme: Programme, product: Labelled) -> None:
    [who] = await joined(programme)
    await bought(programme, who, product, 3)
    await spend(programme, who, 20)
    order_id = await taken_back(programme)
    async with db.transaction() as session:
        await forgivenesses.forgive(
            session, programme.programme_id, who, points=15, reason=WHY, actor="staff:t", now=NOW
        )
    row = await given_back(programme, order_id, who)
    assert (row.points, row.paid) == (30, 10)
    assert await held(programme, who) == (3000, 10, 0), "as if 20 of 30 points were spent, and nothing else happened"
    await assert_clean(programme)


async def test_what_came_later_is_given_back_first(programme: Programme, product: Labelled) -> None:
    [who] = await joined(programme)
    sold = await bought(programme, who, product, 2)
    with pytest.raises(NotFoundError, match="took nothing"):
        await given_back(programme, await previewed(programme, EVER), who)
    order_id = await previewed(programme, OfFraud(activity_ids=(sold,)))
    await placed(programme, order_id)
    await worked(programme, order_id)
    with pytest.raises(NotFoundError, match="took nothing"):
        await given_back(programme, order_id, who, [new_id()])
    with pytest.raises(NotFoundError, match="No resident"):
        await given_back(programme, order_id, new_id())
