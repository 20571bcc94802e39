"""Households are joined by invitation, once, and not walked in and out of."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from core import clock, db
from core.ids import new_id
from points.errors import InvalidInputError, NotFoundError, PointsError, StateConflictError
from points.programmes.tables import Programme
from points.residents import households
from tests.factories.residents import make_residents

NOW = clock.now()
DAY = timedelta(days=1)


@pytest.fixture
async def residents(programme: Programme) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, programme, 3)


async def create(programme: Programme, resident_id: UUID) -> households.Home:
    async with db.transaction() as session:
        return await households.create(session, programme.programme_id, resident_id, now=NOW)


async def invite(programme: Programme, resident_id: UUID) -> str:
    async with db.transaction() as session:
        return (await households.invite(session, programme.programme_id, resident_id, now=NOW)).code


async def join(programme: Programme, resident_id: UUID, code: str, after: timedelta = DAY / 2) -> households.Home:
    async with db.transaction() as session:
        return await households.join(session, programme.programme_id, resident_id, code, now=NOW + after)


async def leave(programme: Programme, resident_id: UUID) -> None:
    async with db.transaction() as session:
        await households.leave(session, programme.programme_id, resident_id, now=NOW)


async def test_an_invitation_lets_one_person_in_once(programme: Programme, residents: list[UUID]) -> None:
    first, second, third = residents
    home = await create(programme, first)
    code = await invite(programme, first)
    joined = await join(programme, second, f" {code.lower()} ")
    assert joined.household_id == home.household_id
    assert [each.nickname for each in joined.members] == ["r0", "r1"]
    with pytest.raises(NotFoundError, match="ask for a new one"):
        await join(programme, third, code)


async def test_two_who_use_one_invitation_at_once_are_one(programme: Programme, residents: list[UUID]) -> None:
    await create(programme, residents[0])
    code = await invite(programme, residents[0])
    outcomes = await asyncio.gather(*(join(programme, each, code) for each in residents[1:]), return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["Home", "NotFoundError"]


async def test_an_invitation_ends_after_a_day_and_when_another_is_made(
    programme: Programme, residents: list[UUID]
) -> None:
    await create(programme, residents[0])
    old, new = await invite(programme, residents[0]), await invite(programme, residents[0])
    for code, after in ((old, DAY / 2), (new, DAY)):
        with pytest.raises(NotFoundError):
            await join(programme, residents[1], code, after)
    assert len((await join(programme, residents[1], new)).members) == 2


async def test_who_left_waits_before_the_next_household(programme: Programme, residents: list[UUID]) -> None:
    first, second, _ = residents
    await create(programme, first)
    await leave(programme, first)
    await create(programme, second)
    code = await invite(programme, second)
    with pytest.raises(StateConflictError, match="you can be in another one from"):
        await join(programme, first, code)
    async with db.transaction() as session:
        later = await households.create(session, programme.programme_id, first, now=NOW + timedelta(days=30))
    assert [each.resident_id for each in later.members] == [first]


async def test_nobody_is_in_two_households_or_leaves_none(programme: Programme, residents: list[UUID]) -> None:
    await create(programme, residents[0])
    with pytest.raises(StateConflictError, match="leave it first"):
        await create(programme, residents[0])
    with pytest.raises(NotFoundError):
        await leave(programme, residents[1])
    with pytest.raises(NotFoundError):
        await invite(programme, residents[1])


async def test_the_programme_puts_residents_together(programme: Programme, residents: list[UUID]) -> None:
    first, second, third = residents
    home = await create(programme, first)

    async def put(*resident_ids: UUID) -> households.Home:
        async with db.transaction() as session:
            return await households.put_together(session, programme.programme_id, resident_ids, now=NOW)

    together = await put(second, first)
    assert together.household_id == home.household_id
    await create(programme, third)
    refused: list[tuple[type[PointsError], tuple[UUID, ...]]] = [
        (StateConflictError, (first, third)),
        (InvalidInputError, (first, first)),
        (InvalidInputError, (first, new_id())),
    ]
    for error, resident_ids in refused:
        with pytest.raises(error):
            await put(*resident_ids)


async def test_the_programme_puts_no_more_together_than_a_household_holds(programme: Programme) -> None:
    async with db.transaction() as session:
        people = await make_residents(session, programme, 14)

    async def put(*resident_ids: UUID) -> households.Home:
        async with db.transaction() as session:
            return await households.put_together(session, programme.programme_id, resident_ids, now=NOW)

    assert len((await put(*people[:12])).members) == 12
    assert len((await put(*people[:2])).members) == 12, "who lives there already is not counted twice"
    with pytest.raises(StateConflictError, match="at most 12 members; 12 live there"):
        await put(people[0], people[12])
