"""Redis and the database must tell the same order, whatever happens to Redis."""

import asyncio
import random
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from redis.asyncio import Redis

from core import clock
from core.db import transaction
from core.ids import new_id
from points.leaderboards import projection, queries
from points.leaderboards.boards import Board, Period, Span, board_key, span_of, spans_of
from points.leaderboards.standings import standings
from points.programmes.tables import Programme
from points.residents.tables import Resident
from tests.factories.residents import give_day, make_residents

ZONE = "Asia/Shanghai"
Order = list[tuple[UUID, int]]


async def order_in_redis(redis: Redis, programme: Programme, span: Span) -> Order | None:
    view = await projection.read(redis, programme.programme_id, span, new_id(), top=1000, around=0)
    return None if view is None else [(place.resident_id, place.grams) for place in view.top]


async def order_in_database(programme: Programme, span: Span) -> Order:
    async with transaction() as session:
        _, places = await queries.places(session, programme.programme_id, span, None, top=1000, around=0)
    return [(place.resident_id, place.grams) for place in places]


async def project(redis: Redis, programme: Programme, now: datetime) -> int:
    async with transaction() as session:
        return await projection.project_dirty(session, redis, programme.programme_id, time_zone=ZONE, now=now)


async def rebuild(redis: Redis, programme: Programme, now: datetime) -> int:
    async with transaction() as session:
        return await projection.rebuild_all(session, redis, programme.programme_id, time_zone=ZONE, now=now)


async def gain(programme: Programme, resident_id: UUID, grams: int, at: datetime) -> None:
    async with transaction() as session:
        await give_day(session, programme, [(resident_id, clock.local_day(at, ZONE), grams, at)])


async def join(programme: Programme, count: int, *, ranked: bool = True, left_at: datetime | None = None) -> list[UUID]:
    async with transaction() as session:
        return await make_residents(session, programme, count, ranked=ranked, left_at=left_at)


@pytest.mark.parametrize("seed", range(6))
async def test_redis_and_the_database_agree_on_the_order_with_ties(
    redis: Redis, programme: Programme, seed: int
) -> None:
    chance = random.Random(seed)
    now = datetime(2026, 4, 15, 4, 30, tzinfo=clock.now().tzinfo)
    people = await join(programme, 40)
    moments = [now - timedelta(seconds=chance.choice([0, 1, 2, 59, 3600, 90_000, 700_000])) for _ in range(6)]
    rows = {
        (person, clock.local_day(moment, ZONE)): (chance.choice([0, 1, 2, 2, 3, 5_000_000_000]), moment)
        for person in people
        for moment in chance.sample(moments, 3)
    }
    async with transaction() as session:
        await give_day(session, programme, [(person, day, *row) for (person, day), row in rows.items()])
    await rebuild(redis, programme, now)
    rebuilt = [await order_in_redis(redis, programme, span) for span in spans_of(now, ZONE)]
    assert rebuilt == [await order_in_database(programme, span) for span in spans_of(now, ZONE)]
    assert len(rebuilt[-1] or []) > 20
    await projection.mark_dirty(redis, programme.programme_id, people)
    assert await project(redis, programme, now) == len(people)
    assert [await order_in_redis(redis, programme, span) for span in spans_of(now, ZONE)] == rebuilt


async def test_projecting_twice_changes_nothing(redis: Redis, programme: Programme) -> None:
    now = clock.now()
    [person] = await join(programme, 1)
    await rebuild(redis, programme, now)
    await gain(programme, person, 7, now)
    for _ in range(3):
        await projection.mark_dirty(redis, programme.programme_id, [person])
        await project(redis, programme, now)
    assert await order_in_redis(redis, programme, span_of(Period.DAY, now, ZONE)) == [(person, 7)]


async def test_who_did_not_agree_or_has_left_is_on_no_board(redis: Redis, programme: Programme) -> None:
    now = clock.now()
    [shown] = await join(programme, 1)
    [shy] = await join(programme, 1, ranked=False)
    [gone] = await join(programme, 1, left_at=now)
    for person in (shown, shy, gone):
        await gain(programme, person, 7, now)
    await rebuild(redis, programme, now)
    await projection.mark_dirty(redis, programme.programme_id, [shown, shy, gone])
    await project(redis, programme, now)
    span = span_of(Period.WEEK, now, ZONE)
    assert await order_in_redis(redis, programme, span) == await order_in_database(programme, span) == [(shown, 7)]


