"""Bounds on how often something may be tried, counted in Redis so that every process sees the same count."""

import asyncio
import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from api.errors import TooManyRequestsError
from core.redis import redis

# Counting and setting the end of the window must be one step: a crash in between would lock somebody out for good.
_COUNT: Final = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('TTL', KEYS[1])}
"""

_PATIENCE_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Bound:
    """At most `most` attempts in `seconds`."""

    name: str
    most: int
    seconds: int


async def spend(bound: Bound, who: str) -> None:
    """Count one attempt of `who`.

    Raises:
        TooManyRequestsError: when there were as many as may be; it says when to come back.
    """
    count, seconds_left = await redis().eval(_COUNT, 1, f"limit:{bound.name}:{who}", str(bound.seconds))
    if int(count) > bound.most:
        raise TooManyRequestsError(retry_after=max(1, int(seconds_left)))


async def spend_address(bound: Bound, request: Request) -> None:
    """Count one attempt from the address a request comes from; this machine itself is not counted.

    IPv6 is counted by /64: that is what one household gets.

    Raises:
        TooManyRequestsError: as `spend` does.
    """
    host = "" if request.client is None else request.client.host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a test client or a unix socket has no address
        return
    if address.is_loopback:
        return
    network = ipaddress.ip_network((address, 64 if isinstance(address, ipaddress.IPv6Address) else 32), strict=False)
    await spend(bound, str(network.network_address))


async def spend_address_if_counted(bound: Bound, request: Request) -> None:
    """Count one attempt as `spend_address` does, or let it pass while Redis does not count: for what is not secret.

    Raises:
        TooManyRequestsError: as `spend` does.
    """
    with suppress(RedisConnectionError, RedisTimeoutError, TimeoutError):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await spend_address(bound, request)
