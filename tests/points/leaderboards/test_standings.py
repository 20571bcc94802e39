import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core import clock
from core.db import transaction
from points.leaderboards import projection
from points.leaderboards.boards import Board, Period, board_key, span_of
from points.leaderboards.standings import Standing, Standings, standings
from points.programmes.tables import Programme
from points.residents.tables import Resident
from tests.factories.residents import give_day, make_residents

ZONE = "Asia/Shanghai"


@pytest.fixture
async def people(programme: Programme) -> list[UUID]:
    """Twenty who gathered 20, 19, ... 1 grams today, and one who gathered nothing."""
    now = clock.now()
    async with transaction() as session:
        ids = await make_residents(session, programme, 21)
        today = clock.local_day(now, ZONE)
        await give_day(session, programme, [(one, today, 20 - n, now) for n, one in enumerate(ids[:20])])
    return ids


@pytest.fixture
async def broken_redis() -> AsyncIterator[Redis]:
    client = Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 1))
    yield client
    await client.aclose()


async def look(redis: Redis, programme: Programme, resident_id: UUID, now: datetime | None = None) -> Standings:
    async with transaction() as session:
        return await standings(
            session,
            redis,
            programme.programme_id,
            resident_id,
            Period.DAY,
            time_zone=ZONE,
            now=now or clock.now(),
            top=3,
            around=2,
        )


def line(position: int, *, is_me: bool = False) -> Standing:
    return Standing(position, f"r{position - 1}", 21 - position, is_me)


async def test_one_sees_the_top_and_those_around(redis: Redis, programme: Programme, people: list[UUID]) -> None:
    seen = await look(redis, programme, people[9])
    assert seen.members == 20
    assert seen.top == (line(1), line(2), line(3))
    assert seen.around == (line(8), line(9), line(10, is_me=True), line(11), line(12))
    assert seen.mine == line(10, is_me=True)


async def test_the_database_tells_the_same_when_redis_does_not_answer(
    redis: Redis, broken_redis: Redis, programme: Programme, people: list[UUID]
) -> None:
    for person in people:
        assert await look(broken_redis, programme, person) == await look(redis, programme, person)


async def test_the_database_tells_the_same_when_redis_hangs(
    redis: Redis, programme: Programme, people: list[UUID]
) -> None:
    silent = await asyncio.start_server(lambda _reader, _writer: asyncio.sleep(60), "127.0.0.1", 0)
    async with Redis(host="127.0.0.1", port=silent.sockets[0].getsockname()[1], socket_timeout=60) as hanging:
        async with asyncio.timeout(10):
            seen = await look(hanging, programme, people[9])
    silent.close()
    assert seen == await look(redis, programme, people[9])


async def test_the_first_and_the_last_have_neighbours_on_one_side(
    redis: Redis, programme: Programme, people: list[UUID]
) -> None:
    assert (await look(redis, programme, people[0])).around == (line(1, is_me=True), line(2), line(3))
    assert (await look(redis, programme, people[19])).around == (line(18), line(19), line(20, is_me=True))


async def test_who_gathered_nothing_sees_the_top_and_no_place_of_their_own(
    redis: Redis, programme: Programme, people: list[UUID]
) -> None:
    seen = await look(redis, programme, people[20])
    assert (seen.mine, seen.around, len(seen.top)) == (None, (), 3)


async def test_an_empty_board_is_empty_and_not_an_error(redis: Redis, programme: Programme) -> None:
    async with transaction() as session:
        [person] = await make_residents(session, programme, 1)
    for _ in range(2):
        seen = await look(redis, programme, person)
        assert (seen.members, seen.top, seen.mine) == (0, (), None)


async def test_a_board_lost_to_a_flush_is_whole_at_the_next_look(
    redis: Redis, programme: Programme, people: list[UUID]
) -> None:
    before = await look(redis, programme, people[9])
    keys = [key async for key in redis.scan_iter(match=f"*{programme.programme_id}*")]
    assert keys
    await redis.delete(*keys)
    assert await look(redis, programme, people[9]) == before


async def test_while_somebody_else_rebuilds_the_database_answers(
    redis: Redis, programme: Programme, people: list[UUID]
) -> None:
    span = span_of(Period.DAY, clock.now(), ZONE)
    board = board_key(programme.programme_id, Board.RESIDENTS, span)
    await redis.set(f"{board}:rebuilding", "somebody", px=30_000)
    assert (await look(redis, programme, people[9])).mine == line(10, is_me=True)
    assert await redis.exists(board) == 0


async def test_a_name_is_gone_the_moment_its_owner_withdraws(
    redis: Redis, programme: Programme, people: list[UUID]
) -> None:
    await look(redis, programme, people[9])
    async with transaction() as session:
        resident = await session.get(Resident, (programme.programme_id, people[1]))
        assert resident is not None
        resident.ranked = False
    assert (await look(redis, programme, people[9])).top == (line(1), line(3))


async def test_nobody_sees_another_programmes_people(redis: Redis, programme: Programme, people: list[UUID]) -> None:
    async with transaction() as session:
        other = await projection.read(
            redis, people[0], span_of(Period.DAY, clock.now(), ZONE), people[0], top=3, around=2
        )
        assert other is None
        seen = await standings(
            session, redis, people[0], people[0], Period.DAY, time_zone=ZONE, now=clock.now(), top=3, around=2
        )
    assert seen.members == 0


async def test_a_note_that_redis_does_not_take_fails_nobody(
    redis: Redis, broken_redis: Redis, programme: Programme, people: list[UUID]
) -> None:
    assert not await projection.mark_dirty(broken_redis, programme.programme_id, people)
    assert await projection.mark_dirty(redis, programme.programme_id, people)
    assert await projection.mark_dirty(broken_redis, programme.programme_id, [])
