"""The Celery application: where its queue is, how a coroutine becomes a task, and how its logs are tied to requests."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Final, ParamSpec

import structlog
import uvloop
from celery import Celery, Task, signals

import core.redis
from core import db, logging
from core.garbage import settle
from core.settings import settings
from workers.schedule import beat_schedule

Arguments = ParamSpec("Arguments")

SECONDS: Final = 100
"""How long a task may run before it is cancelled; a chunk is far shorter."""

_HARD_SECONDS: Final = 120
_REQUEST_ID: Final = "request_id"


def broker_url(redis_url: str) -> str:
    """Return a Redis URL the way Celery spells it: it has a scheme of its own for unix sockets.

    `unix:///run/redis.sock?db=1` becomes `redis+socket:///run/redis.sock?virtual_host=1`; TCP stays as it is.
    """
    scheme, separator, rest = redis_url.partition("://")
    if scheme != "unix":
        return redis_url
    path, question, query = rest.partition("?")
    options = [f"virtual_host={one[3:]}" if one.startswith("db=") else one for one in query.split("&")]
    return f"redis+socket{separator}{path}{question}{'&'.join(options)}"


def configuration() -> dict[str, Any]:
    """Return Celery's settings; asked for at first use, so that importing a task needs no Redis.

    Raises:
        RedisNotConfiguredError: when no Redis URL is known.
    """
    redis_url = settings().redis_url
    if redis_url is None:
        raise core.redis.RedisNotConfiguredError(core.redis.RedisNotConfiguredError.__doc__)
    return {
        "broker_url": broker_url(redis_url),
        "result_backend": broker_url(redis_url),
        "result_expires": 3600,
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": {"visibility_timeout": 10 * _HARD_SECONDS, "global_keyprefix": "tanhui:queue:"},
        "beat_schedule": beat_schedule(),
        "beat_scheduler": "celery.beat:Scheduler",  # in memory: every job may be missed or run twice
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_ignore_result": True,
        "task_time_limit": _HARD_SECONDS,
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_hijack_root_logger": False,
        "timezone": "UTC",
    }


_TASKS: Final = ("budgets", "clawbacks", "imports", "leaderboards", "lots", "programmes", "redemptions", "sales")

app: Final = Celery("tanhui", include=[f"workers.tasks.{name}" for name in _TASKS])
app.add_defaults(configuration)


class _Loop:
    """The one event loop of this process; its engine and its Redis client live as long as it does."""

    runner: asyncio.Runner | None = None


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on this process's loop, which outlives it, and cancel it when it takes too long.

    Raises:
        TimeoutError: when it took longer than SECONDS; its transaction is rolled back and the job comes again.
    """
    if _Loop.runner is None:
        _Loop.runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        settle()
    _Loop.runner.run(_in_time(work))


async def _in_time(work: Coroutine[Any, Any, None]) -> None:
    async with asyncio.timeout(SECONDS):
        await work


class AsyncTask(Task):  # type: ignore[misc] # Celery publishes no types
    """A task whose body is a coroutine."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - whatever the task takes
        """Run the task's coroutine on this process's loop."""
        run(self.run(*args, **kwargs))


def task(name: str) -> Callable[[Callable[Arguments, Coroutine[Any, Any, None]]], Callable[Arguments, None]]:
    """Return a decorator that registers a coroutine function as the task `name`; calling it then runs it here and now.

    It is sent to the queue by its name: `send(name, ...)`.
    """

    def register(function: Callable[Arguments, Coroutine[Any, Any, None]]) -> Callable[Arguments, None]:
        app.task(function, name=name, base=AsyncTask)

        @wraps(function)
        def here(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
            run(function(*args, **kwargs))

        return here

    return register


def send(name: str, *args: str | int, expires: float | None = None) -> None:
    """Queue the task `name`; not worth doing any more after `expires` seconds."""
    app.send_task(name, args=args, expires=expires)


async def _close() -> None:
    await db.dispose()
    await core.redis.dispose()


@signals.worker_process_shutdown.connect  # type: ignore[untyped-decorator] # Celery publishes no types
@signals.worker_shutdown.connect  # type: ignore[untyped-decorator] # as above
def _stop(**_: object) -> None:
    if _Loop.runner is not None:
        _Loop.runner.run(_close())
        _Loop.runner.close()
        _Loop.runner = None


@signals.setup_logging.connect  # type: ignore[untyped-decorator] # as above
def _configure_logging(**_: object) -> None:
    logging.configure(settings().log_level)


@signals.before_task_publish.connect  # type: ignore[untyped-decorator] # as above
def _carry_request_id(headers: dict[str, Any] | None = None, **_: object) -> None:
    request_id = structlog.contextvars.get_contextvars().get(_REQUEST_ID)
    if headers is not None and request_id is not None:
        headers[_REQUEST_ID] = request_id


@signals.task_prerun.connect  # type: ignore[untyped-decorator] # as above
def _bind_log(task_id: str, task: Task, **_: object) -> None:
    structlog.contextvars.bind_contextvars(
        task=task.name, task_id=task_id, request_id=getattr(task.request, _REQUEST_ID, None) or task_id
    )


@signals.task_postrun.connect  # type: ignore[untyped-decorator] # as above
def _unbind_log(**_: object) -> None:
    structlog.contextvars.clear_contextvars()
