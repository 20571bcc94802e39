"""`tanhui up`: everything on one machine, from nothing to answering."""

import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from api.delivery import require_decided
from commands.demo.loading import load_demo_programme
from commands.demo.telling import tell_credentials
from commands.door import completed
from commands.migrate import bring_up_to_date
from core.children import Program, ended_by_signals
from core.embedded import configured
from core.serve import require_free
from core.settings import Settings, settings
from core.supervisor import Supervisor, running, wait_until_ready

_API: Final = "api.app:app"
_WORKERS: Final = "workers.app:app"

_console = Console(stderr=True)


def up(
    port: Annotated[int | None, typer.Option(help="Port the API listens on; TANHUI_PORT otherwise.")] = None,
    host: Annotated[str | None, typer.Option(help="Address the API listens on; TANHUI_HOST otherwise.")] = None,
) -> None:
    """Start everything, print where it is, and keep it running until Ctrl-C.

    Without TANHUI_DATABASE_URL and TANHUI_REDIS_URL a private PostgreSQL and Redis are started in TANHUI_DATA_DIR.
    """
    if port is not None:
        os.environ["TANHUI_PORT"] = str(port)
    if host is not None:
        os.environ["TANHUI_HOST"] = host
    settings.cache_clear()
    try:
        with ended_by_signals():
            run(once_ready=welcome)
    except KeyboardInterrupt:
        _console.print("Stopped.")


def run(*, once_ready: Callable[[str], None]) -> None:
    """Start everything, call `once_ready` with the API's address, and keep it all running until interrupted.

    Raises:
        OperatorError: something can not be started; nothing is left running.
    """
    require_decided()
    require_free(settings().host, settings().port)
    _say("Starting ...")
    with configured(attach=False) as servers:
        bring_up_to_date()
        credentials = completed(partial(load_demo_programme, only_if_empty=True))
        if credentials is not None:  # at once: should something fail from here on, nobody could read them again
            tell_credentials(credentials)
        with running(programs(settings())) as children:
            url = address(settings())
            wait_until_ready(f"{url}/readyz", children)
            once_ready(url)
            # Whoever others wait for is looked at first.
            Supervisor([*servers.children, *children], _say).run()


def programs(current: Settings) -> list[Program]:
    """Return the programs of the service itself: the worker, its clock, and the API's processes.

    Call once the environment is complete: the API's processes take it as it is now.
    """
    celery = (sys.executable, "-m", "celery", "--quiet", "-A", _WORKERS)
    schedule = str(current.data_dir.resolve() / "celerybeat-schedule")
    quiet = ("--loglevel", "WARNING")
    serve = (sys.executable, "-m", "core.serve", _API, current.host, str(current.port))
    processes = current.api_workers or max(1, (os.cpu_count() or 2) // 2)
    shared = {"PROMETHEUS_MULTIPROC_DIR": str(_emptied(current.data_dir.resolve() / "metrics"))}
    return [
        Program("The worker", (*celery, "worker", "--concurrency", str(current.task_workers), *quiet)),
        Program("Beat", (*celery, "beat", "--schedule", schedule, "--pidfile", "", *quiet)),
        *(Program(f"API process {number}", serve, {**os.environ, **shared}) for number in range(1, processes + 1)),
    ]


def _emptied(folder: Path) -> Path:
    """Return `folder` with nothing in it: the figures of processes that are gone are nobody's."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def address(current: Settings) -> str:
    """Return the API's address as somebody on this machine opens it."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(current.host, current.host)  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host and '[' not in host else host}:{current.port}"


def welcome(url: str) -> None:
    """Print where everything is."""
    _say(f"Tanhui is up: {url}\n  API reference   {url}/docs\n  Ready?          {url}/readyz\nCtrl-C stops it.")


def _say(text: str) -> None:
    _console.print(text, highlight=False, markup=False)
