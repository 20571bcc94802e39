from datetime import timedelta
from uuid import UUID

from core import clock
from core.db import transaction
from core.ids import new_id
from labels.import_jobs import uploads
from labels.import_jobs.tables import ImportJob
from labels.import_jobs.uploads import NewImport
from tests.factories.labels import fresh_gtin
from tests.factories.tables import csv_of
from tests.workers.conftest import Worker
from workers.app import send


async def hand_in() -> UUID:
    """Hand in a table five minutes ago."""
    data = csv_of(("gtin", "name"), [(fresh_gtin(), "Tea")])
    given = NewImport(f"test:{new_id()}", None, "a test", "products", "table.csv", "utf-8", data)
    async with transaction() as session:
        return (await uploads.submit(session, given, now=clock.now() - timedelta(minutes=5))).id


async def done(job_id: UUID) -> bool:
    async with transaction() as session:
        job = await session.get_one(ImportJob, job_id)
    return (job.state, job.registered) == ("done", 1)


async def test_an_import_is_done_by_the_task_it_is_queued_as(worker: Worker) -> None:
    job_id = await hand_in()
    send("imports.run", str(job_id))
    await worker.until(lambda: done(job_id))


async def test_an_import_whose_message_was_lost_is_found_by_the_sweep(worker: Worker) -> None:
    job_id = await hand_in()
    send("imports.sweep")
    await worker.until(lambda: done(job_id))
