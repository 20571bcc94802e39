import asyncio
from collections.abc import Sequence

import asyncpg
import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from api.batching import Batcher
from api.errors import BusyError
from points.errors import PointsError, StateConflictError


class Recorder:
    """A use case that notes its batches, and waits at a gate while it is shut."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.entered = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def run(self, items: Sequence[int]) -> list[int | PointsError]:
        self.batches.append(list(items))
        self.entered.set()
        await self.gate.wait()
        if 13 in items:
            raise ZeroDivisionError("thirteen")
        return [StateConflictError("seven") if item == 77 else item * 10 for item in items]


def batcher_of(recorder: Recorder, *, max_items: int = 64, queue_limit: int = 1000) -> Batcher[int, int]:
    return Batcher("test", recorder.run, max_items=max_items, queue_limit=queue_limit)


async def test_a_lone_item_is_served_at_once_and_alone() -> None:
    recorder = Recorder()
    assert await batcher_of(recorder).submit(1) == 10
    assert recorder.batches == [[1]]


async def test_what_arrives_while_a_batch_runs_is_the_next_batch() -> None:
    recorder = Recorder()
    batcher = batcher_of(recorder)
    recorder.gate.clear()
    first = asyncio.create_task(batcher.submit(1))
    await recorder.entered.wait()
    rest = [asyncio.create_task(batcher.submit(item)) for item in (2, 3, 4)]
    await asyncio.sleep(0)
    recorder.gate.set()
    assert await asyncio.gather(first, *rest) == [10, 20, 30, 40]
    assert recorder.batches == [[1], [2, 3, 4]]


async def test_a_batch_holds_no_more_than_it_may() -> None:
    recorder = Recorder()
    batcher = batcher_of(recorder, max_items=3)
    assert await asyncio.gather(*(batcher.submit(item) for item in range(7))) == [0, 10, 20, 30, 40, 50, 60]
    assert recorder.batches == [[0, 1, 2], [3, 4, 5], [6]]


async def test_a_refused_item_is_refused_alone() -> None:
    batcher = batcher_of(Recorder())
    outcomes = await asyncio.gather(*(batcher.submit(item) for item in (6, 77, 8)), return_exceptions=True)
    assert [outcomes[0], outcomes[2]] == [60, 80]
    assert isinstance(outcomes[1], StateConflictError)


async def test_only_the_guilty_item_fails() -> None:
    recorder = Recorder()
    batcher = batcher_of(recorder)
    outcomes = await asyncio.gather(*(batcher.submit(item) for item in (12, 13, 14)), return_exceptions=True)
    assert [outcomes[0], outcomes[2]] == [120, 140]
    assert isinstance(outcomes[1], ZeroDivisionError)
    assert recorder.batches == [[12, 13, 14], [12], [13], [14]]


def failing_together(failure: Exception) -> tuple[Batcher[int, int], list[int]]:
    """Return a batcher whose batches of more than one fail with `failure`, and the sizes it was asked for."""
    sizes: list[int] = []

    async def run(items: Sequence[int]) -> list[int | PointsError]:
        sizes.append(len(items))
        if len(items) > 1:
            raise failure
        return [*items]

    return Batcher("test", run, max_items=64, queue_limit=100), sizes


@pytest.mark.parametrize(
    "failure",
    [
        ConnectionRefusedError(),
        PoolTimeoutError("no connection is free"),
        OperationalError("SELECT", None, asyncpg.exceptions.AdminShutdownError("shutting down")),
    ],
)
async def test_a_database_that_is_away_is_not_asked_for_each_item(failure: Exception) -> None:
    batcher, sizes = failing_together(failure)
    outcomes = await asyncio.gather(*(batcher.submit(item) for item in range(5)), return_exceptions=True)
    assert outcomes == [failure] * 5
    assert sizes == [5]


async def test_items_of_a_batch_that_collided_with_another_are_done_alone() -> None:
    batcher, sizes = failing_together(
        OperationalError("SELECT", None, asyncpg.exceptions.DeadlockDetectedError("deadlock detected"))
    )
    assert await asyncio.gather(*(batcher.submit(item) for item in range(3))) == [0, 1, 2]
    assert sizes == [3, 1, 1, 1]


async def test_a_use_case_that_forgets_an_item_leaves_nobody_waiting() -> None:
    async def run(items: Sequence[int]) -> list[int | PointsError]:
        return list[int | PointsError](items[1:])

    batcher: Batcher[int, int] = Batcher("test", run, max_items=64, queue_limit=100)
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(*(batcher.submit(item) for item in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ValueError] * 3


async def test_beyond_the_queue_the_answer_is_busy_and_those_waiting_are_served() -> None:
    recorder = Recorder()
    batcher = batcher_of(recorder, queue_limit=2)
    recorder.gate.clear()
    running = asyncio.create_task(batcher.submit(1))
    await recorder.entered.wait()
    waiting = [asyncio.create_task(batcher.submit(item)) for item in (2, 3)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError) as caught:
        await batcher.submit(4)
    assert caught.value.retry_after >= 1
    recorder.gate.set()
    assert await asyncio.gather(running, *waiting) == [10, 20, 30]


async def test_a_client_that_goes_away_changes_nothing_for_the_others_or_for_its_item() -> None:
    recorder = Recorder()
    batcher = batcher_of(recorder)
    recorder.gate.clear()
    first = asyncio.create_task(batcher.submit(1))
    await recorder.entered.wait()
    gone, stays = asyncio.create_task(batcher.submit(2)), asyncio.create_task(batcher.submit(3))
    await asyncio.sleep(0)
    gone.cancel()
    first.cancel()
    await asyncio.sleep(0)
    recorder.gate.set()
    assert await stays == 30
    assert recorder.batches == [[1], [2, 3]]
    assert gone.cancelled()


async def test_closing_finishes_what_was_taken_and_takes_nothing_more() -> None:
    recorder = Recorder()
    batcher = batcher_of(recorder, max_items=2)
    taken = [asyncio.create_task(batcher.submit(item)) for item in range(5)]
    await asyncio.sleep(0)
    await batcher.close()
    assert [task.result() for task in taken if task.done()] == [0, 10, 20, 30, 40]
    with pytest.raises(BusyError):
        await batcher.submit(9)


async def test_an_idle_batcher_leaves_no_task_behind_and_starts_again() -> None:
    recorder = Recorder()
    batcher = batcher_of(recorder)
    await batcher.submit(1)
    await asyncio.sleep(0)
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "batcher:test"]
    assert await batcher.submit(2) == 20
