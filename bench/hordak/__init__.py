"""django-hordak, the double-entry ledger that Django has: what its `transfer_to` does on the same server.

It is no part of the service: only this comparison needs it, so it is an extra of its own. Where it is not installed,
the comparison is left out and says how to install it.
"""

import asyncio
import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import asyncpg

PROCESSES: Final = (1, 2, 4, 8)
_DATABASE: Final = "hordak"
_PACKAGES: Final = ("hordak", "psycopg")
_TRIAL_SECONDS: Final = 2.0
_SETTLE_SECONDS: Final = 2.0
"""Long enough for every process to have loaded Django before the common start."""
_ROOT: Final = Path(__file__).parents[2]


def missing() -> str | None:
    """Return what is not installed and how to install it, or None where nothing is missing."""
    absent = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    return f"{' and '.join(absent)} not installed; `make bench-peers` installs what it needs" if absent else None


@contextmanager
def peer(owner_url: str) -> Iterator[Callable[[int, float], float]]:
    """Make a database of its own beside ours; yield what measures activities a second.

    What is yielded takes how many transfers an activity is, and for how many seconds. As many processes as do best in
    a trial share the work; each keeps one connection.

    Raises:
        RuntimeError: it failed; with what it said.
    """
    role, sockets = _place(owner_url)
    asyncio.run(_create(role, sockets))
    _finished(_start(role, sockets, "prepare"))
    rates = {processes: _rate(role, sockets, processes, 1, _TRIAL_SECONDS) for processes in PROCESSES}
    best = max(rates, key=lambda each: rates[each])
    yield lambda transfers, seconds: _rate(role, sockets, best, transfers, seconds)


def _rate(role: str, sockets: str, processes: int, transfers: int, seconds: float) -> float:
    start = time.monotonic() + _SETTLE_SECONDS
    running = [_start(role, sockets, "run", str(start), str(seconds), str(transfers)) for _ in range(processes)]
    return sum(float(_finished(each)) for each in running)


def _start(role: str, sockets: str, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.hordak.transferring", role, sockets, _DATABASE, *words]
    return subprocess.Popen(  # noqa: S603 - our own module, told by constants
        command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _finished(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(f"django-hordak failed:\n{errors[-2000:]}")
    return output


def _place(owner_url: str) -> tuple[str, str]:
    """Return the role and the folder of the socket in an embedded server's URL."""
    address, _, host = owner_url.partition("?host=")
    return address.removeprefix("postgresql://").partition("@/")[0], unquote(host)


async def _create(role: str, sockets: str) -> None:
    connection = await asyncpg.connect(host=sockets, user="postgres", database="postgres")
    try:
        await connection.execute(f'CREATE DATABASE {_DATABASE} OWNER "{role}"')
    finally:
        await connection.close()
