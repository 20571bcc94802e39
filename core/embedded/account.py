"""Who the embedded servers run as. PostgreSQL refuses to run as root, so as root they run as `nobody`."""

import os
import pwd
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from core.children import Account
from core.embedded.folder import EmbeddedServersError

_NOBODY: Final = "nobody"


def server_account(cluster: Path, files: Iterable[Path]) -> Account | None:
    """Return the account to run the servers as, or None for our own.

    As root that is the owner of an existing `cluster`, else `nobody`. `files` are programs and data it has to read.

    Raises:
        EmbeddedServersError: we are not root and the cluster belongs to somebody else.
    """
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        if owner not in {None, os.geteuid()}:
            raise EmbeddedServersError(
                f"{cluster} was made by another account (uid {owner}). Run this as that account or as root, "
                "or set TANHUI_DATA_DIR to a folder of your own."
            )
        return None
    entry = pwd.getpwuid(owner) if owner else pwd.getpwnam(_NOBODY)
    needed = [path for file in (cluster.parent, *files) for path in (file, *file.parents)]
    return Account(entry.pw_uid, entry.pw_gid, reach=not all(_open_to(path, entry) for path in needed))


def _open_to(path: Path, entry: pwd.struct_passwd) -> bool:
    """Say whether the account can pass through the folder, or read the file, at `path`."""
    found = path.stat()
    wanted = 0o1 if stat.S_ISDIR(found.st_mode) else 0o4
    if found.st_uid == entry.pw_uid:
        wanted <<= 6
    elif found.st_gid == entry.pw_gid:
        wanted <<= 3
    return found.st_mode & wanted == wanted


def own_folder(path: Path, account: Account | None) -> Path:
    """Create the private folder `path` where missing, owned by `account`, and return it."""
    if not path.exists():
        path.mkdir(mode=0o700)
        if account:
            shutil.chown(path, account.uid, account.gid)
    return path
