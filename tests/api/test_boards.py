import asyncio
from time import perf_counter

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis

from core import clock, db
from points.leaderboards import projection
from points.residents.queries import resident
from tests.api.conftest import People
from tests.factories.labels import Labelled

BOARD = "/v1/leaderboards/residents?period=week"


async def sell(client: AsyncClient, people: People, labelled: Labelled, line: int) -> None:
    async with db.transaction() as session:
        member = await resident(session, people.programme.programme_id, people.resident_id)
    sold = {
        "receipt": "r1",
        "line": line,
        "member_code": member.member_code,
        "code": labelled.gtin,
        "quantity": 1,
        "sold_at": clock.now().isoformat(),
    }
    response = await client.post("/v1/sales", json={"lines": [sold]}, headers=people.partner)
    assert response.json()["credited"] == 1, response.text


async def test_a_sale_moves_the_buyer_on_a_board_that_stands_already(
    client: AsyncClient, people: People, labelled: Labelled, redis: Redis
) -> None:
    await sell(client, people, labelled, 1)
    before = await client.get(BOARD, headers=people.resident)
    await sell(client, people, labelled, 2)
    programme = people.programme
    async with db.transaction() as session:
        moved = await projection.project_dirty(
            session, redis, programme.programme_id, time_zone=programme.time_zone, now=clock.now()
        )
    after = await client.get(BOARD, headers=people.resident)
    assert moved == 1, "the second sale noted its buyer after the commit"
    assert [seen.json()["mine"]["grams"] for seen in (before, after)] == [1000, 2000]


async def test_a_return_moves_the_buyer_back_and_in_the_end_off_the_board(
    client: AsyncClient, people: People, labelled: Labelled, redis: Redis
) -> None:
    programme = people.programme
    await sell(client, people, labelled, 1)
    await sell(client, people, labelled, 2)
    seen = [(await client.get(BOARD, headers=people.resident)).json()["mine"]["grams"]]
    for number in (1, 2):
        came = {"receipt": "b1", "line": number, "bought": {"receipt": "r1", "line": number}, "member_code": None}
        came |= {"code": labelled.gtin, "quantity": 1, "returned_at": clock.now().isoformat()}
        response = await client.post("/v1/returns", json={"lines": [came]}, headers=people.partner)
        assert response.json()["returned"] == 1, response.text
        async with db.transaction() as session:
            await projection.project_dirty(
                session, redis, programme.programme_id, time_zone=programme.time_zone, now=clock.now()
            )
        mine = (await client.get(BOARD, headers=people.resident)).json()["mine"]
        seen.append(mine and mine["grams"])
    assert seen == [2000, 1000, None]


async def test_a_redis_that_hangs_holds_no_sale_up(
    client: AsyncClient, people: People, labelled: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = await asyncio.start_server(lambda _reader, _writer: asyncio.sleep(60), "127.0.0.1", 0)
    hanging = Redis(host="127.0.0.1", port=silent.sockets[0].getsockname()[1], socket_timeout=5)
    monkeypatch.setattr("api.boards.redis", lambda: hanging)
    began = perf_counter()
    await sell(client, people, labelled, 1)
    assert perf_counter() - began < 3, "the note was given up, and the sale answered"
    await hanging.aclose()
    silent.close()
