"""The embedded servers, really started, stopped and killed."""

import json
import os
import pwd
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest
from redis.asyncio import Redis

from core.children import Account, Program, launch_command
from core.embedded import (
    EmbeddedServersError,
    FolderInUseError,
    Servers,
    attach_or_start,
    servers,
)

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


async def test_a_second_start_finds_what_the_first_one_stored(tmp_path: Path) -> None:
    with servers(tmp_path) as first:
        await note(first.migration_database_url, "before")
    assert not servers_in(tmp_path)
    with servers(tmp_path) as second:
        assert await note(second.migration_database_url, "after") == ["before", "after"]


async def test_the_servers_listen_on_private_sockets_only_and_keep_every_commit(embedded: Servers) -> None:
    connection = await asyncpg.connect(embedded.database_url)
    names = ("listen_addresses", "fsync", "synchronous_commit", "full_page_writes", "TimeZone")
    told = {name: await connection.fetchval(f"SHOW {name}") for name in names}
    await connection.close()
    assert told == {"listen_addresses": "", "TimeZone": "UTC"} | dict.fromkeys(names[1:4], "on")
    sockets = urlsplit(embedded.redis_url or "").path.removesuffix("/redis.sock")
    assert stat.S_IMODE(os.stat(sockets).st_mode) == 0o700  # noqa: PTH116 - one look
    client = Redis.from_url(embedded.redis_url or "")
    for name, value in (("port", "0"), ("maxmemory-policy", "noeviction"), ("appendonly", "no"), ("save", "")):
        assert await client.config_get(name) == {name: value}
    await client.aclose()


async def test_the_role_of_the_service_owns_nothing_and_can_make_nothing(embedded: Servers) -> None:
    connection = await asyncpg.connect(embedded.database_url)
    try:
        assert await connection.fetchval("SELECT current_user") == "tanhui"
        assert not await connection.fetchval(
            "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE mine (id int)")
    finally:
        await connection.close()


def test_a_second_start_on_a_folder_in_use_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    with servers(tmp_path, with_postgresql=False):
        with pytest.raises(FolderInUseError, match=rf"process {os.getpid()}.*TANHUI_DATA_DIR"), servers(tmp_path):
            pass
        assert json.loads((tmp_path / "servers.json").read_text())["process"] == os.getpid()


def test_a_command_uses_the_servers_that_run_already(tmp_path: Path, start: Start) -> None:
    process, told = start(tmp_path)
    with attach_or_start(tmp_path) as found:
        assert found.migration_database_url == told["owner"]
        assert found.children == ()
    assert process.poll() is None
    assert all(psutil.pid_exists(pid) for pid in told["pids"])


def test_a_command_starts_servers_of_its_own_where_none_run(tmp_path: Path) -> None:
    with attach_or_start(tmp_path, with_postgresql=False) as found:
        assert len(found.children) == 1
    assert not servers_in(tmp_path)


def test_a_command_says_so_when_what_runs_has_no_such_server(tmp_path: Path) -> None:
    with (
        servers(tmp_path, with_postgresql=False),
        pytest.raises(EmbeddedServersError, match="same TANHUI_DATABASE_URL"),
        attach_or_start(tmp_path),
    ):
        pass


@pytest.mark.faults
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_the_parent_ends_every_server(tmp_path: Path, start: Start, number: int) -> None:
    process, told = start(tmp_path)
    process.send_signal(number)
    process.wait(20)
    assert wait_until_gone(told["pids"], 1) == []
    assert not (tmp_path / "servers.json").exists()
    assert not (tmp_path / "run").exists()


@pytest.mark.faults
async def test_a_killed_parent_leaves_no_server_behind_and_the_next_start_has_everything(
    tmp_path: Path, start: Start
) -> None:
    process, told = start(tmp_path)
    await note(told["owner"], "acknowledged")
    process.kill()
    process.wait(10)
    with servers(tmp_path) as found:  # at once: the old ones may still be ending
        assert await note(found.migration_database_url, "after") == ["acknowledged", "after"]
        assert wait_until_gone(told["pids"], 5) == []


