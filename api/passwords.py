"""Passwords of staff: Argon2id with the library's parameters (RFC 9106, the low-memory choice), never on the loop."""

import asyncio
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from starlette.concurrency import run_in_threadpool

MINIMUM_LENGTH: Final = 12
MAXIMUM_LENGTH: Final = 200
_AT_ONCE: Final = 2
"""Each check takes 64 MB; more at a time would let a guesser fill the memory."""

_hasher: Final = PasswordHasher()
_gate: Final = asyncio.Semaphore(_AT_ONCE)


class WeakPasswordError(ValueError):
    """A password must have 12 to 200 characters."""


def hashed(password: str) -> str:
    """Return the hash to store; takes tens of milliseconds.

    Raises:
        WeakPasswordError: when the password is too short or too long.
    """
    if not MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH:
        raise WeakPasswordError(WeakPasswordError.__doc__)
    return _hasher.hash(password)


async def matches(password: str, stored: str | None) -> bool:
    """Tell whether `password` is the one behind `stored`; takes as long when there is none to compare with."""
    async with _gate:
        right = await run_in_threadpool(_verify, stored or _nobodys(), password)
    return right and stored is not None


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")
