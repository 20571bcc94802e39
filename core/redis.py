"""The door to Redis: one client per process. Nothing in Redis is the only copy of anything that matters."""

from typing import Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.settings import settings

_TIMEOUT_SECONDS: Final = 5.0
_RETRIES: Final = 1
"""Enough for a connection that a restart of Redis left stale; the client's own default waits for seconds."""


class RedisNotConfiguredError(RuntimeError):
    """No Redis is configured: set TANHUI_REDIS_URL, or start the embedded one with `tanhui up`."""


class _Client:
    """The client of this process, made at first use inside the running event loop."""

    current: Redis | None = None


def redis() -> Redis:
    """Return this process's client; answers are bytes.

    Raises:
        RedisNotConfiguredError: when no Redis URL is known.
    """
    if _Client.current is None:
        url = settings().redis_url
        if url is None:
            raise RedisNotConfiguredError(RedisNotConfiguredError.__doc__)
        _Client.current = Redis.from_url(
            url,
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            health_check_interval=30,
            retry=Retry(NoBackoff(), _RETRIES),
        )
    return _Client.current


async def dispose() -> None:
    """Close every connection of this process; the next use opens new ones."""
    if _Client.current is not None:
        await _Client.current.aclose()
        _Client.current = None