async def test_who_withdraws_is_taken_off_at_the_next_projection(redis: Redis, programme: Programme) -> None:
    now = clock.now()
    [person] = await join(programme, 1)
    await gain(programme, person, 7, now)
    await rebuild(redis, programme, now)
    async with transaction() as session:
        resident = await session.get(Resident, (programme.programme_id, person))
        assert resident is not None
        resident.ranked = False
    await projection.mark_dirty(redis, programme.programme_id, [person])
    await project(redis, programme, now)
    assert await order_in_redis(redis, programme, span_of(Period.ALL, now, ZONE)) == []


async def test_a_board_that_redis_lost_is_not_begun_with_a_few(redis: Redis, programme: Programme) -> None:
    now = clock.now()
    one, other = await join(programme, 2)
    await gain(programme, one, 7, now)
    await gain(programme, other, 9, now)
    await projection.mark_dirty(redis, programme.programme_id, [one])
    await project(redis, programme, now)
    assert await order_in_redis(redis, programme, span_of(Period.DAY, now, ZONE)) is None


async def test_a_crash_in_the_middle_of_projecting_loses_nobody(redis: Redis, programme: Programme) -> None:
    now = clock.now()
    one, other = await join(programme, 2)
    await rebuild(redis, programme, now)
    await gain(programme, one, 7, now)
    await gain(programme, other, 9, now)
    await redis.sadd(f"tanhui:processing:{{{programme.programme_id}}}", str(one))  # taken over, and then the end
    await projection.mark_dirty(redis, programme.programme_id, [other])
    assert await project(redis, programme, now) == 2
    assert await order_in_redis(redis, programme, span_of(Period.DAY, now, ZONE)) == [(other, 9), (one, 7)]
    assert await project(redis, programme, now) == 0


async def test_only_one_projects_a_programme_at_a_time(redis: Redis, programme: Programme) -> None:
    [person] = await join(programme, 1)
    await projection.mark_dirty(redis, programme.programme_id, [person])
    await redis.set(f"tanhui:projecting:{{{programme.programme_id}}}", "somebody", px=30_000)
    assert await project(redis, programme, clock.now()) == 0


async def test_what_changes_during_a_rebuild_waits_for_it(redis: Redis, programme: Programme) -> None:
    now = clock.now()
    [person] = await join(programme, 1)
    await rebuild(redis, programme, now)
    board = board_key(programme.programme_id, Board.RESIDENTS, span_of(Period.DAY, now, ZONE))
    await redis.set(f"{board}:rebuilding", "somebody", px=30_000)
    await gain(programme, person, 7, now)
    await projection.mark_dirty(redis, programme.programme_id, [person])
    await project(redis, programme, now)
    assert await order_in_redis(redis, programme, span_of(Period.DAY, now, ZONE)) == []
    await redis.delete(f"{board}:rebuilding")
    assert await project(redis, programme, now) == 1
    assert await order_in_redis(redis, programme, span_of(Period.DAY, now, ZONE)) == [(person, 7)]


async def test_a_rebuild_that_was_overtaken_does_not_swap(redis: Redis, programme: Programme) -> None:
    now = clock.now()
    span = span_of(Period.DAY, now, ZONE)
    [person] = await join(programme, 1)
    await gain(programme, person, 7, now)
    board = board_key(programme.programme_id, Board.RESIDENTS, span)
    await redis.set(f"{board}:rebuilding", "somebody", px=30_000)
    async with transaction() as session:
        assert not await projection.rebuild(session, redis, programme.programme_id, span, now=now)
    assert await redis.exists(board) == 0


async def test_old_boards_leave_redis_by_themselves_and_all_time_stays(redis: Redis, programme: Programme) -> None:
    now = clock.now()
    [person] = await join(programme, 1)
    await gain(programme, person, 7, now)
    await rebuild(redis, programme, now)
    days = {}
    for span in spans_of(now, ZONE):
        seconds = await redis.ttl(board_key(programme.programme_id, Board.RESIDENTS, span))
        days[span.period] = seconds / 86_400
    assert days[Period.ALL] < 0
    assert 2 <= days[Period.DAY] <= 3 <= 3 + days[Period.WEEK] <= 12
    assert days[Period.MONTH] <= 33


async def test_many_readers_of_a_lost_board_all_see_it_whole(redis: Redis, programme: Programme) -> None:
    now = clock.now()
    people = await join(programme, 30)
    async with transaction() as session:
        days = [(person, clock.local_day(now, ZONE), 100 - n, now) for n, person in enumerate(people)]
        await give_day(session, programme, days)

    async def look() -> list[str]:
        async with transaction() as session:
            seen = await standings(
                session, redis, programme.programme_id, people[20], Period.WEEK, time_zone=ZONE, now=now
            )
        return [line.nickname for line in (*seen.top, *seen.around)]

    expected = [f"r{n}" for n in (*range(10), *range(17, 24))]
    assert await asyncio.gather(*(look() for _ in range(8))) == [expected] * 8
