"""As root, as an ordinary account, and on data of another."""

import os
import pwd
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.embedded import (
    servers,
)
from tests.core.conftest import (
    AS_NOBODY,
    AS_ROOT,
    NOBODY,
    ROOT,
    Start,
    note,
    runner,
    wait_until_gone,
)


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
