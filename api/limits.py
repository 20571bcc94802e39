"""Bounds on how often something may be tried, counted in Redis so that every process sees the same count."""

import ipaddress
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from api.errors import TooManyRequestsError
from core.redis import redis

# Counting and setting the end of the window must be one step: a crash in between would lock somebody out for good.
_COUNT: Final = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('TTL', KEYS[1])}
"""


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
