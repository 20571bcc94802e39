"""A real worker process with its beat, on the embedded servers."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis.asyncio import Redis

ROOT = Path(__file__).parents[2]
Condition = Callable[[], Awaitable[bool]]

_ASKING = pytest.StashKey[set[Path]]()


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


class _Running:
    """The worker of this process of the tests, while there is one."""

    worker: Worker | None = None

    @classmethod
    def end(cls) -> None:
        if cls.worker is not None:
            _stop(cls.worker.process)
            cls.worker = None


@pytest.fixture(scope="session")
def ended(database: str, redis: Redis) -> Iterator[None]:
    """The worker ends before its servers do, however the tests end."""
    yield
    _Running.end()


@pytest.fixture
async def worker(ended: None, tmp_path_factory: pytest.TempPathFactory) -> Worker:
    """The one worker of all tests that ask for it; it is gone before any other test begins."""
    if _Running.worker is None:
        started = _Running.worker = _start(tmp_path_factory.mktemp("worker") / "log")
        await started.until(lambda: _ready(started))
    return _Running.worker


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the files that ask for a worker before all others.

    A worker with its beat does its rounds for every programme there is, and each test leaves one behind.
    """
    asking = {item.path for item in items if "worker" in getattr(item, "fixturenames", ())}
    config.stash[_ASKING] = asking
    items.sort(key=lambda item: item.path not in asking)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the worker with the last test of such files: its beat would do what the next ones mean to do themselves."""
    if nextitem is None or nextitem.path not in item.config.stash[_ASKING]:
        _Running.end()


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


async def _ready(worker: Worker) -> bool:
    return any("celery@" in line and "ready" in line for line in worker.lines())
