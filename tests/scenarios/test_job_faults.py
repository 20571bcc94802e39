"""Work of many database transactions, cut off at every statement of each: it is gone on with, and counts once."""

from collections.abc import AsyncIterator
from itertools import count
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import func
from sqlmodel import col, select

from core import db
from core.ids import new_id
from labels.catalogue import register_organization
from labels.import_jobs.tables import ImportJob
from points.earning.clawbacks import chunks, clawbacks
from points.earning.sales_files import takers
from points.earning.tables import Activity
from points.programmes.tables import Programme
from points.residents.tables import Notice
from tests.factories.clawbacks import EVER, bought, held, overview, placed, prepared, spend
from tests.factories.credits import NOW, assert_clean
from tests.factories.deeds import World, make_world
from tests.factories.import_jobs import worked_through
from tests.factories.labels import NOW as EARLIER
from tests.factories.lost_connections import AWAY, COMMIT, Moment, contents, every_statement_watched, fault
from tests.factories.returns import member_of
from tests.factories.sales_files import hand_in, report_of, sales_csv
from workers.importing import take_forward


@pytest.fixture(scope="module")
async def server(database: str) -> AsyncIterator[asyncpg.Connection]:
    async with every_statement_watched(database) as connection:
        yield connection


async def one_chunk(programme: Programme, order_id: UUID) -> bool:
    async with db.transaction() as session:
        return (await chunks.advance(session, programme.programme_id, order_id, now=NOW, taken=1)).left


async def step_after_failures(programme: Programme, order_id: UUID, server: asyncpg.Connection) -> bool:
    """Take an order one chunk on, after a failure at each statement; at last the answer to the COMMIT is lost too."""
    before = await contents(server, programme.programme_id)
    for at in count():
        with fault(at, Moment.BEFORE, server) as armed, pytest.raises(AWAY):
            await one_chunk(programme, order_id)
        assert await contents(server, programme.programme_id) == before, armed.hit
        if armed.hit == COMMIT:
            break
    with fault(None, Moment.ANSWER_LOST, server), pytest.raises(AWAY):
        await one_chunk(programme, order_id)
    assert await contents(server, programme.programme_id) != before
    return (await overview(programme, order_id)).order.state not in {"previewed", "done"}


async def test_a_clawback_that_is_cut_off_at_every_statement_takes_everything_back_once(
    server: asyncpg.Connection,
) -> None:
    world = await make_world()
    for each in (world.ann, world.bob):
        await bought(world.programme, each, world.product, 2)
    await spend(world.programme, world.bob, 15)
    order_id = await prepared(world.programme, EVER)
    async with db.transaction() as session:
        await clawbacks.preview(session, world.id, order_id, now=NOW)
    while await step_after_failures(world.programme, order_id, server):
        pass
    await placed(world.programme, order_id)
    while await step_after_failures(world.programme, order_id, server):
        pass
    found = await overview(world.programme, order_id)
    assert found.order.state == "done"
    assert found.taken == found.previewed
    assert (found.taken.residents, found.taken.grams, found.taken.points, found.taken.owed) == (2, 4000, 40, 15)
    assert [await held(world.programme, each) for each in (world.ann, world.bob)] == [(0, 0, 0), (0, 0, 15)]
    async with db.transaction() as session:
        query = select(func.count()).where(col(Notice.programme_id) == world.id)
        assert (await session.exec(query)).one() == 2
    await assert_clean(world.programme)


async def handed_in(world: World, shop_id: UUID, members: list[str]) -> UUID:
    """Hand in a file that nobody has handed in before: two lines that count, one of nobody's, one that says nothing."""
    number, gtin, sold_at = new_id().hex, world.product.gtin, NOW.isoformat()
    rows: list[tuple[object, ...]] = [(f"{number}{n}", 1, each, gtin, 1, sold_at) for n, each in enumerate(members)]
    rows += [(f"{number}-", 1, "", gtin, 1, sold_at), (f"{number}-", 2, "", gtin, "many", sold_at)]
    return await hand_in(world.programme, shop_id, sales_csv(rows))


async def test_a_file_that_is_cut_off_at_any_statement_is_imported_whole_by_whoever_takes_it_up(
    server: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takers, "CHUNK_LINES", 3)  # two chunks
    world = await make_world()
    async with db.transaction() as session:
        shop = await register_organization(session, name_zh="店", name_en="Shop", roles=["retailer"], now=EARLIER)
    members = [await member_of(world.programme, each) for each in (world.ann, world.bob)]
    jobs, moments = 0, {COMMIT: [Moment.BEFORE, Moment.ANSWER_LOST]}
    hit: str | None = ""
    for at in count():
        for moment in moments.get(hit or "", [Moment.BEFORE]) if jobs else [Moment.BEFORE]:
            job_id = await handed_in(world, shop.id, members)
            with fault(at, moment, server) as armed:
                try:
                    await take_forward(job_id, seconds=60)
                except AWAY:
                    assert armed.hit is not None
            await came_to_its_end(job_id, armed.hit or "nothing")
            hit, jobs = armed.hit, jobs + 1
        if hit is None:
            break
    async with db.transaction() as session:
        query = select(func.count()).where(col(Activity.programme_id) == world.id)
        assert (await session.exec(query)).one() == 2 * jobs
    await assert_clean(world.programme)


async def came_to_its_end(job_id: UUID, after: str) -> None:
    job: ImportJob = await worked_through(job_id)
    assert (job.state, job.rows_done) == ("done", 4), after
    totals = {name: job.totals[name] for name in ("credited", "refused", "unreadable")}
    assert totals == {"credited": 2, "refused": 1, "unreadable": 1}, after
    assert sorted(int(str(line["row"])) for line in await report_of(job_id)) == [2, 3, 4, 5], after
