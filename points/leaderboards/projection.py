"""Keeping the boards in Redis true to the database.

Nothing here adds: scores are written whole, as read from resident_day, so doing it twice changes nothing. Who changed
stands in a dirty set, which is taken over before it is worked on and deleted after, so that a crash loses nobody. A
board is rebuilt beside and swapped in; while that runs, changes wait in the dirty set, so that the swap can not undo
them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID, uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlmodel.ext.asyncio.session import AsyncSession

from points.leaderboards import queries, scripts
from points.leaderboards.boards import Board, Period, Span, board_key, encode, grams_in, spans_of
from points.leaderboards.queries import Place

LOCK_MILLISECONDS = 30_000
"""How long a crashed projector or rebuilder keeps others waiting; a live one renews with every chunk."""

_CHUNK = 1_000
_SETTLED = frozenset({"applied", "not_built"})
_KEEP_AFTER = timedelta(days=2)
_DIRTY_PROGRAMMES = "tanhui:dirty"


@dataclass(frozen=True, slots=True)
class View:
    """What one resident sees of a board: its members, the top places and those around their own, if they have one."""

    members: int
    top: Sequence[Place]
    around: Sequence[Place]


async def read(
    redis: Redis, programme_id: UUID, span: Span, resident_id: UUID, *, top: int, around: int
) -> View | None:
    """Return a board as `resident_id` sees it, in one round trip, or None when it has to be built first."""
    board = board_key(programme_id, Board.RESIDENTS, span)
    answer = await redis.register_script(scripts.READ)(
        keys=[board, _built(board)], args=[top, around, str(resident_id)]
    )
    if not answer[0]:
        return None
    _, members, first, rank, near = answer
    return View(members, _places(first, 1), _places(near, max(rank - around, 0) + 1 if near else 1))


def _places(flat: Sequence[bytes | str], position: int) -> list[Place]:
    """Return the places in Redis's member, score, member, score ... list, counted from `position`."""
    pairs = zip(flat[::2], flat[1::2], strict=True)
    return [
        Place(number, UUID(_text(member)), grams_in(int(_text(score))))
        for number, (member, score) in enumerate(pairs, start=position)
    ]


async def mark_dirty(redis: Redis, programme_id: UUID, resident_ids: Iterable[UUID]) -> bool:
    """Note that these residents' standings changed; call it after the commit, which it never fails.

    Returns False where Redis does not answer. The note is then lost, and healed by the next rebuild.
    """
    members = [str(resident_id) for resident_id in resident_ids]
    if not members:
        return True
    try:
        async with redis.pipeline(transaction=False) as pipeline:
            pipeline.sadd(_key(programme_id, "dirty"), *members)
            pipeline.sadd(_DIRTY_PROGRAMMES, str(programme_id))
            await pipeline.execute()
    except RedisError:
        return False
    return True


async def dirty_programmes(redis: Redis) -> list[UUID]:
    """Return the programmes in which anybody was ever dirty; project them all, it costs nothing where nobody is."""
    return sorted(UUID(_text(member)) for member in await redis.smembers(_DIRTY_PROGRAMMES))


async def project_dirty(
    session: AsyncSession, redis: Redis, programme_id: UUID, *, time_zone: str, now: datetime
) -> int:
    """Write the scores of whoever is dirty into the boards of the running periods; return how many residents.

    Returns 0 where another process is at it, and where nobody is dirty.
    """
    lock, token = _key(programme_id, "projecting"), uuid4().hex
    if not await redis.set(lock, token, nx=True, px=LOCK_MILLISECONDS):
        return 0
    try:
        return await _project_dirty(session, redis, programme_id, spans_of(now, time_zone), token)
    finally:
        await redis.register_script(scripts.UNLOCK)(keys=[lock], args=[token])


