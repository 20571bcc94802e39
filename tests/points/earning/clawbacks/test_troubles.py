"""An order with somebody whose turn always fails: others' go on, an operator sees it, and mended it is done once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clock, db
from points.earning.activities import Refusal
from points.earning.adjustments.adjustments import adjust
from points.earning.adjustments.values import Adjusted, Change
from points.earning.clawbacks import chunks, clawbacks, troubles
from points.earning.clawbacks.clawbacks import Overview
from points.errors import StateConflictError
from points.programmes.tables import Programme
from tests.factories.clawbacks import EVER, bought, held, overview, placed, prepared, previewed
from tests.factories.credits import NOW, assert_clean
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents
from workers.tasks import clawbacks as tasks


class Poison:
    """Makes every chunk fail that has an activity of `bad`."""

    def __init__(self, bad: set[UUID]) -> None:
        self.bad = bad
        self.failures = 0

    async def __call__(
        self, session: AsyncSession, programme_id: UUID, changes: Sequence[Change], *, now: datetime
    ) -> list[Adjusted | Refusal]:
        if any(each.activity_id in self.bad for each in changes):
            self.failures += 1
            raise KeyError("13800000000, a secret")
        return await adjust(session, programme_id, changes, now=now)


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    hands = Clock()
    monkeypatch.setattr(clock, "now", hands)
    return hands


async def ordered(
    programme: Programme, product: Labelled, monkeypatch: pytest.MonkeyPatch
) -> tuple[UUID, list[UUID], UUID, Poison]:
    """Place an order about five residents, of whom the third one's turn fails."""
    async with db.transaction() as session:
        residents = sorted(await make_residents(session, programme, 5))
    sold = [await bought(programme, who, product, 2) for who in residents]
    order_id = await previewed(programme, EVER)
    await placed(programme, order_id)
    poison = Poison({sold[2]})
    monkeypatch.setattr(chunks, "adjust", poison)
    return order_id, residents, residents[2], poison


async def worked(programme: Programme, order_id: UUID) -> Overview:
    """Let a worker go on until nothing is left to do at the moment."""
    for _ in range(50):
        if not await tasks._one(programme.programme_id, order_id):
            return await overview(programme, order_id)
    raise AssertionError("It never comes to rest.")


async def test_the_others_go_on_and_the_order_says_who_is_stuck(
    programme: Programme, product: Labelled, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, residents, bad, poison = await ordered(programme, product, monkeypatch)
    found = await worked(programme, order_id)
    assert (found.order.state, found.progress.done, found.taken.points) == ("taking", 4, 80)
    assert [await held(programme, who) for who in residents] == [
        (2000, 20, 0) if who == bad else (0, 0, 0) for who in residents
    ]
    [trouble] = found.troubles
    assert (trouble.resident_id, trouble.attempts, trouble.since) == (bad, 1, NOW)
    assert trouble.next_at == NOW + timedelta(minutes=1)
    assert trouble.problem == "It failed (KeyError)."
    assert found.order.stuck_since == NOW
    failures = poison.failures
    await worked(programme, order_id)
    assert poison.failures == failures, "not before its time"
    poison.bad = set()
    time.now += timedelta(minutes=1)
    ended = await worked(programme, order_id)
    assert (ended.order.state, ended.order.stuck_since, list(ended.troubles)) == ("done", None, [])
    assert (ended.taken.activities, ended.taken.points) == (5, 100)
    await assert_clean(programme)


async def test_after_some_attempts_an_operator_has_to_resume_it_and_then_it_is_done_once(
    programme: Programme, product: Labelled, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, _, bad, poison = await ordered(programme, product, monkeypatch)
    for pause in troubles.PAUSES:
        [trouble] = (await worked(programme, order_id)).troubles
        assert trouble.next_at == time.now + pause
        time.now += pause
    [trouble] = (await worked(programme, order_id)).troubles
    assert (trouble.attempts, trouble.next_at, trouble.since) == (len(troubles.PAUSES) + 1, None, NOW)
    time.now += timedelta(days=9)
    failures = poison.failures
    await worked(programme, order_id)
    assert poison.failures == failures, "it is not tried any more"
    await resumed(programme, order_id)
    [trouble] = (await worked(programme, order_id)).troubles
    assert (trouble.attempts, trouble.since) == (1, NOW), "resumed too early, it fails again and says so"
    poison.bad = set()
    await resumed(programme, order_id)
    ended = await worked(programme, order_id)
    assert (ended.order.state, ended.taken.points, list(ended.troubles)) == ("done", 100, [])
    assert await held(programme, bad) == (0, 0, 0)
    with pytest.raises(StateConflictError, match="Nothing of this order is stuck"):
        await resumed(programme, order_id)
    await assert_clean(programme)


async def resumed(programme: Programme, order_id: UUID) -> None:
    async with db.transaction() as session:
        await troubles.resume(session, programme.programme_id, order_id, now=clock.now())


async def test_an_order_that_can_not_be_tried_out_waits_as_a_whole(
    programme: Programme, product: Labelled, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.transaction() as session:
        residents = await make_residents(session, programme, 2)
    sold = [await bought(programme, who, product) for who in residents]
    order_id = await prepared(programme, EVER)
    async with db.transaction() as session:
        await clawbacks.preview(session, programme.programme_id, order_id, now=NOW)
    poison = Poison(set(sold[:1]))
    monkeypatch.setattr(chunks, "adjust", poison)
    found = await worked(programme, order_id)
    assert (found.order.state, found.previewed) == ("trying", None), "a preview of a part would tell too little"
    assert [each.resident_id for each in found.troubles] == [troubles.NOBODY]
    poison.bad = set()
    await resumed(programme, order_id)
    found = await worked(programme, order_id)
    assert found.order.state == "previewed"
    assert found.previewed is not None
    assert (found.previewed.points, found.order.stuck_since) == (20, None)


async def test_an_order_that_fails_for_everybody_stops(
    programme: Programme, product: Labelled, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, _, _, poison = await ordered(programme, product, monkeypatch)
    monkeypatch.setattr(troubles, "ASIDE", 2)
    async with db.transaction() as session:
        found = await clawbacks.show(session, programme.programme_id, order_id)
    assert found.troubles == ()
    poison.bad = _Everything()
    found = await worked(programme, order_id)
    assert (len(found.troubles), found.progress.done) == (2, 0)
    async with db.transaction() as session:
        cancelled = await clawbacks.cancel(
            session, programme.programme_id, order_id, note="no", actor="staff:t", now=NOW
        )
    assert cancelled.stuck_since is None


class _Everything(set[UUID]):
    def __contains__(self, item: object) -> bool:
        return True


def test_what_is_told_of_an_error_quotes_nothing_of_anybody() -> None:
    refused = IntegrityError("INSERT ...", {"phone": "13800000000"}, ValueError("13800000000"))
    assert troubles.problem_of(refused) == "The database did not do it (ValueError)."
    assert "138" not in troubles.problem_of(KeyError("13800000000"))
    assert troubles.problem_of(StateConflictError("A budget is short.")) == "A budget is short."
    assert troubles.problem_of(TimeoutError()) == "It took too long."
