"""Against a real worker: what beat sends and what a queue delivers."""

from redis.asyncio import Redis

from core import clock
from core.db import transaction
from core.ids import new_id
from points.leaderboards import projection
from points.leaderboards.boards import Period, span_of
from points.programmes.tables import Programme
from tests.factories.residents import give_day, make_residents
from tests.workers.conftest import Worker
from workers.app import send


async def test_beat_brings_a_gain_onto_the_board(worker: Worker, redis: Redis, programme: Programme) -> None:
    now = clock.now()
    span = span_of(Period.ALL, now, programme.time_zone)
    async with transaction() as session:
        [person] = await make_residents(session, programme, 1)
        await projection.rebuild(session, redis, programme.programme_id, span, now=now)
    async with transaction() as session:
        await give_day(session, programme, [(person, clock.local_day(now, programme.time_zone), 7, now)])
    await projection.mark_dirty(redis, new_id(), [new_id()])  # from a database that is no more
    await projection.mark_dirty(redis, programme.programme_id, [person])

    async def shown() -> bool:
        view = await projection.read(redis, programme.programme_id, span, person, top=1, around=0)
        return view is not None and [place.grams for place in view.top] == [7]

    await worker.until(shown)


async def test_a_rebuild_makes_every_board_of_a_programme(worker: Worker, redis: Redis, programme: Programme) -> None:
    send("leaderboards.rebuild", str(programme.programme_id))
    spans = [span_of(period, clock.now(), programme.time_zone) for period in Period]

    async def built() -> bool:
        views = [
            await projection.read(redis, programme.programme_id, each, new_id(), top=1, around=0) for each in spans
        ]
        return None not in views

    await worker.until(built)
