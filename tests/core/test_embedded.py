"""The embedded servers, really started, stopped, killed and found again."""

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest
from redis.asyncio import Redis

from core.children import Program, launch_command
from core.embedded import (
    EmbeddedServersError,
    Servers,
    attach_or_start,
    configured,
    exported,
    servers,
)
from core.settings import settings
from tests.core.conftest import (
    AS_NOBODY,
    AS_ROOT,
    Start,
    note,
    servers_in,
    wait_until_gone,
)


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
    sockets = Path(urlsplit(embedded.redis_url or "").path).parent
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


@pytest.fixture
def heeded() -> Iterator[None]:
    """What is started meanwhile heeds SIGHUP, even where the tests run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.faults
@pytest.mark.usefixtures("heeded")
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


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A process with no configuration but a folder of its own."""
    for name in ("TANHUI_DATABASE_URL", "TANHUI_MIGRATION_DATABASE_URL", "TANHUI_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "data"
    monkeypatch.setenv("TANHUI_DATA_DIR", str(folder))
    settings.cache_clear()
    yield folder
    monkeypatch.undo()
    settings.cache_clear()


def test_with_urls_of_your_own_nothing_is_started(unset: Path) -> None:
    yours = {"TANHUI_DATABASE_URL": "postgresql://db/tanhui", "TANHUI_REDIS_URL": "redis://cache"}
    with exported(yours), configured() as found:
        assert (found.children, settings().database_url) == ((), "postgresql://db/tanhui")
    assert not unset.exists()


@pytest.mark.parametrize(
    ("yours", "delivery"),
    [
        ({}, "console"),
        ({"TANHUI_CODE_DELIVERY": "none"}, "none"),
        ({"TANHUI_DATABASE_URL": "postgresql://db/tanhui"}, None),
    ],
)
def test_codes_go_to_the_log_unasked_only_with_the_embedded_database(
    unset: Path, monkeypatch: pytest.MonkeyPatch, yours: dict[str, str], delivery: str | None
) -> None:
    monkeypatch.delenv("TANHUI_CODE_DELIVERY", raising=False)
    with exported({"TANHUI_REDIS_URL": "redis://cache"} | yours), configured(attach=False):
        assert settings().code_delivery == delivery
    assert settings().code_delivery is None


@pytest.mark.parametrize(
    ("yours", "started"), [({"TANHUI_REDIS_URL": "redis://c"}, "PostgreSQL"), ({"TANHUI_DATABASE_URL": "x"}, "Redis")]
)
def test_only_what_is_not_set_is_started(unset: Path, yours: dict[str, str], started: str) -> None:
    with exported(yours), configured(attach=False) as found:
        assert [child.program.name for child in found.children] == [started]
        assert settings().redis_url == (yours | found.as_environment())["TANHUI_REDIS_URL"]
    assert settings().redis_url is None
