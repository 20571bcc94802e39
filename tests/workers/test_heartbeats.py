import asyncio

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from workers.heartbeats import beating


@pytest.mark.parametrize(
    "error", [OperationalError("UPDATE", None, Exception("away")), PoolTimeoutError("all connections are in use")]
)
async def test_it_beats_while_the_block_runs_though_the_database_is_away_for_one_and_no_longer(
    error: Exception,
) -> None:
    beats, third = 0, asyncio.Event()

    async def beat() -> None:
        nonlocal beats
        beats += 1
        if beats == 1:
            raise error
        if beats == 3:
            third.set()

    async with asyncio.timeout(10), beating(beat, every=0.01):
        await third.wait()
    ended = beats
    await asyncio.sleep(0.05)
    assert beats == ended >= 3


async def test_it_ends_at_once_and_lets_through_what_the_block_raises() -> None:
    async def beat() -> None:
        raise AssertionError("It was not time yet.")

    with pytest.raises(ValueError, match="the block's own"):
        async with asyncio.timeout(5), beating(beat, every=60):
            raise ValueError("the block's own")
