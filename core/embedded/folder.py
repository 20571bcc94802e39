"""The data folder of the embedded servers: who holds it, where their sockets are, and what others are told of them."""

import fcntl
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from core.errors import OperatorError

_LONGEST_SOCKET_PATH: Final = 107
"""sizeof(sun_path) less its closing NUL: unix(7)."""
_LONGEST_SOCKET_NAME: Final = "/.s.PGSQL.5432.lock"
_SHORT_PREFIX: Final = "tanhui-"


class EmbeddedServersError(OperatorError):
    """The embedded servers can not be used; the message says why and what to do."""


class FolderInUseError(EmbeddedServersError):
    """Another process runs its servers on this folder."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Create `folder` where missing and hold it for this process alone; the kernel lets go when the process ends.

    Raises:
        FolderInUseError: another process holds it.
        EmbeddedServersError: the folder can not be written.
    """
    try:
        # As root the servers run under another account, which has to pass through here but not to look around.
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+", encoding="ascii")
    except OSError as error:
        raise EmbeddedServersError(
            f"{folder} can not be written ({error.strerror}). Make it yours, or set TANHUI_DATA_DIR to another folder."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise FolderInUseError(
                f"Another Tanhui (process {lock.read().strip() or 'unknown'}) is running on {folder}. "
                "Stop it, or set TANHUI_DATA_DIR to another folder for this one."
            ) from error
        (folder / "servers.json").unlink(missing_ok=True)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        try:
            yield
        finally:
            (folder / "servers.json").unlink(missing_ok=True)


def publish(folder: Path, urls: Mapping[str, str]) -> None:
    """Tell other processes where the servers are; only the folder's owner can read it."""
    draft = folder / "servers.json.new"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps({"process": os.getpid(), "environment": dict(urls)}, indent=1), encoding="utf-8")
    draft.replace(folder / "servers.json")


def published(folder: Path) -> dict[str, str] | None:
    """Return what the living holder of `folder` published, or None when it has not (yet) or is gone."""
    try:
        told = json.loads((folder / "servers.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise EmbeddedServersError(
            f"The servers in {folder} belong to another account; run this command as it."
        ) from error
    return dict(told["environment"]) if psutil.pid_exists(told["process"]) else None


def socket_folder(folder: Path, owner: tuple[int, int] | None) -> Path:
    """Return a fresh folder for sockets that only their owner can enter.

    It is `run` in `folder`, or, where that path is too long for a socket, a temporary folder that `run` points to.
    """
    run = folder / "run"
    remove_socket_folder(folder)
    if len(os.fsencode(run)) + len(_LONGEST_SOCKET_NAME) <= _LONGEST_SOCKET_PATH:
        run.mkdir(mode=0o700)
        place = run
    else:
        place = Path(tempfile.mkdtemp(prefix=_SHORT_PREFIX))
        run.symlink_to(place)
    if owner:
        os.chown(place, *owner)
    return place


def remove_socket_folder(folder: Path) -> None:
    """Remove the sockets of an earlier run, and the short folder they may have been in."""
    run = folder / "run"
    if run.is_symlink():
        place = run.readlink()
        if place.name.startswith(_SHORT_PREFIX) and _is_private_folder(place):
            shutil.rmtree(place)
        run.unlink()
    elif run.exists():
        shutil.rmtree(run)


def _is_private_folder(place: Path) -> bool:
    """Say whether `place` is a real folder closed to everybody else: ours, not something put in its way."""
    try:
        found = place.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
