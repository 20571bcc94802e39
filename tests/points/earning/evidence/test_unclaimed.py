"""Anonymous sales are kept as long as something can become of them, and no longer."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core import db
from core.sql import run
from points.earning.activities import Claimable, Receipt
from points.earning.evidence.unclaimed import longest_kept, sweep
from points.errors import NotFoundError
from points.programmes.policy import Terms
from points.programmes.queries import rulebook
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean
from tests.factories.labels import make_labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.factories.tills import claimed, report, sold

KEPT = timedelta(days=60, minutes=5)
"""30 days for returns, 30 more to report one, and clocks that are wrong."""


@pytest.fixture
async def gtin(database: str) -> str:
    async with db.transaction() as session:
        return (await make_labelled(session)).gtin


async def swept(programme: Programme, now: datetime, limit: int = 100) -> int:
    async with db.transaction() as session:
        return await sweep(session, programme.programme_id, now=now, limit=limit)


async def kept(programme: Programme) -> list[str]:
    async with db.transaction() as session:
        statement = text("SELECT receipt FROM anonymous_sale WHERE programme_id = :programme_id ORDER BY receipt")
        return [row.receipt for row in await run(session, statement, {"programme_id": programme.programme_id})]


async def buyer(programme: Programme) -> UUID:
    async with db.transaction() as session:
        [resident_id] = await make_residents(session, programme, 1)
        return resident_id


async def test_a_line_goes_when_nothing_can_become_of_it_and_not_before(programme: Programme, gtin: str) -> None:
    [line] = await report(programme, sold(gtin))
    assert isinstance(line, Claimable)
    assert await swept(programme, NOW + KEPT) == 0
    assert await swept(programme, NOW + KEPT + timedelta(seconds=1)) == 1
    with pytest.raises(NotFoundError):
        await claimed(programme, await buyer(programme), line.claim_code)
    assert await swept(programme, NOW + KEPT + timedelta(seconds=1)) == 0


async def test_what_somebody_claimed_stays_and_is_told_again(programme: Programme, gtin: str) -> None:
    resident_id = await buyer(programme)
    [mine, _] = await report(programme, sold(gtin, receipt="mine"), sold(gtin, receipt="nobody's"))
    assert isinstance(mine, Claimable)
    await claimed(programme, resident_id, mine.claim_code)
    assert await swept(programme, NOW + 10 * KEPT) == 1
    assert await kept(programme) == ["mine"]
    [again] = await claimed(programme, resident_id, mine.claim_code, now=NOW + 10 * KEPT)
    assert isinstance(again.outcome, Receipt)
    assert again.outcome.replayed
    await assert_clean(programme)


async def test_no_more_than_a_chunk_goes_at_once_and_only_of_one_programme(programme: Programme, gtin: str) -> None:
    async with db.transaction() as session:
        other = await make_programme(session)
    await report(other, sold(gtin))
    await report(programme, *(sold(gtin, receipt=f"R{each}") for each in range(5)))
    assert [await swept(programme, NOW + 10 * KEPT, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert await kept(other) == ["R1"]


@pytest.mark.parametrize(
    ("terms", "days"),
    [
        (replace(AT_ONCE, claim_days=90), 90),
        (replace(AT_ONCE, return_days=0, claim_days=1), 30),
        (replace(AT_ONCE, return_days=90), 120),
    ],
)
async def test_the_policy_says_how_long(database: str, terms: Terms, days: int) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=terms)
        keeping = longest_kept(await rulebook(session, programme.programme_id))
    assert keeping == timedelta(days=days, minutes=terms.clock_skew_minutes)
