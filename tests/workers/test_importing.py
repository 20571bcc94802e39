"""Imports from hand-in to report, without a queue: what a worker does, and what becomes of it when it dies."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlmodel import col, func, select

from core import clock
from core.db import transaction
from core.ids import new_id
from labels import import_rows, listings
from labels.catalogue import NewProduct, register_organization, register_products
from labels.errors import TooManyImportsError
from labels.import_jobs import chunks, jobs, takers, uploads
from labels.import_jobs.tables import ImportJob, ImportPart
from labels.import_jobs.takers import PROBLEM_COLUMNS
from labels.import_jobs.uploads import NewImport
from labels.tables import Product
from tests.factories.import_jobs import finished, hand_in, state_of
from tests.factories.labels import NOW, fresh_gtin, make_category, make_labelled
from tests.factories.tables import csv_of, xlsx_of

pytestmark = pytest.mark.usefixtures("database")

LEASE = timedelta(seconds=15)
HEADER = ("gtin", "name_zh", "pack")


class KilledError(Exception):
    """Stands for the end of a process."""


async def problems_of(job_id: UUID) -> Sequence[SimpleNamespace]:
    async with transaction() as session:
        found = await chunks.reports(session, job_id, after=-1, limit=10_000)
    return [SimpleNamespace(**dict(zip(PROBLEM_COLUMNS, line, strict=True))) for _, lines in found for line in lines]


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
    await finished(job_id)
    assert counts(await state_of(job_id)) == ("done", 5, 1, 0, 3)
    told = [(each.row, each.field) for each in await problems_of(job_id)]
    assert told == [(3, "gtin"), (5, "name"), (6, "gtin")]
    assert all(each.reason and each.remedy for each in await problems_of(job_id))
    assert await registered([good, other]) == 1
    async with transaction() as session:
        parts = await session.exec(select(func.count()).where(ImportPart.job_id == job_id))
        assert parts.one() == 0


async def test_the_same_file_again_changes_nothing() -> None:
    data = csv_of(HEADER, [(fresh_gtin(), "茶", "") for _ in range(20)])
    for expected in (("done", 20, 20, 0, 0), ("done", 20, 0, 20, 0)):
        job_id = await hand_in(data)
        await finished(job_id)
        assert counts(await state_of(job_id)) == expected


async def test_a_dry_run_tells_the_same_and_writes_nothing() -> None:
    gtins = [fresh_gtin() for _ in range(3)]
    job_id = await hand_in(csv_of(HEADER, [*((gtin, "茶", "") for gtin in gtins), ("1", "茶", "")]), dry_run=True)
    await finished(job_id)
    assert counts(await state_of(job_id)) == ("done", 4, 3, 0, 1)
    assert len(await problems_of(job_id)) == 1
    assert await registered(gtins) == 0


@pytest.mark.parametrize("chunks_before", [0, 1, 3])
async def test_a_worker_that_dies_in_the_middle_leaves_whole_chunks_and_the_next_goes_on(
    monkeypatch: pytest.MonkeyPatch, chunks_before: int
) -> None:
    monkeypatch.setattr(takers, "_CHUNK", 7)
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

        dying.setattr(takers, "settle", die)
        with pytest.raises(KilledError):
            await finished(job_id)
    assert (await state_of(job_id)).rows_done == 7 * chunks_before
    await finished(job_id)
    assert counts(await state_of(job_id)) == ("done", 30, 24, 0, 6)
    told = await problems_of(job_id)
    assert [each.row for each in told] == [2 + number for number in range(0, 30, 5)]
    assert await registered(gtins) == 24


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
    await finished(job_id)
    job = await state_of(job_id)
    assert (job.state, job.rows_done) == ("failed", 0)
    assert reason in job.failure


async def test_an_import_that_never_comes_forward_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = await hand_in(csv_of(HEADER, [(fresh_gtin(), "茶", "")]))

    async def die(*_: object, **__: object) -> bool:
        raise KilledError

    monkeypatch.setattr(chunks, "advance", die)
    for _ in range(jobs.MOST_ATTEMPTS + 1):  # in the first it was cut into chunks, which is coming forward
        with pytest.raises(KilledError):
            await finished(job_id)
    await finished(job_id)
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
    await finished(job_id)
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
    await finished(job_id)
    job = await state_of(job_id)
    assert (job.registered, job.quarantined, job.refused) == (1, 1, 0)

    async with transaction() as session:
        shop = await register_organization(session, name_zh="店", name_en="Shop", roles=["retailer"], now=NOW)
    job_id = await hand_in(csv_of(header, [(made.gtin, "8.5", *figures)]), "footprints", organization_id=shop.id)
    await finished(job_id)
    assert counts(await state_of(job_id)) == ("done", 1, 0, 0, 1)  # it neither makes nor certifies the product

    marks = ("number", "scheme", "kind", "gtin", "valid_from", "valid_until")
    number = f"T-{new_id().hex}"
    table = csv_of(marks, [(number, "cn.carbon_footprint", "carbon_label", made.gtin, "2026-01-01", "2029-01-01")])
    job_id = await hand_in(table, "certificates", organization_id=made.certifier_id)
    await finished(job_id)
    assert counts(await state_of(job_id)) == ("done", 1, 1, 0, 0)
    async with transaction() as session:
        issued = await listings.certificate(session, number)
    assert issued is not None
    assert issued.certifier_id == made.certifier_id


async def test_forgotten_imports_are_found_and_old_ones_leave_nothing() -> None:
    waiting = await hand_in(csv_of(HEADER, [(fresh_gtin(), "", "")]))
    ended = await hand_in(csv_of(HEADER, [(fresh_gtin(), "", "")]))
    await finished(ended)
    later = clock.now() + timedelta(days=40)
    async with transaction() as session:
        found = await jobs.forgotten(session, lease=LEASE, now=later, limit=10_000)
        assert waiting in found
        assert ended not in found
        assert waiting not in await jobs.forgotten(session, lease=LEASE, now=clock.now(), limit=10_000)
        await jobs.forget(session, before=later, limit=10_000)
        assert await session.get(ImportJob, ended) is None
        assert await chunks.reports(session, ended, after=-1, limit=10) == []
    assert (await state_of(waiting)).state == "waiting"


async def test_an_owner_has_only_so_many_imports_under_way() -> None:
    owner = f"test:{new_id()}"
    given = NewImport(owner, None, "a test", "products", "table", "utf-8", b"gtin,name\n")
    async with transaction() as session:
        for _ in range(uploads.MOST_UNFINISHED):
            await uploads.submit(session, given, now=clock.now())
        with pytest.raises(TooManyImportsError, match="still under way"):
            await uploads.submit(session, given, now=clock.now())


async def test_files_handed_in_at_once_are_no_more_than_that_either() -> None:
    given = NewImport(f"test:{new_id()}", None, "a test", "products", "table", "utf-8", b"gtin,name\n")

    async def attempt() -> bool:
        try:
            async with transaction() as session:
                await uploads.submit(session, given, now=clock.now())
        except TooManyImportsError:
            return False
        return True

    taken = await asyncio.gather(*(attempt() for _ in range(2 * uploads.MOST_UNFINISHED)))
    assert sum(taken) == uploads.MOST_UNFINISHED
