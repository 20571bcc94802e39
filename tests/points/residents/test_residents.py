import asyncio
from datetime import UTC, datetime

import pytest

from core import db
from core.ids import new_id
from points.errors import InvalidInputError, NotFoundError
from points.programmes.tables import Programme
from points.residents import queries
from points.residents.residents import join, new_member_code
from points.residents.tables import Resident
from tests.factories.programmes import make_programme


async def joined(programme: Programme, contact: bytes, nickname: str = "小竹") -> Resident:
    async with db.transaction() as session:
        return await join(session, programme.programme_id, contact, nickname=nickname)


async def test_joining_twice_with_one_contact_joins_once(programme: Programme) -> None:
    first, second = await joined(programme, b"phone"), await joined(programme, b"phone", "another name")
    assert (second.resident_id, second.nickname) == (first.resident_id, "小竹")


async def test_joining_at_once_from_many_devices_joins_once(programme: Programme) -> None:
    residents = await asyncio.gather(*(joined(programme, b"phone") for _ in range(12)))
    assert len({resident.resident_id for resident in residents}) == 1


async def test_the_same_contact_is_somebody_else_in_another_programme(programme: Programme) -> None:
    async with db.transaction() as session:
        elsewhere = await make_programme(session)
    assert (await joined(programme, b"phone")).resident_id != (await joined(elsewhere, b"phone")).resident_id


async def test_a_district_of_nowhere_is_refused_by_name(programme: Programme) -> None:
    async with db.transaction() as session:
        with pytest.raises(InvalidInputError, match="district_id"):
            await join(session, programme.programme_id, b"phone", nickname="小竹", district_id=new_id())


async def test_who_left_is_no_member_and_finds_everything_on_coming_back(programme: Programme) -> None:
    member = await joined(programme, b"phone")
    async with db.transaction() as session:
        (await queries.resident(session, programme.programme_id, member.resident_id)).left_at = datetime.now(UTC)
    async with db.transaction() as session:
        assert await queries.members(session, programme.programme_id, [member.member_code]) == {}
        with pytest.raises(NotFoundError):
            await queries.resident(session, programme.programme_id, member.resident_id)
    back = await joined(programme, b"phone")
    async with db.transaction() as session:
        found = await queries.members(session, programme.programme_id, [member.member_code])
    assert found == {member.member_code: back.resident_id}


def test_member_codes_are_typed_without_doubt_and_do_not_repeat() -> None:
    codes = {new_member_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert not set("".join(codes)) & set("01OIL")
