"""UUIDv7 (RFC 9562 section 5.7), made in the application so that time order is key order and no sequence is needed."""

import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Final, cast
from uuid import UUID

from asyncpg.pgproto import pgproto

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62
_COUNTER_BITS = 42
_TAIL_BITS = 32
_TAIL_BYTES: Final = 4
_HEAD_BYTES: Final = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Monotonic:
    """The last tick handed out: RFC 9562 method 1, a 42-bit counter reseeded every millisecond, then 32 random bits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = 0
        self._counter = 0

    def tick(self) -> tuple[int, int]:
        millisecond = time.time_ns() // 1_000_000
        with self._lock:
            if millisecond > self._millisecond:
                self._millisecond = millisecond
                self._counter = secrets.randbits(_COUNTER_BITS - 1)
            else:  # same millisecond, or a clock that stepped back: keep the order we promised
                self._counter += 1
                if self._counter >> _COUNTER_BITS:
                    self._millisecond += 1
                    self._counter = 0
            return self._millisecond, self._counter


_monotonic = _Monotonic()


def new_id() -> UUID:
    """Return a UUIDv7 greater than every one this process made before."""
    millisecond, counter = _monotonic.tick()
    high, low = counter >> 30, counter & ((1 << 30) - 1)
    return UUID(
        int=(millisecond << 80)
        | _VERSION_7
        | (high << 64)
        | _VARIANT
        | (low << _TAIL_BITS)
        | secrets.randbits(_TAIL_BITS)
    )


def new_ids(count: int) -> list[UUID]:
    """Return `count` ids as `new_id` returns them, in order.

    They are of the driver's own class, as ids that are read are: each is made in a fifth of the time.
    """
    tails = secrets.token_bytes(_TAIL_BYTES * count)
    return [_id(*_monotonic.tick(), tails[_TAIL_BYTES * place :][:_TAIL_BYTES]) for place in range(count)]


def _id(millisecond: int, counter: int, tail: bytes) -> UUID:
    high, low = counter >> 30, counter & ((1 << 30) - 1)
    head = (millisecond << 80 | _VERSION_7 | high << 64 | _VARIANT | low << _TAIL_BITS) >> _TAIL_BITS
    return cast("UUID", pgproto.UUID(head.to_bytes(_HEAD_BYTES) + tail))


def first_id(moment: datetime) -> UUID:
    """Return the least UUIDv7 of the millisecond of `moment`, to compare others with; it is nobody's."""
    return UUID(int=((moment - _EPOCH) // timedelta(milliseconds=1) << 80) | _VERSION_7 | _VARIANT)


def made_at(identifier: UUID) -> datetime:
    """Return the millisecond a UUIDv7 was made at, in UTC."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
