from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core import db, sql
from core.ids import new_id
from points.programmes.queries import rulebook
from points.programmes.tables import Programme
from points.residents.recognition import Fault, Shown, recognise
from tests.factories.credits import NOW, RETAILER
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.factories.tills import rotating_code, static_code
from workers.till_keys import till_keys

_LEAVE = text("UPDATE resident SET left_at = now() WHERE resident_id = :resident_id")


async def residents(programme: Programme, count: int) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, programme, count)


async def meant(programme: Programme, *shown: Shown) -> list[UUID | Fault]:
    async with db.transaction() as session:
        rules = await rulebook(session, programme.programme_id)
        found = await recognise(session, rules, shown, till_keys())
    return [found[each] for each in shown]


async def test_a_member_is_known_by_either_code(programme: Programme) -> None:
    first, second = await residents(programme, 2)
    static, rotating = await static_code(programme, first), await rotating_code(programme, second)
    typed = f"{static[:4]} {static[4:8]}-{static[8:]}".lower()
    shown = [Shown(RETAILER, code, NOW) for code in (static, typed, rotating, rotating.lower(), "222222222222")]
    assert await meant(programme, *shown) == [first, first, second, second, Fault.UNKNOWN]


async def test_a_code_counts_by_when_it_was_scanned_not_by_when_it_is_sent(programme: Programme) -> None:
    (member,) = await residents(programme, 1)
    code = await rotating_code(programme, member, at=NOW - timedelta(days=2))
    skew = timedelta(minutes=AT_ONCE.clock_skew_minutes)
    times = [NOW - timedelta(days=2), NOW - timedelta(days=2) + timedelta(minutes=2) + skew, NOW]
    assert await meant(programme, *(Shown(RETAILER, code, each) for each in times)) == [
        member,
        Fault.EXPIRED,
        Fault.EXPIRED,
    ]


async def test_a_code_of_another_programme_is_invalid(programme: Programme) -> None:
    async with db.transaction() as session:
        other = await make_programme(session)
    (member,) = await residents(other, 1)
    assert await meant(programme, Shown(RETAILER, await rotating_code(other, member), NOW)) == [Fault.INVALID]


async def test_who_has_left_is_unknown(programme: Programme) -> None:
    async with db.transaction() as session:
        (gone,) = await make_residents(session, programme, 1)
    code = await rotating_code(programme, gone)
    async with db.transaction() as session:
        await sql.run(session, _LEAVE, {"resident_id": gone})
    assert await meant(programme, Shown(RETAILER, code, NOW)) == [Fault.UNKNOWN]


async def test_a_programme_may_take_only_codes_that_rotate(database: str) -> None:
    async with db.transaction() as session:
        strict = await make_programme(session, terms=replace(AT_ONCE, static_member_codes=False))
    (member,) = await residents(strict, 1)
    codes = [await static_code(strict, member), await rotating_code(strict, member), "222222222222"]
    found = await meant(strict, *(Shown(RETAILER, code, NOW) for code in codes))
    assert found == [Fault.NOT_TAKEN, member, Fault.UNKNOWN]


@pytest.mark.parametrize("count", [3, 40])
async def test_the_number_of_statements_does_not_grow_with_the_batch(programme: Programme, count: int) -> None:
    members = await residents(programme, count)
    codes = [await rotating_code(programme, each) for each in members[: count // 3]]
    codes += [await static_code(programme, each) for each in members[count // 3 :]]
    shown = [Shown(new_id(), code, NOW) for code in (*codes, "CARD 1234", "CARD 9999")]
    async with db.transaction() as session:
        rules = await rulebook(session, programme.programme_id)
        seen: list[str] = []
        watch = seen.append
        sql.watchers.append(watch)
        try:
            await recognise(session, rules, shown, till_keys())
        finally:
            sql.watchers.remove(watch)
    assert len(seen) == 2