async def _project_dirty(
    session: AsyncSession, redis: Redis, programme_id: UUID, spans: Sequence[Span], token: str
) -> int:
    lock = _key(programme_id, "projecting")
    dirty, processing = _key(programme_id, "dirty"), _key(programme_id, "processing")
    members = await redis.register_script(scripts.TAKE_DIRTY)(keys=[dirty, processing])
    resident_ids = sorted(UUID(_text(member)) for member in members)
    again: list[str] = []
    for chunk in _chunks(resident_ids):
        if not await _project(session, redis, programme_id, spans, chunk, token):
            again.extend(map(str, chunk))
        await redis.register_script(scripts.EXTEND)(keys=[lock], args=[token, LOCK_MILLISECONDS])
    await redis.register_script(scripts.DONE_DIRTY)(keys=[lock, processing, dirty], args=[token, *again])
    return len(resident_ids)


async def _project(
    session: AsyncSession,
    redis: Redis,
    programme_id: UUID,
    spans: Sequence[Span],
    resident_ids: Sequence[UUID],
    token: str,
) -> bool:
    """Write one chunk to every board; tell whether all of them are settled for these residents."""
    gains = await queries.gains_of(session, programme_id, spans, resident_ids)
    settled = True
    for span, gained in zip(spans, gains, strict=True):
        board = board_key(programme_id, Board.RESIDENTS, span)
        scored = (
            (str(one), encode(gained[one].grams, gained[one].last_at, span) if one in gained else "")
            for one in resident_ids
        )
        outcome = await redis.register_script(scripts.APPLY)(
            keys=[board, _built(board), _rebuilding(board), _key(programme_id, "projecting")],
            args=[token, *chain.from_iterable(scored)],
        )
        settled = settled and _text(outcome) in _SETTLED
    return settled


async def rebuild(session: AsyncSession, redis: Redis, programme_id: UUID, span: Span, *, now: datetime) -> bool:
    """Build a board beside the old one from the database and swap it in.

    Returns False where another process is at it, or took over because this one was too slow.
    """
    board, token = board_key(programme_id, Board.RESIDENTS, span), uuid4().hex
    lock, building = _rebuilding(board), f"{board}:building:{token}"
    if not await redis.set(lock, token, nx=True, px=LOCK_MILLISECONDS):
        return False
    try:
        async for gains in queries.all_gains(session, programme_id, span):
            async with redis.pipeline(transaction=False) as pipeline:
                pipeline.zadd(building, {str(one.resident_id): encode(one.grams, one.last_at, span) for one in gains})
                pipeline.pexpire(building, LOCK_MILLISECONDS)
                await pipeline.execute()
            await redis.register_script(scripts.EXTEND)(keys=[lock], args=[token, LOCK_MILLISECONDS])
        swapped = await redis.register_script(scripts.SWAP)(
            keys=[lock, building, board, _built(board)], args=[token, _seconds_to_keep(span, now)]
        )
    finally:
        await redis.register_script(scripts.UNLOCK)(keys=[lock], args=[token])
    return bool(swapped)


async def rebuild_all(session: AsyncSession, redis: Redis, programme_id: UUID, *, time_zone: str, now: datetime) -> int:
    """Rebuild the boards of the running periods: what a lost note, a nickname withdrawn or a flush left wrong.

    Returns how many boards were swapped in.
    """
    return sum([await rebuild(session, redis, programme_id, span, now=now) for span in spans_of(now, time_zone)])


def _seconds_to_keep(span: Span, now: datetime) -> int:
    """Return how long a board may stay in Redis: until two days after its period, and all time for good."""
    if span.period is Period.ALL:
        return 0
    days = (span.until - span.first).days
    return max(int((span.starts_at + timedelta(days=days) + _KEEP_AFTER - now).total_seconds()), 1)


def _chunks(resident_ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    return (resident_ids[start : start + _CHUNK] for start in range(0, len(resident_ids), _CHUNK))


def _key(programme_id: UUID, what: str) -> str:
    return f"tanhui:{what}:{{{programme_id}}}"


def _built(board: str) -> str:
    return f"{board}:built"


def _rebuilding(board: str) -> str:
    return f"{board}:rebuilding"


def _text(value: bytes | str) -> str:
    """Return what Redis answered as text, whether or not the client decodes."""
    return value.decode() if isinstance(value, bytes) else value
