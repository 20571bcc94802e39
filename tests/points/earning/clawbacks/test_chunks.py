"""An order in the middle of things: crashes, several workers, residents who spend and return meanwhile."""

import asyncio
import random
from collections.abc import Callable
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points.earning.adjustments.adjustments import adjust
from points.earning.adjustments.values import AdjustmentKind, Change, UnitsTaken
from points.earning.clawbacks import chunks, order_queries, queries
from points.programmes.policy import Terms
from points.programmes.tables import Programme
from points.residents import notice_queries, notices
from tests.factories.clawbacks import EVER, bought, held, overview, placed, previewed, spend, worked
from tests.factories.credits import NOW, assert_clean
from tests.factories.labels import Labelled
from tests.factories.programmes import make_programme
from tests.factories.residents import make_residents

ROUNDS = 6


class CrashedError(Exception):
    """The process is gone."""


async def joined(programme: Programme, count: int) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, programme, count)


async def step(programme: Programme, order_id: UUID, taken: int = 1) -> chunks.Advance:
    async with db.transaction() as session:
        return await chunks.advance(session, programme.programme_id, order_id, now=NOW, taken=taken)


async def test_a_chunk_has_all_of_each_of_its_residents(programme: Programme, product: Labelled) -> None:
    first, second = sorted(await joined(programme, 2))
    for who in (second, first, second, first, first):
        await bought(programme, who, product)
    order_id = await previewed(programme, EVER)
    await placed(programme, order_id)
    assert (await step(programme, order_id)).touched == set()
    assert (await step(programme, order_id, taken=2)).touched == {first}
    assert await held(programme, first) == (0, 0, 0)
    assert (await step(programme, order_id, taken=1)).touched == {second}
    assert (await step(programme, order_id)).left
    assert not (await step(programme, order_id)).left
    assert (await overview(programme, order_id)).order.state == "done"
    await assert_clean(programme)


@pytest.mark.parametrize(
    "crashing",
    [(queries, "keep_results"), (queries, "keep_figures"), (notice_queries, "tell"), (chunks, "adjust")],
    ids=lambda place: place[1],
)
async def test_a_crash_in_a_chunk_loses_and_doubles_nothing(
    programme: Programme, product: Labelled, monkeypatch: pytest.MonkeyPatch, crashing: tuple[object, str]
) -> None:
    residents = await joined(programme, 3)
    for who in residents:
        await bought(programme, who, product, 2)
    order_id = await previewed(programme, EVER)
    await placed(programme, order_id)
    await step(programme, order_id)
    await step(programme, order_id)
    module, name = crashing
    with monkeypatch.context() as patched:
        patched.setattr(module, name, _crashing(getattr(module, name)))
        with pytest.raises(CrashedError):
            await step(programme, order_id)
    assert (await overview(programme, order_id)).progress.done == 1
    assert sorted([await held(programme, who) for who in residents]) == [(0, 0, 0), (2000, 20, 0), (2000, 20, 0)]
    await assert_clean(programme)
    await worked(programme, order_id)
    taken = (await overview(programme, order_id)).taken
    assert (taken.activities, taken.grams, taken.points) == (3, 6000, 60)
    for who in residents:
        async with db.transaction() as session:
            told = await notices.listed(session, programme.programme_id, who, before=None, limit=5)
        assert [(each.grams, each.points) for each in told.notices] == [(2000, 20)]
    await assert_clean(programme)


def _crashing(function: Callable[..., object]) -> Callable[..., object]:
    """Return what does the work and is gone before it can be committed."""

    async def work(*args: object, **kwargs: object) -> object:
        await function(*args, **kwargs)  # type: ignore[misc]  # it is a coroutine function
        raise CrashedError

    return work


async def test_an_order_is_carried_out_by_one_worker_at_a_time_and_once(
    programme: Programme, product: Labelled
) -> None:
    residents = await joined(programme, 6)
    for who in residents:
        await bought(programme, who, product)
    order_id = await previewed(programme, EVER)
    await placed(programme, order_id)
    await asyncio.gather(*(worked(programme, order_id, taken=1) for _ in range(4)))
    found = await overview(programme, order_id)
    assert found.order.state == "done", "whoever went away left it to one who went on"
    assert (found.taken.residents, found.taken.activities, found.taken.points) == (6, 6, 60)
    await assert_clean(programme)


