"""Locks are taken in one order by everybody, also where accounts are opened on the way."""

import asyncio
from random import Random

from core import clock, db
from points import ledger
from points.programmes.tables import Programme
from tests.factories.residents import give_points, make_residents


async def test_batches_that_meet_at_new_residents_never_wait_for_each_other_in_a_circle(programme: Programme) -> None:
    async with db.transaction() as session:
        new = await make_residents(session, programme, 40)
    dice = Random(2)

    async def batch(number: int) -> None:
        async with db.transaction() as session:
            chosen = dice.sample(new, 12)
            locked = await ledger.lock(session, programme.programme_id, chosen)
            assert locked == dict.fromkeys(chosen, 0), number

    await asyncio.gather(*(batch(number) for number in range(60)))


async def test_a_lock_that_opens_an_account_tells_what_the_others_hold(programme: Programme) -> None:
    async with db.transaction() as session:
        known, new = await make_residents(session, programme, 2)
        await give_points(session, programme, [known], 70, now=clock.now())
    async with db.transaction() as session:
        assert await ledger.lock(session, programme.programme_id, [new, known, new]) == {known: 70, new: 0}
