"""Keeps the garbage collector from walking, again and again, over what a process holds until it ends."""

import gc
from typing import Final

_YOUNG: Final = 20_000
_MIDDLE: Final = 50
_OLD: Final = 100


def settle() -> None:
    """Take everything loaded by now as here to stay, and look for garbage less often. Call once, when all is loaded.

    A group commit makes thousands of objects that live until it ends: by default that is a collection every 700 of
    them, and every so often one of everything that was ever imported.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