async def test_who_finds_another_worker_at_an_order_goes_away(programme: Programme, product: Labelled) -> None:
    [resident] = await joined(programme, 1)
    await bought(programme, resident, product)
    order_id = await previewed(programme, EVER)
    await placed(programme, order_id)
    async with db.transaction() as session:
        first = await chunks.advance(session, programme.programme_id, order_id, now=NOW)
        assert await step(programme, order_id) == chunks.Advance(left=False)
    assert first.left


async def test_a_request_that_holds_an_order_leaves_as_much_to_do_as_there_was(
    programme: Programme, product: Labelled
) -> None:
    [resident] = await joined(programme, 1)
    await bought(programme, resident, product)
    order_id = await previewed(programme, EVER)
    async with db.transaction() as session:
        await queries.locked(session, programme.programme_id, order_id)
        assert await step(programme, order_id) == chunks.Advance(left=False, hindered=True), "a preview is no work"
    await placed(programme, order_id)
    async with db.transaction() as session:
        await queries.locked(session, programme.programme_id, order_id)
        assert await step(programme, order_id) == chunks.Advance(left=True, hindered=True)


async def test_points_that_are_pending_or_have_gone_are_told_apart(database: str, product: Labelled) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=Terms())
    [resident] = await joined(programme, 1)
    await bought(programme, resident, product, 2)
    order_id = await previewed(programme, EVER)
    shown = (await overview(programme, order_id)).previewed
    assert shown is not None
    assert (shown.points, shown.pending, shown.available, shown.spent) == (20, 20, 0, 0)


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_residents_who_spend_and_return_while_an_order_runs(
    programme: Programme, product: Labelled, seed: int
) -> None:
    residents = await joined(programme, 3)
    sold = [(who, await bought(programme, who, product, 2)) for who in residents for _ in range(2)]
    order_id = await previewed(programme, EVER)
    await placed(programme, order_id)
    spending = [spend(programme, who, 15 + seed) for who in residents]
    returning = [_back(programme, activity_id) for _, activity_id in sold[seed % 2 :: 2]]
    done = await asyncio.gather(worked(programme, order_id, taken=1), *spending, *returning)
    await worked(programme, order_id)
    spent = dict(zip(residents, done[1:4], strict=True))
    for who in residents:
        grams, points, owed = await held(programme, who)
        assert (grams, points) == (0, 0)
        assert owed == (15 + seed if spent[who] else 0), "all was wrong, so what was spent is owed, and nothing else"
    await assert_clean(programme)


async def _back(programme: Programme, activity_id: UUID) -> None:
    change = Change(f"test:{new_id()}", activity_id, AdjustmentKind.CORRECTION, UnitsTaken(1), "returned", None, NOW)
    async with db.transaction() as session:
        await adjust(session, programme.programme_id, [change], now=NOW)


async def test_a_look_reaches_every_activity_however_few_it_takes_at_once(
    programme: Programme, product: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "SCANNED", 2)
    for who in await joined(programme, 5):
        await bought(programme, who, product)
    order_id = await previewed(programme, EVER)
    async with db.transaction() as session:
        progress = await order_queries.progress(session, programme.programme_id, order_id)
    assert progress.activities == 5


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_a_preview_says_of_everybody_what_the_run_does(database: str, product: Labelled, seed: int) -> None:
    """Whatever was bought, spent, returned and still matures, and however it falls into chunks."""
    dice = random.Random(seed)
    terms = Terms(maturity_days=dice.choice([0, 7]))
    async with db.transaction() as session:
        programme = await make_programme(session, terms=terms)
    residents = await joined(programme, 5)
    for who in residents:
        sold = [await bought(programme, who, product, dice.randint(1, 4)) for _ in range(dice.randint(1, 4))]
        await spend(programme, who, dice.randint(1, 40))
        if dice.random() < 0.5:
            await _back(programme, dice.choice(sold))
    order_id = await previewed(programme, EVER)
    await placed(programme, order_id)
    await worked(programme, order_id, taken=dice.randint(1, 6))
    async with db.transaction() as session:
        tried, taken = [
            await order_queries.residents(session, programme.programme_id, order_id, phase=phase, after=None, limit=99)
            for phase in (order_queries.TRIED, order_queries.TAKEN)
        ]
    assert [each.model_dump(exclude={"phase"}) for each in tried] == [
        each.model_dump(exclude={"phase"}) for each in taken
    ]
    assert {each.resident_id for each in taken} == set(residents)
    await assert_clean(programme)
