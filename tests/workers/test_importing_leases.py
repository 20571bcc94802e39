"""Who works on an import is heard of, and who is not is followed by another; who was in the way is tried again."""

import asyncio
from datetime import timedelta
from typing import BinaryIO
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clock
from core.db import transaction
from labels.import_jobs import chunks, jobs, takers
from labels.import_jobs.chunks import Cut
from labels.import_jobs.tables import ImportJob
from tests.factories.import_jobs import finished, hand_in, state_of
from tests.factories.labels import fresh_gtin
from tests.factories.tables import csv_of
from workers import importing
from workers.importing import take_forward
from workers.schedule import JOBS
from workers.tasks.imports import EVERY, LEASE

pytestmark = pytest.mark.usefixtures("database")

HEADER = ("gtin", "name_zh")


async def table(rows: int) -> UUID:
    return await hand_in(csv_of(HEADER, [(fresh_gtin(), "茶") for _ in range(rows)]))


async def is_left_lying(job_id: UUID, after: timedelta, *, lanes: int = 1) -> bool:
    """Tell whether it would be taken up by another so long after it was last heard of."""
    now = (await state_of(job_id)).updated_at + after
    async with transaction() as session:
        return job_id in await jobs.forgotten(session, lease=LEASE, lanes=lanes, now=now, limit=10_000)


async def begun(job_id: UUID, times: int) -> None:
    for _ in range(times):
        async with transaction() as session:
            await jobs.take_up(session, job_id, lanes=4, now=clock.now())


def test_an_import_whose_worker_was_killed_is_taken_up_within_half_a_minute() -> None:
    [sweep] = [job for job in JOBS if job.task == "imports.sweep"]
    assert sweep.every == EVERY
    assert (LEASE + EVERY).total_seconds() < 30


async def test_what_nobody_was_heard_of_for_a_lease_is_left_lying_and_what_dies_each_time_waits_longer() -> None:
    job_id = await table(1)
    assert not await is_left_lying(job_id, LEASE)
    assert await is_left_lying(job_id, LEASE + timedelta(seconds=1))
    await begun(job_id, 3)
    assert not await is_left_lying(job_id, 4 * LEASE)
    assert await is_left_lying(job_id, 4 * LEASE + timedelta(seconds=1))
    assert await is_left_lying(job_id, LEASE + timedelta(seconds=1), lanes=3)  # each of three began it once


async def test_who_is_long_at_one_chunk_is_heard_of_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BEAT_SECONDS", 0.01)
    job_id, whole, released = await table(1), chunks.advance, asyncio.Event()
    begun_with = asyncio.Event()

    async def slow(*given: object, **named: object) -> object:
        begun_with.set()
        await released.wait()
        return await whole(*given, **named)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(chunks, "advance", slow)
    at_work = asyncio.create_task(take_forward(job_id, seconds=60))
    async with asyncio.timeout(20):
        await begun_with.wait()
        heard = (await state_of(job_id)).updated_at
        await asyncio.sleep(0.5)
        assert (await state_of(job_id)).updated_at > heard
    released.set()
    await at_work
    assert (await state_of(job_id)).registered == 1


async def test_a_sign_of_life_neither_waits_for_a_chunk_being_counted_nor_revives_what_has_ended() -> None:
    job_id = await table(1)
    async with transaction() as session:
        await jobs.take_up(session, job_id, now=clock.now())
    later = clock.now() + timedelta(hours=1)
    async with transaction() as counting:
        await jobs.locked(counting, job_id)
        async with asyncio.timeout(5), transaction() as session:
            await jobs.beat(session, job_id, now=later)
    assert (await state_of(job_id)).updated_at < later
    async with transaction() as session:
        await jobs.finish(session, job_id, failure="over", now=clock.now())
    async with transaction() as session:
        await jobs.beat(session, job_id, now=later)
    assert (await state_of(job_id)).updated_at < later


async def test_a_file_is_cut_on_though_a_sign_of_life_is_just_being_given(monkeypatch: pytest.MonkeyPatch) -> None:
    job_id, whole = await table(1), chunks.keep

    async def held(session: AsyncSession, kept: UUID, cut: Cut, **named: object) -> bool:
        async with transaction() as beat:
            await jobs.beat(beat, job_id, now=clock.now())
            keeping = asyncio.create_task(whole(session, kept, cut, **named))  # type: ignore[arg-type]  # handed on
            await asyncio.sleep(0.05)
        return await keeping

    monkeypatch.setattr(chunks, "keep", held)
    assert await take_forward(job_id, seconds=60) == 0
    assert (await state_of(job_id)).state == "done"


async def test_a_chunk_that_collides_is_taken_again_by_the_same_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takers, "_CHUNK", 2)
    job_id, counted, left = await table(6), chunks._count, iter(range(3))

    async def collide(*given: object) -> None:
        await counted(*given)  # type: ignore[arg-type]  # handed on
        if next(left, None) is not None:
            raise OperationalError("UPDATE", None, Exception("deadlock detected"))

    monkeypatch.setattr(chunks, "_count", collide)
    assert await take_forward(job_id, seconds=60) == 0
    job: ImportJob = await finished(job_id)
    assert (job.state, job.rows_done, job.registered, job.unchanged, next(left, None)) == ("done", 6, 6, 0, None)


async def test_who_comes_to_read_a_file_that_was_just_read_to_its_end_fails_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job_id = await table(3)
    fetch = importing._fetch

    async def late(job: ImportJob, file: BinaryIO) -> int:
        monkeypatch.setattr(importing, "_fetch", fetch)
        assert await take_forward(job_id, seconds=0) == 1, "another cuts it all, and takes none of it yet"
        return await fetch(job, file)

    monkeypatch.setattr(importing, "_fetch", late)
    assert await take_forward(job_id, seconds=0) == 0
    assert (await state_of(job_id)).state == "running"
    job = await finished(job_id)
    assert (job.state, job.rows_done, job.failure) == ("done", 3, "")
