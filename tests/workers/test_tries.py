import asyncio
from itertools import count

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from points.errors import StateConflictError
from workers.tries import WAITS, tried


class Work:
    """Work that fails so often before it is done, and knows how often it was tried."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.times = iter(errors), count()

    async def __call__(self) -> str:
        next(self.times)
        for error in self.errors:
            raise error
        return "done"

    def tries(self) -> int:
        return next(self.times)


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    kept: list[float] = []

    async def sleep(seconds: float) -> None:
        kept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return kept


def collision() -> OperationalError:
    return OperationalError("UPDATE", None, Exception("deadlock detected"))


@pytest.mark.parametrize(
    "error", [collision(), StateConflictError("claimed"), ConnectionRefusedError(), PoolTimeoutError("all in use")]
)
async def test_what_others_were_in_the_way_of_is_done_again_at_once_and_after_growing_waits(
    waited: list[float], error: Exception
) -> None:
    work = Work(error, error, error)
    assert await tried(work) == "done"
    assert work.tries() == 4
    assert all(most / 2 <= wait <= most for wait, most in zip(waited, WAITS, strict=False))
    assert len(waited) == 3


async def test_what_fails_every_time_is_raised_at_last_and_soon(waited: list[float]) -> None:
    work = Work(*(collision() for _ in range(100)))
    with pytest.raises(OperationalError, match="deadlock detected"):
        await tried(work)
    assert (work.tries(), sum(waited) < 4) == (len(WAITS) + 1, True)


async def test_a_defect_is_not_tried_again(waited: list[float]) -> None:
    work = Work(ValueError("a defect"))
    with pytest.raises(ValueError, match="a defect"):
        await tried(work)
    assert (work.tries(), waited) == (1, [])
