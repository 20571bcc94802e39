"""The connection is lost at every boundary between statements: nothing stays half done, and it can be done again.

Whatever is done in one database transaction is tried here with a failure at each of its statements, its BEGIN and its
COMMIT among them, on a real server. In between every row of the programme must be what it was. What takes several
transactions is failed at every statement of each of them, and gone on with.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count

import asyncpg
import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import db
from tests.factories.credits import assert_clean
from tests.factories.deeds import Deed, Making, done
from tests.factories.earning_deeds import EARNING
from tests.factories.lost_connections import AWAY, BEGIN, COMMIT, Moment, contents, every_statement_watched, fault
from tests.factories.spending_deeds import SPENDING

DEEDS = EARNING | SPENDING


@pytest.fixture(scope="module")
async def server(database: str) -> AsyncIterator[asyncpg.Connection]:
    async with every_statement_watched(database) as connection:
        yield connection


@pytest.fixture(params=DEEDS.values(), ids=list(DEEDS))
async def deed(request: pytest.FixtureRequest, server: asyncpg.Connection) -> Deed:
    making: Making = request.param
    return await making()


async def failing(deed: Deed, at: int, moment: Moment, server: asyncpg.Connection) -> str | None:
    """Do it with a failure at a statement, and return which that was; None when it is done without coming so far."""
    failed = False
    with fault(at, moment, server) as armed:
        try:
            # A task of its own: one that is cancelled takes nobody else along.
            assert await asyncio.create_task(done(deed)) == deed.first
        except (*AWAY, asyncio.CancelledError):
            failed = True
            assert armed.hit is not None
    assert armed.hit is None or failed, f"{moment}: nobody was told that {armed.hit} failed"
    return armed.hit


async def failed_everywhere(deed: Deed, moment: Moment, server: asyncpg.Connection) -> list[str]:
    """Do it at last, after a failure at each of its statements, and return those; nothing else may come of a failure.

    A COMMIT whose answer is lost has come to something, and is left to another test.
    """
    before = await contents(server, deed.programme.programme_id)
    statements: list[str] = []
    for at in count(1 if moment is Moment.REFUSED else 0):  # a BEGIN is not refused
        failed = await failing(deed, at, moment, server)
        if failed is None:
            assert await contents(server, deed.programme.programme_id) != before, "it came to nothing"
            return statements
        assert await contents(server, deed.programme.programme_id) == before, f"{failed}: {moment}"
        statements.append(failed)
    raise AssertionError


async def test_a_connection_that_is_lost_at_any_statement_leaves_everything_as_it_was(
    deed: Deed, server: asyncpg.Connection
) -> None:
    statements = await failed_everywhere(deed, Moment.BEFORE, server)
    assert (statements[0], statements[-1], statements.count(COMMIT)) == (BEGIN, COMMIT, 1)
    after = await contents(server, deed.programme.programme_id)
    assert await done(deed) == deed.again
    assert await contents(server, deed.programme.programme_id) == after, "a repeat did something"
    await assert_clean(deed.programme)


@pytest.mark.parametrize("name", ["a batch of sales", "scans under keys", "reservations"])
@pytest.mark.parametrize("moment", [Moment.REFUSED, Moment.CANCELLED])
async def test_a_connection_that_is_used_again_after_a_failure_keeps_nothing_of_it(
    name: str, moment: Moment, server: asyncpg.Connection
) -> None:
    deed = await DEEDS[name]()
    await failed_everywhere(deed, moment, server)
    assert await done(deed) == deed.again
    await assert_clean(deed.programme)


@pytest.mark.parametrize("moment", [Moment.WITHIN, Moment.ANSWER_LOST])
async def test_where_nobody_knows_whether_it_was_committed_asking_again_tells_and_does_it_once(
    deed: Deed, moment: Moment, server: asyncpg.Connection
) -> None:
    before = await contents(server, deed.programme.programme_id)
    with fault(None, moment, server) as armed:
        try:
            await done(deed)
        except AWAY:
            pass
        else:
            assert moment is Moment.WITHIN
    assert armed.hit == COMMIT
    found = await contents(server, deed.programme.programme_id)
    is_done = found != before
    if moment is Moment.ANSWER_LOST:
        assert is_done
    assert await done(deed) == (deed.again if is_done else deed.first)
    after = await contents(server, deed.programme.programme_id)
    assert after != before
    if is_done:
        assert after == found, "a repeat did something"
    await assert_clean(deed.programme)


async def test_what_commits_half_of_itself_is_found(server: asyncpg.Connection) -> None:
    whole = await DEEDS["a funding"]()

    async def by_halves(session: AsyncSession) -> object:
        async with db.transaction() as another:
            result = await whole.act(another)
        await session.exec(select(1))
        return result

    with pytest.raises(AssertionError, match="connection is lost"):
        await failed_everywhere(replace(whole, act=by_halves), Moment.BEFORE, server)