@pytest.mark.faults
async def test_killing_parent_and_servers_at_once_loses_nothing_acknowledged(tmp_path: Path, start: Start) -> None:
    process, told = start(tmp_path)
    await note(told["owner"], "acknowledged")
    for pid in (*told["pids"], process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait(10)
    with servers(tmp_path) as found:
        assert await note(found.migration_database_url, "after") == ["acknowledged", "after"]


@pytest.mark.faults
def test_a_mark_whose_number_another_process_has_by_now_stops_nobody(tmp_path: Path) -> None:
    with servers(tmp_path, with_redis=False):
        mark = (tmp_path / "postgresql" / "postmaster.pid").read_text()
    owner = (tmp_path / "postgresql").stat()
    # Of the same account as the server: it takes a process that PostgreSQL can see for one of its own.
    sleeper = launch_command(Program("sleep", ("/bin/sleep", "60"), account=AS_NOBODY if AS_ROOT else None))
    with subprocess.Popen(sleeper) as stranger:
        stale = tmp_path / "postgresql" / "postmaster.pid"
        stale.write_text(mark.replace(mark.splitlines()[0], str(stranger.pid), 1))
        os.chown(stale, owner.st_uid, owner.st_gid)
        with servers(tmp_path, with_redis=False):
            assert stranger.poll() is None
        stranger.kill()


def test_a_set_up_that_was_cut_short_is_begun_again(tmp_path: Path) -> None:
    draft = tmp_path / "postgresql.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    with servers(tmp_path, with_redis=False) as found:
        assert found.children[0].running
    assert not draft.exists()


def test_a_path_too_long_for_a_socket_gets_a_short_folder_that_goes_again(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 25)
    with servers(folder) as found:
        short = (folder / "run").readlink()
        assert str(folder) not in (found.redis_url or "")
        assert stat.S_IMODE(short.stat().st_mode) == 0o700
    assert not short.exists()


def test_a_folder_name_with_odd_characters_works(tmp_path: Path) -> None:
    with servers(tmp_path / "碳惠 100%?#&x") as found, attach_or_start(tmp_path / "碳惠 100%?#&x") as attached:
        assert attached == found


@pytest.mark.skipif(not AS_ROOT, reason="only root is refused by PostgreSQL")
def test_as_root_the_servers_run_as_somebody_else_even_below_a_closed_folder(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with servers(closed / "data") as found:
        accounts = {psutil.Process(child.pid).uids().effective for child in found.children}
    assert accounts == {pwd.getpwnam("nobody").pw_uid}
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.fixture
def nobodys_home() -> Iterator[Path]:
    """A folder that belongs to nobody."""
    if not AS_ROOT:
        pytest.skip("takes two accounts; every other test runs as an ordinary one already")
    with tempfile.TemporaryDirectory() as home:
        os.chown(home, NOBODY.pw_uid, NOBODY.pw_gid)
        yield Path(home)


async def test_an_ordinary_account_runs_the_servers_as_itself(nobodys_home: Path, start: Start) -> None:
    process, told = start(nobodys_home / "data", AS_NOBODY)
    assert {psutil.Process(pid).uids().real for pid in told["pids"]} == {NOBODY.pw_uid}
    assert await note(told["owner"], "mine") == ["mine"]
    process.terminate()
    process.wait(20)
    assert wait_until_gone(told["pids"], 1) == []


def test_data_of_another_account_is_refused_by_name(nobodys_home: Path) -> None:
    (nobodys_home / "postgresql").mkdir()
    command = runner(nobodys_home, AS_NOBODY)
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert "made by another account (uid 0)" in done.stderr
    assert "TANHUI_DATA_DIR" in done.stderr


@pytest.mark.parametrize("enter", [servers, attach_or_start])
def test_a_folder_that_can_not_be_made_is_named(
    tmp_path: Path, enter: Callable[[Path], AbstractContextManager[Servers]]
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedServersError, match="TANHUI_DATA_DIR"), enter(tmp_path / "file" / "data"):
        pass
