"""The code a resident's app shows at the till: it changes every minute, and a till checks it without asking. Pure.

    76 bytes, written as one number in 122 characters of Crockford's base 32: as much as a QR code of version 5 holds

    VMMMMMMM K TTT SSSS...
    |        | |   `- 64 bytes: Ed25519 signature over CONTEXT, the programme's id (16 bytes) and the 12 bytes before it
    |        | `----- 3 bytes: when it was issued, in steps of 30 seconds since 2026; they last until 2041
    |        `------- 1 byte: the first of the thumbprint of the key that signed
    `---------------- 8 bytes: version 1 in 4 bits, and the member in 60, sealed

The member is sealed under the step: to a till, two codes of one person are as different as two people's. So retailers
learn nothing from them by which purchases could be put together, neither their own nor each other's. The seal is a
Feistel network of ten rounds, as in NIST SP 800-38G, each round a keyed hash; the step is its tweak.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from labels.units.serials import ALPHABET, text_of

LENGTH: Final = 122
CONTEXT: Final = b"tanhui-member-code-1\n"
"""Begins what is signed, so that the signature is good for nothing else."""
STEP: Final = timedelta(seconds=30)
REFRESH: Final = timedelta(seconds=60)
LIFE: Final = timedelta(seconds=90)

STATIC_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of the code that never changes. No 0, O, 1, I or L: a cashier may have to type it."""
STATIC_LENGTH: Final = 12

_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
_VERSION: Final = 1
_BODY: Final = 12
_SIGNATURE: Final = 64
_HALF: Final = 30
_ROUNDS: Final = 10
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}

Sign = Callable[[bytes], bytes]
Proves = Callable[[int, bytes, bytes], bool]
"""Whether a key with a mark made a signature over a message: mark, message, signature."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A code as the app shows it: take the next one from `refresh_after` on; tills refuse it from `expires_at` on."""

    text: str
    issued_at: datetime
    refresh_after: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """What a genuine code says: whose it is, by the code that never changes, and when it may be shown."""

    member_code: str
    issued_at: datetime
    expires_at: datetime

    def holds_at(self, moment: datetime, skew: timedelta) -> bool:
        """Tell whether the code could be shown at `moment` by a till whose clock is wrong by at most `skew`."""
        return self.issued_at - skew <= moment < self.expires_at + skew


def normalized(shown: str) -> str:
    """Return what a till sent as it is compared: capitals, without spaces and hyphens."""
    return shown.replace(" ", "").replace("-", "").upper()


def issue(
    programme_id: UUID, member_code: str, *, now: datetime, secret: bytes, mark: int, sign: Sign
) -> Issued | None:
    """Return the code of the step `now` is in, or None for a member code that is none of ours or a time after 2041."""
    step = (now - _EPOCH) // STEP
    member = _number(member_code)
    if member is None or not 0 <= step < 1 << 24:
        return None
    sealed = _sealed(member, _tweaked(secret, programme_id, step))
    body = (_VERSION << 60 | sealed).to_bytes(8) + bytes([mark]) + step.to_bytes(3)
    code = body + sign(_message(programme_id, body))
    issued_at = _EPOCH + step * STEP
    return Issued(text_of(int.from_bytes(code), LENGTH), issued_at, issued_at + REFRESH, issued_at + LIFE)


def opened(programme_id: UUID, text: str, *, secret: bytes, proves: Proves) -> Opened | None:
    """Return what a normalized code says, or None when it was not made for this programme, or was changed."""
    code = _bytes(text)
    if code is None or code[0] >> 4 != _VERSION:
        return None
    body, signature = code[:_BODY], code[_BODY:]
    if not proves(body[8], _message(programme_id, body), signature):
        return None
    step = int.from_bytes(body[9:])
    sealed = int.from_bytes(body[:8]) & (1 << 60) - 1
    member = _unsealed(sealed, _tweaked(secret, programme_id, step))
    if member >= len(STATIC_ALPHABET) ** STATIC_LENGTH:
        return None
    issued_at = _EPOCH + step * STEP
    return Opened(_static(member), issued_at, issued_at + LIFE)


def _message(programme_id: UUID, body: bytes) -> bytes:
    return CONTEXT + programme_id.bytes + body


def _bytes(text: str) -> bytes | None:
    """Return the bytes that 122 characters stand for; O is read as 0, I and L as 1."""
    if len(text) != LENGTH or any(character not in _VALUES for character in text):
        return None
    number = 0
    for character in text:
        number = number << 5 | _VALUES[character]
    size = _BODY + _SIGNATURE
    return number.to_bytes(size) if number < 1 << 8 * size else None


def _number(member_code: str) -> int | None:
    if len(member_code) != STATIC_LENGTH or any(each not in STATIC_ALPHABET for each in member_code):
        return None
    number = 0
    for character in member_code:
        number = number * len(STATIC_ALPHABET) + STATIC_ALPHABET.index(character)
    return number


def _static(number: int) -> str:
    characters = []
    for _ in range(STATIC_LENGTH):
        number, value = divmod(number, len(STATIC_ALPHABET))
        characters.append(STATIC_ALPHABET[value])
    return "".join(reversed(characters))


def _tweaked(secret: bytes, programme_id: UUID, step: int) -> bytes:
    return hmac.digest(secret, programme_id.bytes + step.to_bytes(3), "sha256")


def _sealed(number: int, key: bytes) -> int:
    left, right = number >> _HALF, number & (1 << _HALF) - 1
    for place in range(_ROUNDS):
        left, right = right, left ^ _round(key, place, right)
    return left << _HALF | right


def _unsealed(number: int, key: bytes) -> int:
    left, right = number >> _HALF, number & (1 << _HALF) - 1
    for place in reversed(range(_ROUNDS)):
        left, right = right ^ _round(key, place, left), left
    return left << _HALF | right


def _round(key: bytes, place: int, half: int) -> int:
    digest = hmac.digest(key, bytes([place]) + half.to_bytes(4), "sha256")
    return int.from_bytes(digest[:4]) >> 2
