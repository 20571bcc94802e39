import asyncio
from time import perf_counter

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis


async def test_a_redis_that_hangs_is_told_before_the_balancer_gives_up(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = await asyncio.start_server(lambda _reader, _writer: asyncio.sleep(60), "127.0.0.1", 0)
    hanging = Redis(host="127.0.0.1", port=silent.sockets[0].getsockname()[1], socket_timeout=60)
    monkeypatch.setattr("core.redis.redis", lambda: hanging)
    began = perf_counter()
    response = await client.get("/readyz")
    assert (response.status_code, response.json()["redis"]) == (503, "unreachable")
    assert perf_counter() - began < 5
    await hanging.aclose()
    silent.close()
