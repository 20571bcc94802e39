import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core import db
from core.ids import new_id
from points import ledger
from points.ledger import Claimed, ClaimState, KeyUse, queries
from points.programmes.tables import Programme
from tests.factories.waiting import until_somebody_waits

ONE, OTHER = ledger.input_hash("one"), ledger.input_hash("other")


def use(key: str, told: bytes = ONE) -> KeyUse:
    return KeyUse(key, told, new_id())


async def claimed(programme_id: UUID, *uses: KeyUse) -> list[Claimed]:
    async with db.transaction() as session:
        return await ledger.claim(session, programme_id, list(uses))


def test_inputs_that_differ_only_in_where_they_are_split_have_other_hashes() -> None:
    assert ledger.input_hash("ab", "c") != ledger.input_hash("a", "bc")


async def test_the_second_use_of_a_key_is_told_the_first_entry(programme: Programme) -> None:
    first = use("k")
    assert (await claimed(programme.programme_id, first))[0] == Claimed(ClaimState.FRESH, first.entry_id)
    assert (await claimed(programme.programme_id, use("k")))[0] == Claimed(ClaimState.REPLAYED, first.entry_id)


async def test_another_input_under_a_used_key_is_a_conflict(programme: Programme) -> None:
    await claimed(programme.programme_id, use("k"))
    [outcome] = await claimed(programme.programme_id, use("k", OTHER))
    assert outcome.state is ClaimState.CONFLICT


async def test_a_key_twice_in_one_batch_is_fresh_once(programme: Programme) -> None:
    first = use("k")
    states = [each.state for each in await claimed(programme.programme_id, first, use("k"), use("k", OTHER), use("l"))]
    assert states == [ClaimState.FRESH, ClaimState.REPLAYED, ClaimState.CONFLICT, ClaimState.FRESH]


async def test_a_key_that_is_given_back_while_it_is_asked_for_is_claimed_all_the_same(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme_id, look, mine = programme.programme_id, queries.claims, use("k", OTHER)
    await claimed(programme_id, use("k"), use("l"))

    async def given_back_before(session: AsyncSession, *asked: Any) -> Any:  # noqa: ANN401 - passed on as it is
        monkeypatch.setattr(queries, "claims", look)
        async with db.transaction() as other:
            await ledger.unclaim(other, programme_id, ["k"])
        return await look(session, *asked)

    monkeypatch.setattr(queries, "claims", given_back_before)
    states = [each.state for each in await claimed(programme_id, mine, use("l"))]
    assert states == [ClaimState.FRESH, ClaimState.REPLAYED]
    [again] = await claimed(programme_id, use("k", OTHER))
    assert again == Claimed(ClaimState.REPLAYED, mine.entry_id), "it stands, so nobody else has it too"


async def test_a_key_is_led_to_another_entry_where_it_leads_to_what_is_expected(programme: Programme) -> None:
    programme_id, one, two, entry_id = programme.programme_id, use("k"), use("l"), new_id()
    await claimed(programme_id, one, two)
    assert one.entry_id is not None
    async with db.transaction() as session:
        await ledger.lead(session, programme_id, {"k": (one.entry_id, entry_id), "l": (one.entry_id, entry_id)})
        await ledger.lead(session, new_id(), {"l": (new_id(), entry_id)})
        await ledger.lead(session, programme_id, {})
    found = await claimed(programme_id, use("k"), use("l"))
    assert [each.entry_id for each in found] == [entry_id, two.entry_id]


async def test_who_claims_a_key_that_is_being_led_on_is_told_of_the_entry(programme: Programme) -> None:
    programme_id, waiting, entry_id = programme.programme_id, use("k"), new_id()
    await claimed(programme_id, waiting)
    assert waiting.entry_id is not None
    async with db.transaction() as session:
        await ledger.lead(session, programme_id, {"k": (waiting.entry_id, entry_id)})
        asking = asyncio.create_task(claimed(programme_id, use("k")))
        await until_somebody_waits(session)
    [told] = await asking
    assert told == Claimed(ClaimState.REPLAYED, entry_id)


async def test_programmes_do_not_share_keys(programme: Programme) -> None:
    await claimed(programme.programme_id, use("k"))
    [outcome] = await claimed(new_id(), use("k", OTHER))
    assert outcome.state is ClaimState.FRESH


async def test_a_claim_that_rolls_back_was_never_made(programme: Programme) -> None:
    async with db.transaction() as session:
        await ledger.claim(session, programme.programme_id, [use("k")])
        await session.rollback()
    [outcome] = await claimed(programme.programme_id, use("k", OTHER))
    assert outcome.state is ClaimState.FRESH


async def test_the_first_answer_is_kept_with_the_claim(programme: Programme) -> None:
    async with db.transaction() as session:
        await ledger.claim(session, programme.programme_id, [use("k")])
        await ledger.answer(session, programme.programme_id, {"k": {"status": 201, "text": "碳惠"}})
    [outcome] = await claimed(programme.programme_id, use("k"))
    assert outcome.answer == {"status": 201, "text": "碳惠"}


async def test_finding_a_key_does_not_take_it(programme: Programme) -> None:
    async with db.transaction() as session:
        assert await ledger.find(session, programme.programme_id, [use("k")]) == [None]
    [outcome] = await claimed(programme.programme_id, use("k"))
    assert outcome.state is ClaimState.FRESH


async def test_of_many_at_once_exactly_one_is_first(programme: Programme) -> None:
    outcomes = await asyncio.gather(*(claimed(programme.programme_id, use("k")) for _ in range(16)))
    states = [outcome.state for [outcome] in outcomes]
    assert sorted(states) == [ClaimState.FRESH, *[ClaimState.REPLAYED] * 15]
    assert len({outcome.entry_id for [outcome] in outcomes}) == 1
