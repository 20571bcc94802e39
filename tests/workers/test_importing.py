"""Imports from hand-in to report, without a queue: what a worker does, and what becomes of it when it dies."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from threading import get_ident
from uuid import UUID

import pytest
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clock
from core.db import transaction
from core.ids import new_id
from labels import import_rows, listings
from labels.catalogue import NewProduct, register_organization, register_products
from labels.errors import TooManyImportsError
from labels.import_jobs import jobs
from labels.import_jobs.jobs import NewImport
from labels.import_jobs.spreadsheets import table_of
from labels.import_jobs.tables import ImportJob, ImportPart, ImportProblem
from labels.tables import Product
from tests.factories.labels import NOW, fresh_gtin, make_category, make_labelled
from tests.factories.tables import csv_of, xlsx_of
from workers import importing
from workers.importing import take_forward

pytestmark = pytest.mark.usefixtures("database")

HEADER = ("gtin", "name_zh", "pack")


class KilledError(Exception):
    """Stands for the end of a process."""


async def hand_in(data: bytes, kind: str = "products", organization_id: UUID | None = None, **options: bool) -> UUID:
    given = NewImport(f"test:{new_id()}", organization_id, "a test", kind, "table", "utf-8", data, **options)
    async with transaction() as session:
        return (await jobs.submit(session, given, now=clock.now())).id


async def state_of(job_id: UUID) -> ImportJob:
    async with transaction() as session:
        return await session.get_one(ImportJob, job_id)


async def problems_of(job_id: UUID) -> Sequence[ImportProblem]:
    async with transaction() as session:
        return await jobs.problems_of(session, job_id, after=0, limit=10_000)


async def registered(gtins: Sequence[str]) -> int:
    async with transaction() as session:
        return (await session.exec(select(func.count()).where(col(Product.gtin).in_(gtins)))).one()


def counts(job: ImportJob) -> tuple[str, int, int, int, int]:
    return job.state, job.rows_done, job.registered, job.unchanged, job.refused


@pytest.mark.parametrize("table", [csv_of, xlsx_of])
async def test_good_rows_are_registered_and_bad_ones_told_with_a_remedy(table: object) -> None:
    good, other = fresh_gtin(), fresh_gtin()
    rows = [(good, "乌龙茶", "33克*30"), ("9521234543214", "错", ""), ("", "", ""), (other, "", ""), ("x", "茶\0", "")]
    if table is xlsx_of:
        rows[-1] = ("x", "茶", "")
    job_id = await hand_in(table(HEADER, rows))  # type: ignore[operator]  # one of the two above
    assert not await take_forward(job_id, seconds=60)
    assert counts(await state_of(job_id)) == ("done", 5, 1, 0, 3)
    told = [(each.number, each.row, each.field) for each in await problems_of(job_id)]
    assert told == [(1, 3, "gtin"), (2, 5, "name"), (3, 6, "gtin")]
    assert all(each.reason and each.remedy for each in await problems_of(job_id))
    assert await registered([good, other]) == 1
    async with transaction() as session:
        parts = await session.exec(select(func.count()).where(ImportPart.job_id == job_id))
        assert parts.one() == 0


async def test_the_same_file_again_changes_nothing() -> None:
    data = csv_of(HEADER, [(fresh_gtin(), "茶", "") for _ in range(20)])
    for expected in (("done", 20, 20, 0, 0), ("done", 20, 0, 20, 0)):
        job_id = await hand_in(data)
        await take_forward(job_id, seconds=60)
        assert counts(await state_of(job_id)) == expected


async def test_a_dry_run_tells_the_same_and_writes_nothing() -> None:
    gtins = [fresh_gtin() for _ in range(3)]
    job_id = await hand_in(csv_of(HEADER, [*((gtin, "茶", "") for gtin in gtins), ("1", "茶", "")]), dry_run=True)
    await take_forward(job_id, seconds=60)
    assert counts(await state_of(job_id)) == ("done", 4, 3, 0, 1)
    assert len(await problems_of(job_id)) == 1
    assert await registered(gtins) == 0


@pytest.mark.parametrize("chunks_before", [0, 1, 3])
async def test_a_worker_that_dies_in_the_middle_leaves_whole_chunks_and_the_next_goes_on(
    monkeypatch: pytest.MonkeyPatch, chunks_before: int
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 7)
    gtins = [fresh_gtin() for _ in range(30)]
    rows = [(gtin, "茶" if number % 5 else "", "") for number, gtin in enumerate(gtins)]
    job_id = await hand_in(csv_of(HEADER, rows))
    with monkeypatch.context() as dying:
        left = iter(range(chunks_before))
        whole = import_rows.settle

        def die(*arguments: object) -> object:  # after the rows were registered, before the chunk is committed
            if next(left, None) is None:
                raise KilledError
            return whole(*arguments)  # type: ignore[arg-type]  # handed on

        dying.setattr(jobs, "settle", die)
        with pytest.raises(KilledError):
            await take_forward(job_id, seconds=60)
    assert (await state_of(job_id)).rows_done == 7 * chunks_before
    assert not await take_forward(job_id, seconds=60)
    assert counts(await state_of(job_id)) == ("done", 30, 24, 0, 6)
    told = await problems_of(job_id)
    assert [each.row for each in told] == [2 + number for number in range(0, 30, 5)]
    assert await registered(gtins) == 24


async def test_a_task_gives_way_when_its_time_is_up_and_is_taken_up_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)
    job_id = await hand_in(csv_of(HEADER, [(fresh_gtin(), "茶", "") for _ in range(5)]))
    assert await take_forward(job_id, seconds=0)
    assert counts(await state_of(job_id)) == ("running", 2, 2, 0, 0)
    assert not await take_forward(job_id, seconds=60)
    assert counts(await state_of(job_id)) == ("done", 5, 5, 0, 0)
    assert not await take_forward(job_id, seconds=60)


async def test_what_two_workers_take_at_once_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)
    job_id = await hand_in(csv_of(HEADER, [(fresh_gtin(), "茶", "") for _ in range(8)]))
    before = jobs.advance
    begun: list[UUID] = []

    async def overtaken(session: AsyncSession, taken: UUID, *arguments: object, **named: object) -> bool:
        if not begun:
            begun.append(taken)
            await take_forward(job_id, seconds=60)
        return await before(session, taken, *arguments, **named)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(jobs, "advance", overtaken)
    assert not await take_forward(job_id, seconds=60)
    assert counts(await state_of(job_id)) == ("done", 8, 8, 0, 0)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"number,name\n1,x\n", "no column gtin"),
        (b"gtin,name,gtin\n1,x,2\n", "there twice"),
        (b"", "empty"),
        (b'gtin,name\n1,"x', "CSV"),
    ],
)
async def test_a_file_that_can_not_be_read_fails_as_a_whole_and_says_why(data: bytes, reason: str) -> None:
    job_id = await hand_in(data)
    assert not await take_forward(job_id, seconds=60)
    job = await state_of(job_id)
    assert (job.state, job.rows_done) == ("failed", 0)
    assert reason in job.failure


async def test_an_import_that_never_comes_forward_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = await hand_in(csv_of(HEADER, [(fresh_gtin(), "茶", "")]))

    async def die(*_: object, **__: object) -> bool:
        raise KilledError

    monkeypatch.setattr(jobs, "advance", die)
    for _ in range(jobs.MOST_ATTEMPTS):
        with pytest.raises(KilledError):
            await take_forward(job_id, seconds=60)
    assert not await take_forward(job_id, seconds=60)
    assert (await state_of(job_id)).state == "failed"


async def test_only_who_registered_a_product_amends_it_by_a_file() -> None:
    gtin, others = fresh_gtin(), fresh_gtin()
    async with transaction() as session:
        ours, theirs = [
            (await register_organization(session, name_zh="厂", name_en="Maker", roles=["maker"], now=clock.now())).id
            for _ in range(2)
        ]
        rows = [NewProduct(gtin, "茶", registered_by_id=ours), NewProduct(others, "茶", registered_by_id=theirs)]
        await register_products(session, rows, now=clock.now())
    data = csv_of(HEADER, [(gtin, "绿茶", ""), (others, "绿茶", "")])
    job_id = await hand_in(data, organization_id=ours, amend=True)
    await take_forward(job_id, seconds=60)
    assert counts(await state_of(job_id)) == ("done", 2, 1, 0, 1)
    (told,) = await problems_of(job_id)
    assert (told.row, told.field, "another organization" in told.reason) == (3, "gtin", True)
    async with transaction() as session:
        names = [one.name_zh for key in (gtin, others) if (one := await listings.product(session, key)) is not None]
    assert names == ["绿茶", "茶"]


async def test_footprints_out_of_range_are_counted_apart_and_certificates_are_the_certifiers() -> None:
    async with transaction() as session:
        category = await make_category(session, plausible_low_mg=1_000_000, plausible_high_mg=9_000_000)
        made = await make_labelled(session, category_id=category)
    header = ("gtin", "kg_co2e_per_unit", "functional_unit", "boundary", "standard", "region", "valid_from")
    figures = ("kg", "cradle-to-gate", "ISO 14067", "CN", "2026-01-01")
    job_id = await hand_in(csv_of(header, [(made.gtin, "3.5", *figures), (made.gtin, "922", *figures)]), "footprints")
    await take_forward(job_id, seconds=60)
    job = await state_of(job_id)
    assert (job.registered, job.quarantined, job.refused) == (1, 1, 0)

    async with transaction() as session:
        shop = await register_organization(session, name_zh="店", name_en="Shop", roles=["retailer"], now=NOW)
    job_id = await hand_in(csv_of(header, [(made.gtin, "8.5", *figures)]), "footprints", organization_id=shop.id)
    await take_forward(job_id, seconds=60)
    assert counts(await state_of(job_id)) == ("done", 1, 0, 0, 1)  # it neither makes nor certifies the product

    marks = ("number", "scheme", "kind", "gtin", "valid_from", "valid_until")
    number = f"T-{new_id().hex}"
    table = csv_of(marks, [(number, "cn.carbon_footprint", "carbon_label", made.gtin, "2026-01-01", "2029-01-01")])
    job_id = await hand_in(table, "certificates", organization_id=made.certifier_id)
    await take_forward(job_id, seconds=60)
    assert counts(await state_of(job_id)) == ("done", 1, 1, 0, 0)
    async with transaction() as session:
        issued = await listings.certificate(session, number)
    assert issued is not None
    assert issued.certifier_id == made.certifier_id


async def test_forgotten_imports_are_found_and_old_ones_leave_nothing() -> None:
    waiting = await hand_in(csv_of(HEADER, [(fresh_gtin(), "", "")]))
    ended = await hand_in(csv_of(HEADER, [(fresh_gtin(), "", "")]))
    await take_forward(ended, seconds=60)
    later = clock.now() + timedelta(days=40)
    async with transaction() as session:
        found = await jobs.forgotten(session, before=later, limit=10_000)
        assert waiting in found
        assert ended not in found
        assert waiting not in await jobs.forgotten(session, before=clock.now() - timedelta(minutes=2), limit=10_000)
        await jobs.forget(session, before=later, limit=10_000)
        assert await session.get(ImportJob, ended) is None
        assert await jobs.problems_of(session, ended, after=0, limit=10) == []
    assert (await state_of(waiting)).state == "waiting"


async def test_an_owner_has_only_so_many_imports_under_way() -> None:
    owner = f"test:{new_id()}"
    given = NewImport(owner, None, "a test", "products", "table", "utf-8", b"gtin,name\n")
    async with transaction() as session:
        for _ in range(jobs.MOST_UNFINISHED):
            await jobs.submit(session, given, now=clock.now())
        with pytest.raises(TooManyImportsError, match="still under way"):
            await jobs.submit(session, given, now=clock.now())


async def test_files_handed_in_at_once_are_no_more_than_that_either() -> None:
    given = NewImport(f"test:{new_id()}", None, "a test", "products", "table", "utf-8", b"gtin,name\n")

    async def attempt() -> bool:
        try:
            async with transaction() as session:
                await jobs.submit(session, given, now=clock.now())
        except TooManyImportsError:
            return False
        return True

    taken = await asyncio.gather(*(attempt() for _ in range(2 * jobs.MOST_UNFINISHED)))
    assert sum(taken) == jobs.MOST_UNFINISHED


async def test_the_loop_runs_on_while_a_table_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    readers: set[int] = set()

    def watched(data: bytes, encoding: str) -> tuple[list[str], Iterator[list[str]]]:
        header, rows = table_of(data, encoding)

        def seen() -> Iterator[list[str]]:
            for row in rows:
                readers.add(get_ident())
                yield row

        return header, seen()

    monkeypatch.setattr(importing, "table_of", watched)
    job_id = await hand_in(xlsx_of(HEADER, [(fresh_gtin(), "茶", "500g")]))
    assert not await take_forward(job_id, seconds=60)
    assert counts(await state_of(job_id))[:3] == ("done", 1, 1)
    assert readers
    assert get_ident() not in readers
