"""A real worker process with its beat, on the embedded servers."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis.asyncio import Redis

ROOT = Path(__file__).parents[2]
Condition = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Worker:
    """A running worker and where it logs."""

    process: subprocess.Popen[bytes]
    log: Path

    def lines(self) -> list[str]:
        return self.log.read_text("utf-8").splitlines()

    async def until(self, condition: Condition, seconds: float = 20) -> None:
        """Wait for `condition`, and show the log when it does not come about."""
        for _ in range(int(seconds / 0.1)):
            if await condition():
                return
            assert self.process.poll() is None, self.log.read_text("utf-8")
            await asyncio.sleep(0.1)
        raise AssertionError("\n".join(["It did not come about.", *self.lines()[-50:]]))


@pytest.fixture(scope="session")
async def worker(database: str, redis: Redis, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Worker]:
    started = _start(tmp_path_factory.mktemp("worker") / "log")
    try:
        await started.until(lambda: _said(started, "celery@"))
        yield started
    finally:
        _stop(started.process)


def _start(log: Path) -> Worker:
    command = [sys.executable, "-m", "celery", "-A", "workers.app:app", "worker", "--beat", "--concurrency", "2"]
    with log.open("wb") as output:
        environment = os.environ | {"TANHUI_LOG_LEVEL": "INFO"}
        return Worker(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output), log)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()


async def _said(worker: Worker, word: str) -> bool:
    return any(word in line and "ready" in line for line in worker.lines())
