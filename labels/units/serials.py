"""Serial numbers of label units: made and opened with a key, in 20 characters that (21) may hold. Pure.

    CCCCCC SSSSSSSSSSSSSS
    |      `- 70 bits: a tag of 50 over the unit's number, and the number in 20 bits, masked by a hash of the tag
    `-------- 30 bits: the code of the series, random, in clear, so that one look-up finds its row and its key

Tag and mask are those of a synthetic initialization vector (RFC 5297): without the key, a serial says neither how many
there are nor what another one is, and a guess is right once in 2^50. Two numbers never share a serial: an equal tag
means an equal mask, under which different numbers stay different.
"""

import hmac
import re
from dataclasses import dataclass
from typing import Final

LENGTH: Final = 20
CODE_LENGTH: Final = 6
MOST_UNITS: Final = 1_000_000
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which are misread; all of it within GS1's character set 82."""

_BITS: Final = 5
_NUMBER_BITS: Final = 20
_TAG_BITS: Final = 50
_SEALED: Final = (_TAG_BITS + _NUMBER_BITS) // _BITS
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_SHAPE: Final = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """What makes and opens the serials of one series: its code, and a key for tags and one for masks."""

    code: str
    tag_key: bytes
    mask_key: bytes

    def serial(self, number: int) -> str:
        """Return the serial of a unit, by its number from 1 on.

        Raises:
            ValueError: when the number is not from 1 to MOST_UNITS.
        """
        if not 1 <= number <= MOST_UNITS:
            raise ValueError(f"A unit's number is 1 to {MOST_UNITS:,}, not {number}.")
        tag = self._tag(number)
        return self.code + text_of((tag << _NUMBER_BITS) | (number ^ self._mask(tag)), _SEALED)

    def number(self, serial: str) -> int | None:
        """Return the number of the unit a serial was made for, or None when it was not made under this key."""
        if code_of(serial) != self.code:
            return None
        sealed = 0
        for character in serial[CODE_LENGTH:]:
            sealed = sealed << _BITS | _VALUES[character]
        tag, masked = sealed >> _NUMBER_BITS, sealed & ((1 << _NUMBER_BITS) - 1)
        number = masked ^ self._mask(tag)
        genuine = hmac.compare_digest(self._tag(number).to_bytes(8), tag.to_bytes(8))
        return number if genuine and 1 <= number <= MOST_UNITS else None

    def _tag(self, number: int) -> int:
        return _bits(hmac.digest(self.tag_key, number.to_bytes(4), "sha256"), _TAG_BITS)

    def _mask(self, tag: int) -> int:
        return _bits(hmac.digest(self.mask_key, tag.to_bytes(8), "sha256"), _NUMBER_BITS)


def code_of(serial: str) -> str | None:
    """Return the code of the series a serial claims to be of, or None when it does not have the shape of a serial."""
    return serial[:CODE_LENGTH] if _SHAPE.fullmatch(serial) else None


def key_id(secret: bytes) -> str:
    """Return what names a secret, so that a change of it is noticed; it reveals nothing of it."""
    return _derived(secret, "key id", 4).hex()


def series_key(secret: bytes, code: str, gtin: str) -> SeriesKey:
    """Return the key of a series, derived with HKDF (RFC 5869) from the secret, for its code and its product alone."""
    both = _derived(secret, f"unit series/{key_id(secret)}/{code}/{gtin}", 64)
    return SeriesKey(code, both[:32], both[32:])


def text_of(value: int, length: int) -> str:
    """Return the lowest bits of `value` as `length` characters of the alphabet, five bits each."""
    return "".join([ALPHABET[value >> shift & 31] for shift in range(_BITS * (length - 1), -1, -_BITS)])


def _derived(secret: bytes, info: str, length: int) -> bytes:
    """Return `length` bytes (64 at most): HKDF with SHA-256, no salt."""
    extracted = hmac.digest(b"", secret, "sha256")
    first = hmac.digest(extracted, info.encode() + b"\x01", "sha256")
    return (first + hmac.digest(extracted, first + info.encode() + b"\x02", "sha256"))[:length]


def _bits(digest: bytes, bits: int) -> int:
    return int.from_bytes(digest[:8]) >> (64 - bits)
