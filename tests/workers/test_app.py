import asyncio
import json

import pytest
import structlog

from core.ids import new_id
from core.redis import RedisNotConfiguredError
from core.settings import settings
from points.programmes.tables import Programme
from tests.workers.conftest import Worker
from workers import app as workers_app
from workers.app import broker_url, configuration, send


@pytest.mark.parametrize(
    ("redis_url", "broker"),
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("rediss://:secret@redis.example:6380/2", "rediss://:secret@redis.example:6380/2"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock"),
        ("unix:///run/redis.sock?db=3", "redis+socket:///run/redis.sock?virtual_host=3"),
        ("unix://:secret@/run/redis.sock?db=3", "redis+socket://:secret@/run/redis.sock?virtual_host=3"),
    ],
)
def test_a_redis_url_is_spelled_as_celery_spells_it(redis_url: str, broker: str) -> None:
    assert broker_url(redis_url) == broker


def test_without_a_redis_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    without = settings().model_copy(update={"redis_url": None})
    monkeypatch.setattr(workers_app, "settings", lambda: without)
    with pytest.raises(RedisNotConfiguredError, match="TANHUI_REDIS_URL"):
        configuration()


async def test_a_task_that_takes_too_long_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_app, "SECONDS", 0.05)
    cleaned_up = False

    async def hang() -> None:
        nonlocal cleaned_up
        try:
            await asyncio.sleep(30)
        finally:
            cleaned_up = True

    with pytest.raises(TimeoutError):
        await asyncio.to_thread(workers_app.run, hang())
    assert cleaned_up


async def test_the_request_that_caused_a_task_stands_in_its_log(worker: Worker, programme: Programme) -> None:
    request_id = f"request-{new_id()}"
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        send("lots.mature", str(programme.programme_id))

    async def logged() -> bool:
        entries = [json.loads(line) for line in worker.lines() if line.startswith("{")]
        return any(
            entry.get("request_id") == request_id
            and entry.get("task") == "lots.mature"
            and "succeeded" in entry["event"]
            for entry in entries
        )

    await worker.until(logged)


async def test_every_process_of_the_worker_logs_in_one_form(worker: Worker) -> None:
    entries = [line for line in worker.lines() if "ready" in line and "celery@" in line]
    assert entries
    assert all(json.loads(entry)["level"] == "info" for entry in entries)
