import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core import db
from core.sql import run
from labels.tables import Organization
from points.errors import InvalidInputError, NotFoundError, StateConflictError
from points.programmes.queries import rulebook
from points.programmes.tables import Programme
from points.residents.loyalty_numbers import CONSENT, LinkedNumber, link, numbers, withdraw
from points.residents.recognition import Fault, Shown, recognise
from points.residents.tables import Resident
from tests.factories.credits import NOW
from tests.factories.programmes import make_programme
from tests.factories.residents import make_residents
from tests.factories.tills import static_code
from workers.till_keys import till_keys

NUMBER = "6688-1234 5678a"


async def residents(programme: Programme, count: int) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, programme, count)


async def retailer(roles: str = "maker,retailer") -> UUID:
    async with db.transaction() as session:
        organization = Organization(name_zh="绿野超市", name_en="Green Fields", roles=roles)
        session.add(organization)
        await session.flush()
        return organization.id


async def linked(
    programme: Programme,
    resident_id: UUID,
    retailer_id: UUID,
    number: str = NUMBER,
    *,
    consent: str = CONSENT.version,
    now: datetime = NOW,
) -> LinkedNumber:
    async with db.transaction() as session:
        return await link(
            session,
            programme.programme_id,
            resident_id,
            retailer_id,
            number,
            consent_version=consent,
            secret=till_keys().numbers,
            now=now,
        )


async def ended(programme: Programme, resident_id: UUID, loyalty_number_id: UUID) -> LinkedNumber:
    async with db.transaction() as session:
        return await withdraw(session, programme.programme_id, resident_id, loyalty_number_id, now=NOW)


async def meant(programme: Programme, retailer_id: UUID, number: str = NUMBER, at: datetime = NOW) -> UUID | Fault:
    async with db.transaction() as session:
        rules = await rulebook(session, programme.programme_id)
        shown = Shown(retailer_id, number, at)
        return (await recognise(session, rules, [shown], till_keys()))[shown]


async def test_a_number_means_its_resident_at_its_retailer_only(programme: Programme) -> None:
    (member,) = await residents(programme, 1)
    shop, other = await retailer(), await retailer()
    await linked(programme, member, shop)
    async with db.transaction() as session:
        elsewhere = await make_programme(session)
    assert await meant(programme, shop, "668812345678A") == member
    assert [await meant(programme, other), await meant(elsewhere, shop)] == [Fault.UNKNOWN, Fault.UNKNOWN]
    assert await meant(programme, shop, "668812345678B") is Fault.UNKNOWN


async def test_a_number_counts_from_when_it_was_linked(programme: Programme) -> None:
    (member,) = await residents(programme, 1)
    shop = await retailer()
    await linked(programme, member, shop)
    assert await meant(programme, shop, at=NOW - timedelta(seconds=1)) is Fault.UNKNOWN


async def test_a_number_of_who_has_left_is_unknown(programme: Programme) -> None:
    (gone,) = await residents(programme, 1)
    shop = await retailer()
    await linked(programme, gone, shop)
    async with db.transaction() as session:
        (await session.get_one(Resident, (programme.programme_id, gone))).left_at = NOW
    assert await meant(programme, shop) is Fault.UNKNOWN


async def test_withdrawing_ends_it_at_once_and_forgets_the_number(programme: Programme) -> None:
    member, next_holder = await residents(programme, 2)
    shop = await retailer()
    first = await linked(programme, member, shop)
    over = await ended(programme, member, first.loyalty_number_id)
    assert (over.withdrawn_at, await ended(programme, member, first.loyalty_number_id)) == (NOW, over)
    assert await meant(programme, shop) is Fault.UNKNOWN
    async with db.transaction() as session:
        statement = text("SELECT number_digest FROM loyalty_number WHERE loyalty_number_id = :id")
        assert [row.number_digest for row in await run(session, statement, {"id": first.loyalty_number_id})] == [None]
    await linked(programme, next_holder, shop)
    assert await meant(programme, shop) == next_holder


async def test_a_number_has_one_resident_and_a_retailer_one_number_of_each(programme: Programme) -> None:
    member, other = await residents(programme, 2)
    shop = await retailer()
    first = await linked(programme, member, shop)
    assert await linked(programme, member, shop, NUMBER.upper()) == first
    with pytest.raises(StateConflictError, match="somebody else"):
        await linked(programme, other, shop)
    with pytest.raises(StateConflictError, match="another number"):
        await linked(programme, member, shop, "7777")
    assert await meant(programme, shop) == member


async def test_of_eight_who_link_one_number_at_once_one_has_it(programme: Programme) -> None:
    crowd = await residents(programme, 8)
    shop = await retailer()
    told = await asyncio.gather(*(linked(programme, each, shop) for each in crowd), return_exceptions=True)
    assert sorted(type(each).__name__ for each in told) == ["LinkedNumber"] + ["StateConflictError"] * 7
    winner = next(each for each, one in zip(crowd, told, strict=True) if isinstance(one, LinkedNumber))
    assert await meant(programme, shop) == winner


async def test_what_can_not_be_linked_is_refused_with_the_reason(programme: Programme) -> None:
    (member,) = await residents(programme, 1)
    shop = await retailer()
    with pytest.raises(StateConflictError, match=CONSENT.version):
        await linked(programme, member, shop, consent="2020-01")
    with pytest.raises(InvalidInputError, match="retailer_id"):
        await linked(programme, member, await retailer("maker"))
    for number in ("123", "x" * 41, "12#45", "１２３４５"):
        with pytest.raises(InvalidInputError, match="number"):
            await linked(programme, member, shop, number)


async def test_links_are_their_residents_alone(programme: Programme) -> None:
    member, stranger = await residents(programme, 2)
    made = await linked(programme, member, await retailer())
    async with db.transaction() as session:
        assert await numbers(session, programme.programme_id, stranger) == []
    with pytest.raises(NotFoundError):
        await ended(programme, stranger, made.loyalty_number_id)
    async with db.transaction() as session:
        assert [each.withdrawn_at for each in await numbers(session, programme.programme_id, member)] == [None]


async def test_a_members_own_code_is_never_taken_for_a_number(programme: Programme) -> None:
    member, squatter = await residents(programme, 2)
    shop, code = await retailer(), await static_code(programme, member)
    await linked(programme, squatter, shop, code)
    assert await meant(programme, shop, code) == member
