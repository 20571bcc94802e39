"""One holder a folder, sockets that nobody else can enter, and names of any length."""

import json
import os
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from core.embedded import (
    EmbeddedServersError,
    FolderInUseError,
    Servers,
    attach_or_start,
    servers,
)


def test_a_second_start_on_a_folder_in_use_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    with servers(tmp_path, with_postgresql=False):
        with pytest.raises(FolderInUseError, match=rf"process {os.getpid()}.*TANHUI_DATA_DIR"), servers(tmp_path):
            pass
        assert json.loads((tmp_path / "servers.json").read_text())["process"] == os.getpid()


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


@pytest.mark.parametrize("enter", [servers, attach_or_start])
def test_a_folder_that_can_not_be_made_is_named(
    tmp_path: Path, enter: Callable[[Path], AbstractContextManager[Servers]]
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedServersError, match="TANHUI_DATA_DIR"), enter(tmp_path / "file" / "data"):
        pass
