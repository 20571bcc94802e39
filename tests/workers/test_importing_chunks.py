"""Files cut into chunks: where they are left and gone on with, who may take them at once, and how they are ended."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from threading import get_ident
from uuid import UUID

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clock
from core.db import transaction
from core.ids import new_id
from labels import import_rows
from labels.errors import ImportEndedError, UnknownImportError
from labels.import_jobs import chunks, jobs, takers, uploads
from labels.import_jobs.chunks import Cut
from labels.import_jobs.spreadsheets import Table
from labels.import_jobs.tables import ImportChunk, ImportJob
from labels.import_jobs.takers import Taker
from labels.import_jobs.uploads import NewImport
from tests.factories.import_jobs import finished, hand_in, state_of
from tests.factories.labels import fresh_gtin
from tests.factories.tables import csv_of, xlsx_of
from workers import importing
from workers.importing import take_forward

pytestmark = pytest.mark.usefixtures("database")

HEADER = ("gtin", "name_zh", "pack")


class KilledError(Exception):
    """Stands for the end of a process."""


def counts(job: ImportJob) -> tuple[str, int, int, int, int]:
    return job.state, job.rows_done, job.registered, job.unchanged, job.refused


async def test_a_task_gives_way_when_its_time_is_up_and_is_taken_up_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(takers, "_CHUNK", 2)
    monkeypatch.setattr(importing, "STRETCH_ROWS", 4)
    job_id = await hand_in(csv_of(HEADER, [(fresh_gtin(), "茶", "") for _ in range(5)]))
    assert await take_forward(job_id, seconds=0) == 1
    job = await state_of(job_id)
    assert (job.state, job.rows_cut, job.cut, job.rows_done) == ("running", 4, False, 0)
    assert job.bytes_cut > 0
    assert await take_forward(job_id, seconds=0) == 1
    assert ((await state_of(job_id)).rows_cut, (await state_of(job_id)).cut) == (5, True)
    await finished(job_id)
    assert counts(await state_of(job_id)) == ("done", 5, 5, 0, 0)
    assert not await take_forward(job_id, seconds=60)


@pytest.mark.parametrize("table", [csv_of, xlsx_of])
async def test_a_worker_that_dies_while_it_cuts_a_file_is_followed_by_one_that_goes_on_from_there(
    monkeypatch: pytest.MonkeyPatch, table: object
) -> None:
    monkeypatch.setattr(takers, "_CHUNK", 2)
    monkeypatch.setattr(importing, "STRETCH_ROWS", 2)
    job_id = await hand_in(table(HEADER, [(fresh_gtin(), "茶,\n茶", "") for _ in range(7)]))  # type: ignore[operator]
    whole, left = chunks.keep, iter(range(2))

    async def die(session: AsyncSession, taken: UUID, cut: Cut, **named: object) -> bool:
        if next(left, None) is None:
            raise KilledError
        return await whole(session, taken, cut, **named)  # type: ignore[arg-type]  # handed on

    with monkeypatch.context() as dying:
        dying.setattr(chunks, "keep", die)
        with pytest.raises(KilledError):
            await take_forward(job_id, seconds=60)
    assert (await state_of(job_id)).rows_cut == 4
    await finished(job_id)
    assert counts(await state_of(job_id)) == ("done", 7, 7, 0, 0)
    async with transaction() as session:
        kept = await session.exec(select(ImportChunk).where(ImportChunk.job_id == job_id).order_by("number"))
    assert [(each.number, each.first_row, each.rows) for each in kept] == [(0, 2, 2), (1, 4, 2), (2, 6, 2), (3, 8, 1)]


async def test_what_two_workers_take_at_once_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takers, "_CHUNK", 2)
    gtins = [fresh_gtin() for _ in range(40)]
    job_id = await hand_in(csv_of(HEADER, [(gtin, "茶", "") for gtin in gtins]))
    await asyncio.gather(*(finished(job_id) for _ in range(4)))
    await finished(job_id)
    assert counts(await state_of(job_id)) == ("done", 40, 40, 0, 0)


async def test_what_is_cancelled_stands_as_far_as_it_was_and_nothing_more_comes_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(takers, "_CHUNK", 2)
    job_id = await hand_in(csv_of(HEADER, [(fresh_gtin(), "茶", "") for _ in range(8)]))
    owner = (await state_of(job_id)).owner
    whole, begun = import_rows.settle, iter(range(1))

    async def cancelled() -> None:
        async with transaction() as session:
            await jobs.cancel(session, {owner}, job_id, now=clock.now())

    ending: list[asyncio.Task[None]] = []

    def watched(*arguments: object) -> object:
        if next(begun, None) is None and not ending:  # in the middle of the second chunk, whose rows are locked
            ending.append(asyncio.create_task(cancelled()))
        return whole(*arguments)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(takers, "settle", watched)
    await finished(job_id)
    await ending[0]
    job = await state_of(job_id)
    assert (job.state, job.rows_done in {2, 4}, job.registered) == ("cancelled", True, job.rows_done)
    async with transaction() as session:
        with pytest.raises(ImportEndedError):
            await jobs.cancel(session, {owner}, job_id, now=clock.now())


async def test_the_loop_runs_on_while_a_table_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    readers: set[int] = set()
    cuts = importing._cuts

    def watched(table: Table, taker: Taker, done: int) -> Iterator[Cut]:
        for cut in cuts(table, taker, done):
            readers.add(get_ident())
            yield cut

    monkeypatch.setattr(importing, "_cuts", watched)
    job_id = await hand_in(xlsx_of(HEADER, [(fresh_gtin(), "茶", "500g")]))
    await finished(job_id)
    assert counts(await state_of(job_id))[:3] == ("done", 1, 1)
    assert readers
    assert get_ident() not in readers


async def test_files_that_stopped_arriving_are_forgotten_and_never_begun() -> None:
    given = NewImport(f"test:{new_id()}", None, "a test", "products", "table", "utf-8")
    async with transaction() as session:
        job = await uploads.announce(session, given, now=clock.now())
        await uploads.keep(session, job.id, 0, [b"gtin,name\n"], now=clock.now())
    assert not await take_forward(job.id, seconds=60)
    async with transaction() as session:
        assert job.id in await jobs.stalled(session, before=clock.now() + timedelta(hours=1), limit=10_000)
        await uploads.give_up(session, job.id)
    async with transaction() as session:
        assert await session.get(ImportJob, job.id) is None
        with pytest.raises(UnknownImportError, match="slowly"):
            await uploads.complete(session, job.id, size_bytes=10, now=clock.now())


async def test_a_file_that_was_handed_in_whole_is_not_given_up_whatever_becomes_of_its_request() -> None:
    job_id = await hand_in(csv_of(HEADER, [(fresh_gtin(), "茶", "")]))
    async with transaction() as session:
        await uploads.give_up(session, job_id)
    await finished(job_id)
    assert counts(await state_of(job_id))[:3] == ("done", 1, 1)


async def test_a_file_can_be_cancelled_while_it_arrives_and_the_rest_of_it_is_not_kept() -> None:
    given = NewImport(f"test:{new_id()}", None, "a test", "products", "table", "utf-8")
    async with transaction() as session:
        job = await uploads.announce(session, given, now=clock.now())
        await uploads.keep(session, job.id, 0, [b"gtin,name\n"], now=clock.now())
    async with transaction() as session:
        ended = await jobs.cancel(session, {given.owner}, job.id, now=clock.now())
    assert ended.state == "cancelled"
    async with transaction() as session:
        await uploads.keep(session, job.id, 1, [b"1,2\n"], now=clock.now())
        with pytest.raises(UnknownImportError, match="cancelled"):
            await uploads.complete(session, job.id, size_bytes=14, now=clock.now())
        await uploads.give_up(session, job.id)
    async with transaction() as session:
        assert await chunks.parts(session, job.id, first=0, limit=9) == []
    assert (await state_of(job.id)).state == "cancelled"
