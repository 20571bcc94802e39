"""Applications for certificates by the table: row by row as single ones are, dry or in earnest, and never twice."""

from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clock
from core.db import transaction
from core.ids import new_id
from labels.catalogue import NewProduct, register_organization, register_products
from labels.certification.application_queries import Application, own_applications
from labels.certification.applications import NewStep, record_steps
from labels.import_jobs import chunks, uploads
from labels.import_jobs.tables import ImportJob
from labels.import_jobs.uploads import NewImport
from tests.factories.labels import NOW, fresh_gtin, make_certifier, standing
from tests.factories.tables import csv_of, xlsx_of
from workers.importing import take_forward

pytestmark = pytest.mark.usefixtures("database")

HEADER = ("gtin", "scheme_id", "certifier_id", "footprint_id")


async def make_maker(session: AsyncSession, gtins: list[str]) -> UUID:
    made = await register_organization(session, name_zh="厂", name_en="Works", roles=["maker"], now=NOW)
    await register_products(session, [NewProduct(each, "茶", registered_by_id=made.id) for each in gtins], now=NOW)
    return made.id


async def imported(data: bytes, maker: UUID | None, *, dry_run: bool = False) -> ImportJob:
    given = NewImport(f"test:{new_id()}", maker, "a maker", "applications", "t", "utf-8", data, dry_run=dry_run)
    async with transaction() as session:
        job_id = (await uploads.submit(session, given, now=clock.now())).id
    assert not await take_forward(job_id, seconds=60)
    async with transaction() as session:
        return await session.get_one(ImportJob, job_id)


async def sent_by(maker: UUID) -> list[Application]:
    async with transaction() as session:
        return await own_applications(session, maker, before=None, limit=100)


def counts(job: ImportJob) -> tuple[str, int, int, int]:
    return job.state, job.registered, job.unchanged, job.refused


@pytest.mark.parametrize("table", [csv_of, xlsx_of])
async def test_each_row_is_sent_or_refused_by_itself_and_a_dry_run_sends_none(table: object) -> None:
    gtins = [fresh_gtin(), fresh_gtin()]
    async with transaction() as session:
        maker, certifier = await make_maker(session, gtins), str(await make_certifier(session))
    rows = [
        (gtins[0], "cn.low_carbon", certifier, ""),
        (fresh_gtin(), "cn.low_carbon", certifier, ""),
        (gtins[1], "no.such", certifier, ""),
        (gtins[1], "cn.low_carbon", "somebody", ""),
        (gtins[1], "cn.low_carbon", "", ""),
        (gtins[1], "cn.low_carbon", str(maker), ""),
        (gtins[1], "self.declared", str(maker), ""),
        (gtins[0], "cn.low_carbon", certifier, ""),
    ]
    data = table(HEADER, rows)  # type: ignore[operator]  # one of the two above
    dry = await imported(data, maker, dry_run=True)
    assert counts(dry) == ("done", 2, 1, 5)
    assert await sent_by(maker) == []
    job = await imported(data, maker)
    assert counts(job) == ("done", 2, 1, 5)
    sent = {(each.gtin, each.scheme_id, str(each.stage)) for each in await sent_by(maker)}
    assert sent == {(gtins[0], "cn.low_carbon", "submitted"), (gtins[1], "self.declared", "submitted")}
    async with transaction() as session:
        told = await chunks.reports(session, job.id, after=-1, limit=100)
    problems = [line for _, lines in told for line in lines]
    assert [(row, field) for row, field, *_ in problems] == [
        (3, "gtin"),
        (4, "scheme_id"),
        (5, "certifier_id"),
        (6, "certifier_id"),
        (7, "certifier_id"),
    ]
    assert all(reason and remedy for *_, reason, remedy in problems)


async def test_the_same_table_again_sends_nothing_but_what_was_refused_is_sent_anew() -> None:
    gtins = [fresh_gtin(), fresh_gtin()]
    async with transaction() as session:
        maker, certifier = await make_maker(session, gtins), await make_certifier(session)
    data = csv_of(HEADER, [(gtin, "cn.low_carbon", str(certifier), "") for gtin in gtins])
    assert counts(await imported(data, maker)) == ("done", 2, 0, 0)
    assert counts(await imported(data, maker)) == ("done", 0, 2, 0)
    first = (await sent_by(maker))[0]
    async with transaction() as session:
        for step in ("reviewed", "refused"):
            row = NewStep(first.id, step, first.last_on, certifier, "c", "Not so.")
            standing((await record_steps(session, [row], now=clock.now()))[0])
    assert counts(await imported(data, maker)) == ("done", 1, 1, 0)
    assert len(await sent_by(maker)) == 3


async def test_cells_that_no_database_keeps_are_refused_as_others_are_and_only_organizations_apply() -> None:
    gtin = fresh_gtin()
    async with transaction() as session:
        maker, certifier = await make_maker(session, [gtin]), str(await make_certifier(session))
    rows = [(gtin, "cn.low\0carbon", certifier, ""), (gtin, "cn.low_carbon", certifier, "")]
    assert counts(await imported(csv_of(HEADER, rows), maker)) == ("done", 1, 0, 1)
    assert (await imported(csv_of(HEADER, rows), None)).state == "failed"
