from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from api import limits
from api.routes import units

UNIT = "/v1/units/9521234543213/00000000000000000000"


@pytest.fixture
async def stranger(app: FastAPI, database: str, redis: Redis) -> AsyncIterator[AsyncClient]:
    """Somebody at a public address that nobody else in the tests has."""
    await redis.delete("limit:units-address:203.0.113.99")
    transport = ASGITransport(app, client=("203.0.113.99", 1234))
    async with AsyncClient(transport=transport, base_url="http://api.test") as client:
        yield client


async def test_who_tries_serials_one_after_the_other_is_stopped(
    stranger: AsyncClient, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(units, "_BY_ADDRESS", limits.Bound("units-address", most=3, seconds=60))
    answers = [await stranger.get(UNIT) for _ in range(4)]
    assert [each.status_code for each in answers] == [404] * 3 + [429]
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60


async def test_a_label_is_verified_while_redis_is_gone(stranger: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Redis:
        raise RedisConnectionError

    monkeypatch.setattr(limits, "redis", gone)
    assert (await stranger.get(UNIT)).status_code == 404
