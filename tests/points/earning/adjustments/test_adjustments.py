"""Taking credits back: what goes, what stays, once, and never more than there is."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points import ledger
from points.earning.activities import Reason, Receipt, Refusal
from points.earning.adjustments.adjustments import adjust, preview
from points.earning.adjustments.values import (
    Adjusted,
    AdjustmentKind,
    Change,
    Keep,
    Nothing,
    Resaved,
    UnitsKept,
    UnitsTaken,
)
from points.earning.tables import Activity
from points.programmes.policy import SpentPoints
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.labels import Labelled, make_baseline


def change(activity_id: UUID, keep: Keep, key: str = "", **other: object) -> Change:
    """Return a change under a key of its own, unless one is given."""
    made = Change(
        key=key or f"test:{new_id()}",
        activity_id=activity_id,
        kind=AdjustmentKind.CLAWBACK,
        keep=keep,
        reason="test",
        order_id=None,
        effective_at=NOW,
    )
    return replace(made, **other)  # type: ignore[arg-type]  # fields of a change


async def adjusted(programme: Programme, *changes: Change) -> list[Adjusted | Refusal]:
    async with db.transaction() as session:
        return await adjust(session, programme.programme_id, changes, now=NOW)


async def bought(programme: Programme, resident: UUID, product: Labelled, quantity: int = 3) -> UUID:
    [receipt] = await credit(programme, sale(resident, product.gtin, quantity=quantity, receipt=str(new_id())))
    assert isinstance(receipt, Receipt)
    return receipt.activity_id


async def held(programme: Programme, resident: UUID) -> tuple[int, int, int]:
    """Return grams, available points and what is owed."""
    async with db.transaction() as session:
        found = await ledger.holdings(session, programme.programme_id, resident, now=NOW)
    return found.grams, found.available, found.owed


async def spend(programme: Programme, resident: UUID, points: int) -> None:
    hold_id = new_id()
    async with db.transaction() as session:
        request = ledger.HoldRequest(hold_id, resident, points, NOW + timedelta(hours=1))
        await ledger.hold(session, programme.programme_id, [request], now=NOW)
        await ledger.settle(session, programme.programme_id, [hold_id], now=NOW)


async def test_units_that_go_take_their_grams_and_points(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    activity_id = await bought(programme, resident, product)
    [found] = await adjusted(programme, change(activity_id, UnitsTaken(2)))
    assert isinstance(found, Adjusted)
    assert (found.units, found.grams, found.points) == (2, 2000, 20)
    assert (found.units_left, found.grams_left, found.points_left) == (1, 1000, 10)
    assert await held(programme, resident) == (1000, 10, 0)
    await assert_clean(programme)


async def test_changes_of_one_batch_see_each_other(programme: Programme, resident: UUID, product: Labelled) -> None:
    activity_id = await bought(programme, resident, product)
    keeps = (UnitsTaken(1), UnitsKept(2), UnitsTaken(1), UnitsTaken(2), Nothing())
    found = await adjusted(programme, *[change(activity_id, keep) for keep in keeps])
    refused = found.pop(3)
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.MORE_THAN_BOUGHT
    assert "at most 1" in refused.detail
    assert [each.units for each in found if isinstance(each, Adjusted)] == [1, 0, 1, 1]
    assert await held(programme, resident) == (0, 0, 0)
    await assert_clean(programme)


async def test_a_change_is_made_once(programme: Programme, resident: UUID, product: Labelled) -> None:
    activity_id = await bought(programme, resident, product)
    one = change(activity_id, UnitsTaken(1))
    [first, twin] = await adjusted(programme, one, one)
    [again] = await adjusted(programme, one)
    [other] = await adjusted(programme, replace(one, keep=UnitsTaken(2)))
    assert isinstance(first, Adjusted)
    assert twin == again == replace(first, replayed=True)
    assert isinstance(other, Refusal)
    assert other.reason is Reason.REPORTED_DIFFERENTLY
    assert await held(programme, resident) == (2000, 20, 0)
    await assert_clean(programme)


async def test_a_refused_change_may_be_asked_for_again(programme: Programme, resident: UUID, product: Labelled) -> None:
    one = change(new_id(), UnitsTaken(1))
    [refused] = await adjusted(programme, one)
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.NO_SUCH_RECEIPT
    activity_id = await bought(programme, resident, product)
    [found] = await adjusted(programme, replace(one, activity_id=activity_id))
    assert isinstance(found, Adjusted)


@pytest.mark.parametrize(("spent", "owed", "borne"), [(None, 25, 0), (SpentPoints.PROGRAMME, 0, 25)])
async def test_points_that_are_spent_are_owed_or_borne(
    programme: Programme, resident: UUID, product: Labelled, spent: SpentPoints | None, owed: int, borne: int
) -> None:
    activity_id = await bought(programme, resident, product)
    await spend(programme, resident, 25)
    [found] = await adjusted(programme, change(activity_id, Nothing(), spent=spent))
    assert isinstance(found, Adjusted)
    assert (found.points, found.owed, found.borne) == (30, owed, borne)
    assert await held(programme, resident) == (0, 0, owed)
    await assert_clean(programme)


async def test_a_preview_tells_the_same_and_changes_nothing(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    activity_id = await bought(programme, resident, product)
    await spend(programme, resident, 25)
    one = change(activity_id, UnitsTaken(2))
    async with db.transaction() as session:
        known = await session.get_one(Activity, (programme.programme_id, activity_id))
        [told] = await preview(session, programme.programme_id, [one], now=NOW)
        [twice] = await preview(session, programme.programme_id, [one], now=NOW)
        assert known.points == 30, "what the caller had read is still there"
    assert await held(programme, resident) == (3000, 5, 0)
    await assert_clean(programme)
    [made] = await adjusted(programme, one)
    assert isinstance(told, Adjusted)
    assert isinstance(made, Adjusted)
    assert isinstance(twice, Adjusted)
    same = {replace(each, adjustment_id=made.adjustment_id) for each in (told, twice)}
    assert same == {made}
    assert (made.points, made.owed) == (20, 15)


async def test_another_baseline_works_it_out_again(programme: Programme, resident: UUID, product: Labelled) -> None:
    activity_id = await bought(programme, resident, product)
    async with db.transaction() as session:
        lower = await make_baseline(session, product.category_id, milligrams=4_500_000)
    [found, later] = await adjusted(
        programme, change(activity_id, Resaved(baseline_id=lower)), change(activity_id, UnitsTaken(1))
    )
    [last] = await adjusted(programme, change(activity_id, UnitsTaken(1)))
    [missing] = await adjusted(programme, change(activity_id, Resaved(baseline_id=new_id())))
    assert isinstance(found, Adjusted)
    assert isinstance(later, Adjusted)
    assert isinstance(last, Adjusted)
    assert [each.grams_left for each in (found, later, last)] == [2250, 1500, 750]
    assert isinstance(missing, Refusal)
    await assert_clean(programme)
