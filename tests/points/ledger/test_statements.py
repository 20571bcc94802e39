"""A statement adds up: line by line, as known at a time, as in effect at a time."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clock, db
from core.ids import made_at, new_id
from core.sql import run
from points import ledger
from points.ledger import EntryKind, Holdings, HoldRequest, Reversal, Settlement, StatementLine
from points.programmes.tables import Programme
from tests.factories.ledgers import assert_clean, award, draft_award, resident_of, running
from tests.factories.statements import counted

NOW = clock.now()
DAY = timedelta(days=1)


@pytest.fixture
async def resident(programme: Programme) -> UUID:
    """A resident with seven entries, one of them recorded now and effective a month ago."""
    programme_id, resident_id = programme.programme_id, await resident_of(programme)
    lot = await award(programme, resident_id, 50, now=NOW, grams=700)
    await award(programme, resident_id, 20, now=NOW - 30 * DAY, grams=100)
    await award(programme, resident_id, 9, now=NOW, mature=False)
    request = HoldRequest(new_id(), resident_id, 60, NOW + DAY)
    async with db.transaction() as session:
        await ledger.hold(session, programme_id, [request], now=NOW)
        await ledger.settle(session, programme_id, [Settlement(request.hold_id, 40)], now=NOW)
        back = Reversal(new_id(), lot.lot_id, resident_id, 700, ((programme.base_budget_id, 50),), NOW + DAY)
        await ledger.reverse(session, programme_id, [back], now=NOW)
        await ledger.mature(session, programme_id, now=NOW + 8 * DAY)
    return resident_id


async def statement(programme: Programme, resident_id: UUID, **filters: object) -> list[StatementLine]:
    async with db.transaction() as session:
        return await ledger.statement(session, programme.programme_id, resident_id, **filters)  # type: ignore[arg-type]


async def test_the_balance_runs_from_nothing_to_what_the_resident_has(programme: Programme, resident: UUID) -> None:
    lines = await statement(programme, resident)
    assert [(line.kind, line.balance) for line in reversed(lines)] == [
        (EntryKind.AWARD, Holdings(700, 50, 0, 0, 0)),
        (EntryKind.AWARD, Holdings(800, 70, 0, 0, 0)),
        (EntryKind.AWARD, Holdings(800, 70, 9, 0, 0)),
        (EntryKind.HOLD, Holdings(800, 10, 9, 60, 0)),
        (EntryKind.SETTLEMENT, Holdings(800, 30, 9, 0, 0)),
        (EntryKind.REVERSAL, Holdings(100, 0, 9, 0, 20)),
        (EntryKind.MATURITY, Holdings(100, 9, 0, 0, 20)),
        (EntryKind.REPAYMENT, Holdings(100, 0, 0, 0, 11)),
    ]
    await assert_clean(programme)


async def test_lines_say_what_they_are_about(programme: Programme, resident: UUID) -> None:
    about = {line.kind: line for line in await statement(programme, resident)}
    awards = [line.entry_id for line in await statement(programme, resident) if line.kind is EntryKind.AWARD]
    assert about[EntryKind.AWARD].subject_id is None
    assert about[EntryKind.HOLD].subject_id is None
    assert about[EntryKind.SETTLEMENT].subject_id == about[EntryKind.HOLD].entry_id
    assert about[EntryKind.REVERSAL].subject_id == awards[-1]
    assert about[EntryKind.MATURITY].subject_id == awards[0]
    assert about[EntryKind.REPAYMENT].subject_id == about[EntryKind.REVERSAL].entry_id


@pytest.mark.parametrize("effective", [False, True])
async def test_a_page_tells_the_same_balances_as_the_whole(
    programme: Programme, resident: UUID, *, effective: bool
) -> None:
    until = {"effective_until": NOW + DAY} if effective else {}
    whole = await statement(programme, resident, **until)
    cursors = [ledger.LATEST, *(line.entry_id for line in whole)]
    pages = [await statement(programme, resident, before=cursor, limit=2, **until) for cursor in cursors[::2]]
    assert [line for page in pages for line in page] == whole
    with counted() as seen:
        await statement(programme, resident, limit=3, **until)
    assert len(seen) == 1


async def test_what_took_effect_later_is_left_out_of_lines_and_balances(programme: Programme, resident: UUID) -> None:
    lines = await statement(programme, resident, effective_until=NOW)
    assert {line.kind for line in lines} == {EntryKind.AWARD, EntryKind.HOLD, EntryKind.SETTLEMENT}
    assert lines[0].balance == Holdings(800, 30, 9, 0, 0)
    early = await statement(programme, resident, effective_until=NOW - DAY)
    assert [line.balance for line in early] == [Holdings(100, 20, 0, 0, 0)]


async def test_holdings_are_told_as_known_and_as_in_effect_at_any_time(programme: Programme, resident: UUID) -> None:
    lines = await statement(programme, resident)
    known = made_at(lines[2].entry_id)  # the reversal
    await asyncio.sleep(0.002)
    await award(programme, resident, 6, now=NOW - 40 * DAY, grams=60)  # late: recorded last, effective first
    async with db.transaction() as session:

        async def as_of(**until: object) -> Holdings:
            return await ledger.holdings_as_of(session, programme.programme_id, resident, **until)  # type: ignore[arg-type]

        assert await as_of() == Holdings(160, 6, 0, 0, 11)
        assert await as_of(recorded_until=made_at(lines[0].entry_id)) == lines[0].balance
        assert await as_of(effective_until=NOW - 35 * DAY) == Holdings(60, 6, 0, 0, 0)
        assert await as_of(effective_until=NOW - 35 * DAY, recorded_until=known) == Holdings(0, 0, 0, 0, 0)
        assert await as_of(effective_until=NOW) == Holdings(860, 36, 9, 0, 0)
        assert await as_of(recorded_until=NOW - DAY) == Holdings(0, 0, 0, 0, 0)
        assert await as_of(recorded_until=datetime(1900, 1, 1, tzinfo=UTC)) == Holdings(0, 0, 0, 0, 0)
        first = await ledger.statement(session, programme.programme_id, resident, recorded_until=known, limit=1)
    assert first[0].balance.grams in {100, 800}
    assert first[0].recorded_at <= known


async def test_who_has_nothing_has_an_empty_statement(programme: Programme) -> None:
    assert await statement(programme, await resident_of(programme)) == []


async def recorded(programme: Programme, resident_id: UUID, dice: Random, entry_ids: list[UUID]) -> None:
    """Record an award for each id; they took effect at any time of two months."""
    drafts = [
        replace(
            draft_award(
                programme,
                resident_id,
                dice.randint(1, 90),
                now=NOW - DAY * dice.randint(0, 60),
                grams=dice.randint(0, 900),
                mature=dice.random() < 0.8,
            ),
            entry_id=entry_id,
        )
        for entry_id in entry_ids
    ]
    async with db.transaction() as session:
        await ledger.lock(session, programme.programme_id, [resident_id])
        await ledger.append(session, programme.programme_id, drafts)


async def naive(
    session: AsyncSession, programme: Programme, resident_id: UUID, until: Mapping[str, object]
) -> list[StatementLine]:
    """Return every line, with what it and those below it come to, added up here."""
    lines = await ledger.statement(session, programme.programme_id, resident_id, limit=10_000, **until)  # type: ignore[arg-type]
    balances = reversed(running(resident_id, lines))
    return [replace(line, balance=balance) for line, balance in zip(lines, balances, strict=True)]


@pytest.mark.parametrize("seed", range(2))
async def test_pages_of_any_size_tell_the_balances_that_adding_up_tells_whatever_comes_in_between(
    programme: Programme, seed: int
) -> None:
    """New entries, and entries that stand below what was shown: ids are older than their commit."""
    dice, resident_id = Random(seed), await resident_of(programme)
    await recorded(programme, resident_id, dice, [new_id() for _ in range(16)])
    await asyncio.sleep(0.002)
    known = clock.now()
    await asyncio.sleep(0.002)
    await recorded(programme, resident_id, dice, [new_id() for _ in range(10)])
    for limit in (1, 4, 13, 50):
        for until in ({}, {"effective_until": NOW - 20 * DAY}, {"recorded_until": known, "effective_until": NOW - DAY}):
            after: ledger.Carried | UUID | None = ledger.LATEST
            while after is not None:
                async with db.transaction() as session:
                    whole = await naive(session, programme, resident_id, until)
                    page = await ledger.statement_page(
                        session,
                        programme.programme_id,
                        resident_id,
                        after=after,
                        limit=limit,
                        **until,
                    )
                before = after.before if isinstance(after, ledger.Carried) else after
                assert page.lines == [line for line in whole if line.entry_id < before][:limit]
                after = page.rest
                if dice.random() < 0.3:
                    beside = dice.choice(whole).entry_id
                    late = UUID(int=beside.int + dice.choice((-1, 1)) * dice.randint(1, 2**60))
                    await recorded(programme, resident_id, dice, [dice.choice((late, new_id()))])
    await assert_clean(programme)


async def test_a_page_that_goes_on_is_not_misled_by_what_appeared_below_what_was_shown(programme: Programme) -> None:
    dice, resident_id = Random(1), await resident_of(programme)
    await recorded(programme, resident_id, dice, [new_id() for _ in range(6)])
    async with db.transaction() as session:
        first = await ledger.statement_page(session, programme.programme_id, resident_id, limit=3)
    assert first.rest is not None
    await recorded(programme, resident_id, dice, [UUID(int=first.lines[2].entry_id.int - 1)])
    async with db.transaction() as session:
        whole = await naive(session, programme, resident_id, {})
        rest = await ledger.statement_page(session, programme.programme_id, resident_id, after=first.rest, limit=3)
    assert rest.lines == whole[3:6]


async def test_a_page_reads_as_many_rows_however_long_the_history_is(programme: Programme) -> None:
    dice, read = Random(2), []
    for length in (40, 400):
        resident_id = await resident_of(programme)
        await recorded(programme, resident_id, dice, [new_id() for _ in range(length)])
        async with db.transaction() as session:
            await planned_as_for_many(session)
            first = await rows_read(session, programme, resident_id)
            after, middle = first[1], first
            for _ in range(length // 20 - 1):
                middle = await rows_read(session, programme, resident_id, after=after)
                after = middle[1]
            filtered = await rows_read(session, programme, resident_id, effective_until=NOW + DAY)
            next_one = await rows_read(session, programme, resident_id, after=filtered[1], effective_until=NOW + DAY)
        read.append((first[0], middle[0], next_one[0]))
    assert read[0] == read[1]
    assert max(read[1]) < 120, "twenty entries with two postings each, an index and what is kept"


async def planned_as_for_many(session: AsyncSession) -> None:
    """Have statements planned as for tables that are long and asked often; a short one may as well be read whole."""
    await run(session, text("SET LOCAL plan_cache_mode = force_generic_plan"), {})
    for short_cut in ("seqscan", "hashjoin", "mergejoin"):
        await run(session, text(f"SET LOCAL enable_{short_cut} = off"), {})


async def rows_read(
    session: AsyncSession,
    programme: Programme,
    resident_id: UUID,
    *,
    after: ledger.Carried | UUID | None = ledger.LATEST,
    **until: object,
) -> tuple[int, ledger.Carried | None]:
    """Return how many rows of tables the database reads for a page of twenty, and where the next one goes on."""
    count = text("""
        SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) AS rows FROM pg_stat_xact_user_tables
        WHERE relname IN ('entry', 'posting', 'balance')
    """)
    assert after is not None
    before = (await run(session, count, {}))[0].rows
    page = await ledger.statement_page(
        session,
        programme.programme_id,
        resident_id,
        after=after,
        limit=20,
        **until,  # type: ignore[arg-type]
    )
    assert len(page.lines) == 20
    return (await run(session, count, {}))[0].rows - before, page.rest
