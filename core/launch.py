"""Becomes another program that ends when its parent does. Run by path, as `python -I -S launch.py TERMS COMMAND...`.

A program started from here gets a signal from the kernel when the process that asked for it is gone, even by `kill -9`.
As root it can first become another account; where folders above its files are closed to that account (a project under
/root), it keeps the single capability that opens them, instead of our opening folders that are not ours.
"""

import ctypes
import json
import os
import sys
from typing import Any, Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_KEEPCAPS: Final = 8
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_RAISE: Final = 2
_CAPABILITY_VERSION_3: Final = 0x20080522
_CAP_DAC_OVERRIDE: Final = 1
_CAP_DAC_READ_SEARCH: Final = 2


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def main(arguments: list[str]) -> None:
    """Follow the terms in `arguments[0]` (JSON, see core.children), then become `arguments[1:]`."""
    terms: dict[str, Any] = json.loads(arguments[0])
    if terms["uid"] is not None:
        _become(terms["uid"], terms["gid"], reach=terms["reach"])
    if sys.platform == "linux":
        # After the account has changed: changing it clears the setting.
        _check(_libc().prctl(_PR_SET_PDEATHSIG, terms["signal"], 0, 0, 0))
        if os.getppid() != terms["parent"]:
            sys.exit("The process that asked for this one is gone.")
    os.execv(arguments[1], arguments[1:])  # noqa: S606 - the command is made by core, from installed files


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _become(uid: int, gid: int, *, reach: bool) -> None:
    """Change to the account `uid`, `gid`; with `reach`, stay able to pass closed folders and read what is in them."""
    libc = _libc()
    if reach:
        _check(libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([gid])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if not reach:
        return
    header = _Header(_CAPABILITY_VERSION_3, 0)
    data = (_Data * 2)()
    _check(libc.capget(ctypes.byref(header), data))
    # Containers often hold only the wider of the two.
    capability = next((c for c in (_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE) if data[0].permitted >> c & 1), None)
    if capability is None:
        sys.exit(
            "A folder above the data or the programs is closed to other accounts, and root here may not pass it on."
        )
    data[0].effective = data[0].permitted = data[0].inheritable = 1 << capability
    data[1].effective = data[1].permitted = data[1].inheritable = 0
    _check(libc.capset(ctypes.byref(header), data))
    _check(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0))


if __name__ == "__main__":
    main(sys.argv[1:])
