"""Servers run by another process, and what to ask of them."""

import json
import os
import pwd
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from core.children import Account, Program, launch_command

RUNNER = """
import json, sys, time
from pathlib import Path
from core.children import ended_by_signals
from core.embedded import servers
with ended_by_signals(), servers(Path(sys.argv[1])) as found:
    print(json.dumps({"pids": [c.pid for c in found.children], "owner": found.migration_database_url}), flush=True)
    time.sleep(600)
"""
AS_ROOT = os.geteuid() == 0
ROOT = Path(__file__).parents[3]

NOBODY = pwd.getpwnam("nobody")


AS_NOBODY = Account(NOBODY.pw_uid, NOBODY.pw_gid, reach=True)
"""An ordinary account; it reaches this tree and its Python even where they are root's alone."""
Start = Callable[..., tuple[subprocess.Popen[str], dict[str, Any]]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start servers in a process of their own, and return it with what it says of them."""
    with ExitStack() as ending:

        def begin(folder: Path, account: Account | None = None) -> tuple[subprocess.Popen[str], dict[str, Any]]:
            process = subprocess.Popen(runner(folder, account), cwd=ROOT, stdout=subprocess.PIPE, text=True)
            ending.callback(process.wait, 60)
            ending.callback(process.terminate)
            assert process.stdout
            ending.callback(process.stdout.close)
            told = process.stdout.readline()
            assert told, "the servers did not start"
            return process, json.loads(told)

        yield begin


def runner(folder: Path, account: Account | None) -> list[str]:
    return launch_command(Program("runner", (sys.executable, "-c", RUNNER, str(folder)), account=account))


async def note(url: str | None, text: str) -> list[str]:
    """Write a line down, and return every line there is."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS note (line text)")
        await connection.execute("INSERT INTO note VALUES ($1)", text)
        return [row["line"] for row in await connection.fetch("SELECT line FROM note")]
    finally:
        await connection.close()


def wait_until_gone(pids: list[int], seconds: float = 20) -> list[int]:
    """Return those of `pids` that still run after at most `seconds`."""
    deadline = time.monotonic() + seconds
    while (alive := [pid for pid in pids if psutil.pid_exists(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return alive


def servers_in(folder: Path) -> list[int]:
    """Return every process that works in `folder`, however it came there."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder):
                found.append(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found
