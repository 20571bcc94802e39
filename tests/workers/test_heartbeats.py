import asyncio

import pytest
from sqlalchemy.exc import OperationalError

from workers.heartbeats import beating


async def test_it_beats_while_the_block_runs_though_the_database_is_away_for_one_and_no_longer() -> None:
    beats, third = 0, asyncio.Event()

    async def beat() -> None:
        nonlocal beats
        beats += 1
        if beats == 1:
            raise OperationalError("UPDATE", None, Exception("away"))
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
