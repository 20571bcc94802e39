"""kill -9 of a real worker in the middle of a file of sales: the next finishes it, and every line counts once."""

import asyncio
import signal
from pathlib import Path
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlmodel import select

from core import clock
from core.db import transaction
from labels.catalogue import register_organization
from labels.import_jobs.tables import ImportJob
from points.programmes.tables import Programme
from points.residents.tables import Resident
from tests.factories.credits import assert_clean
from tests.factories.import_jobs import state_of
from tests.factories.labels import NOW, make_labelled
from tests.factories.residents import make_residents
from tests.factories.sales_files import hand_in, report_of, sales_csv
from tests.factories.workers import kill, start
from workers.app import send

LINES = 24_000
KILLINGS = 2


async def come_to(job_id: UUID, rows: int) -> ImportJob:
    """Wait until so many rows are done, or the import has ended."""
    for _ in range(600):
        job = await state_of(job_id)
        if job.rows_done >= rows or job.finished_at is not None:
            return job
        await asyncio.sleep(0.05)
    raise AssertionError(f"It stands at {job.rows_done} rows.")


@pytest.mark.faults
async def test_a_worker_that_is_killed_in_the_middle_is_followed_by_one_that_finishes_and_nothing_counts_twice(
    programme: Programme, redis: Redis, tmp_path: Path
) -> None:
    async with transaction() as session:
        labelled = await make_labelled(session)
        shop = await register_organization(session, name_zh="店", name_en="Shop", roles=["retailer"], now=NOW)
        await make_residents(session, programme, 400)
        query = select(Resident.member_code).where(Resident.programme_id == programme.programme_id)
        members = (await session.exec(query)).all()
    sold_at = clock.now().isoformat()
    rows = [(f"r{n}", 1, members[n % 400], labelled.gtin, 1, sold_at) for n in range(LINES)]
    job_id = await hand_in(programme, shop.id, sales_csv(rows))
    log, before = tmp_path / "log", 0
    for _ in range(KILLINGS):
        worker = start(log)
        try:
            for _ in range(2):
                send("imports.run", str(job_id))
            job = await come_to(job_id, before + 1)
        finally:
            kill(worker)
        before = (await state_of(job_id)).rows_done
        assert job.finished_at is None, "It was over before it could be killed; make the file longer."
    worker = start(log)
    try:
        send("imports.run", str(job_id))
        await come_to(job_id, LINES)
        for _ in range(100):
            if (await state_of(job_id)).finished_at is not None:
                break
            await asyncio.sleep(0.1)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
    job = await state_of(job_id)
    assert (job.state, job.rows_done) == ("done", LINES), log.read_text("utf-8")[-2000:]
    assert job.totals["credited"] == LINES, job.totals
    assert len(await report_of(job_id)) == LINES
    await assert_clean(programme)
