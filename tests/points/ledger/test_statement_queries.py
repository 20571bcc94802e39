"""A statement page is planned one way, whatever the database knows of the tables."""

from random import Random

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clock, db
from core.embedded import Servers
from core.ids import new_id
from core.sql import run
from points import ledger
from points.programmes.tables import Programme
from tests.factories.ledgers import resident_of
from tests.points.ledger.test_statements import recorded, rows_read


@pytest.mark.parametrize("plans", ["force_generic_plan", "force_custom_plan"])
async def test_a_page_reads_no_more_than_is_on_it_where_nothing_is_known_of_the_tables(
    programme: Programme, embedded: Servers, plans: str
) -> None:
    """As after a restore: a resident was taken to have an entry or two, and then all of a programme's were read."""
    dice, now, residents = Random(3), clock.now(), [await resident_of(programme) for _ in range(3)]
    for _ in range(10):
        for resident_id in residents:
            await recorded(programme, resident_id, dice, [new_id() for _ in range(20)])
    assert embedded.migration_database_url
    owner = db.make_engine(embedded.migration_database_url)
    read = []
    async with AsyncSession(owner) as session:  # rolled back: what is forgotten here is known again elsewhere
        await run(session, text(f"SET LOCAL plan_cache_mode = {plans}"), {})
        for table in ("entry", "posting"):
            await forgotten(session, table)
        for resident_id in residents:
            first, rest = await rows_read(session, programme, resident_id)
            second, _ = await rows_read(session, programme, resident_id, after=rest)
            until, rest = await rows_read(session, programme, resident_id, effective_until=now)
            after, _ = await rows_read(session, programme, resident_id, after=rest, effective_until=now)
            read.append((first, second, after))
            whole = await ledger.statement(session, programme.programme_id, resident_id, limit=1000)
            assert len(whole) == 200, "those beside them in the index are others'"
            assert until < 700, "for this the whole of the resident's history is added up, and no one else's"
    await owner.dispose()
    assert max(max(each) for each in read) < 75, "twenty entries with two postings each, the newest and what is kept"


async def forgotten(session: AsyncSession, table: str) -> None:
    """Forget what is known of a table, as where it has never been looked at."""
    await run(session, text("SELECT pg_clear_relation_stats('public', :name)"), {"name": table})
    columns = text("SELECT attname FROM pg_stats WHERE schemaname = 'public' AND tablename = :name")
    for column in await run(session, columns, {"name": table}):
        clear = text("SELECT pg_clear_attribute_stats('public', :name, :column, false)")
        await run(session, clear, {"name": table, "column": column.attname})
