"""A private PostgreSQL and Redis for a machine that has neither: real ones, from Python wheels, in a folder of ours.

They listen on unix sockets in a folder nobody else can enter, and end with the process that started them.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.children import Child, Program
from core.embedded import postgresql, redis_server
from core.embedded.account import own_folder, server_account
from core.embedded.folder import (
    EmbeddedServersError,
    FolderInUseError,
    held,
    publish,
    published,
    remove_socket_folder,
    socket_folder,
)
from core.settings import settings

__all__ = [
    "EmbeddedServersError",
    "FolderInUseError",
    "Servers",
    "attach_or_start",
    "configured",
    "servers",
]

_ATTACH_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the servers are; None where one was not asked for. `children` are the ones this process runs."""

    database_url: str | None
    migration_database_url: str | None
    redis_url: str | None
    children: tuple[Child, ...] = field(default=(), compare=False, repr=False)

    def as_environment(self) -> dict[str, str]:
        """Return what another process has to find in its environment to use these servers."""
        found = {
            "TANHUI_DATABASE_URL": self.database_url,
            "TANHUI_MIGRATION_DATABASE_URL": self.migration_database_url,
            "TANHUI_REDIS_URL": self.redis_url,
        }
        return {name: value for name, value in found.items() if value is not None}


@contextmanager
def servers(data_dir: Path, *, with_postgresql: bool = True, with_redis: bool = True) -> Iterator[Servers]:
    """Run the servers on `data_dir` while the block runs. Call from the main thread.

    Raises:
        FolderInUseError: another process runs servers on `data_dir`.
        EmbeddedServersError: one can not be started; the message says why and what to do.
    """
    folder = data_dir.resolve()
    with held(folder), ExitStack() as running:
        cluster = folder / "postgresql"
        account = server_account(cluster, _read_files(with_postgresql=with_postgresql, with_redis=with_redis))
        sockets = socket_folder(folder, (account.uid, account.gid) if account else None)
        running.callback(remove_socket_folder, folder)
        logs = own_folder(folder / "logs", None)
        children: list[Child] = []
        if with_redis:
            work = own_folder(folder / "redis", account)
            redis_server.forget_earlier(sockets)
            child = _started(redis_server.program(work, sockets, logs / "redis.log", account), running)
            redis_server.wait_until_ready(child, sockets)
            children.append(child)
        if with_postgresql:
            postgresql.create_cluster(cluster, account)
            child = _started(postgresql.program(cluster, sockets, logs / "postgresql.log", account), running)
            postgresql.wait_until_ready(child, cluster)
            postgresql.create_roles(sockets)
            children.append(child)
        found = Servers(
            database_url=postgresql.url(sockets, postgresql.SERVICE_ROLE) if with_postgresql else None,
            migration_database_url=postgresql.url(sockets, postgresql.OWNER_ROLE) if with_postgresql else None,
            redis_url=redis_server.url(sockets) if with_redis else None,
            children=tuple(children),
        )
        publish(folder, found.as_environment())
        yield found


def _read_files(*, with_postgresql: bool, with_redis: bool) -> list[Path]:
    """Return files that the servers must be able to read, one of each folder they come from."""
    files = [redis_server.server_program()] if with_redis else []
    if with_postgresql:
        install = postgresql.install_folder()
        files += [install / "bin" / "postgres", install / "share" / "postgresql" / "postgres.bki"]
    return files


def _started(program: Program, running: ExitStack) -> Child:
    """Start `program` and let `running` end it."""
    child = Child(program)
    running.callback(child.stop)
    child.start()
    return child


@contextmanager
def attach_or_start(data_dir: Path, *, with_postgresql: bool = True, with_redis: bool = True) -> Iterator[Servers]:
    """Use the servers another process runs on `data_dir`, waiting for one that is just starting, or run our own.

    Raises:
        EmbeddedServersError: another process holds the folder but runs no such servers, or they can not be started.
    """
    deadline = time.monotonic() + _ATTACH_SECONDS
    with ExitStack() as running:
        while True:
            try:
                found = running.enter_context(servers(data_dir, with_postgresql=with_postgresql, with_redis=with_redis))
                break
            except FolderInUseError:
                environment = published(data_dir)
                if environment is not None:
                    found = _attached(environment)
                    break
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        if (with_postgresql and found.database_url is None) or (with_redis and found.redis_url is None):
            raise EmbeddedServersError(
                f"The Tanhui running on {data_dir} uses servers of its own configuration. Give this command the same "
                "TANHUI_DATABASE_URL and TANHUI_REDIS_URL."
            )
        yield found


def _attached(environment: dict[str, str]) -> Servers:
    """Return the servers that another process published."""
    return Servers(
        database_url=environment.get("TANHUI_DATABASE_URL"),
        migration_database_url=environment.get("TANHUI_MIGRATION_DATABASE_URL"),
        redis_url=environment.get("TANHUI_REDIS_URL"),
    )


@contextmanager
def configured(*, attach: bool = True) -> Iterator[Servers]:
    """Complete the settings of this process with embedded servers for whatever is not set, while the block runs.

    Commands work in this block. With `attach`, servers that already run on the data folder are used; without, they are
    refused: `tanhui up` is there once.

    Raises:
        EmbeddedServersError: servers are needed and can not be had.
    """
    current = settings()
    wanted = {"with_postgresql": current.database_url is None, "with_redis": current.redis_url is None}
    with ExitStack() as running:
        found = Servers(None, None, None)
        if any(wanted.values()):
            found = running.enter_context((attach_or_start if attach else servers)(current.data_dir, **wanted))
            environment = found.as_environment()
            if current.database_url is None and current.code_delivery is None:
                environment["TANHUI_CODE_DELIVERY"] = "console"  # whoever reads the log here is whoever asks for codes
            running.enter_context(exported(environment))
        yield found


@contextmanager
def exported(environment: dict[str, str]) -> Iterator[None]:
    """Set environment variables of this process while the block runs, and let the settings be read again."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    settings.cache_clear()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        settings.cache_clear()
