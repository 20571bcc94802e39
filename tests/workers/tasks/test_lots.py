from datetime import timedelta

import pytest

from core import clock
from core.db import transaction
from points import ledger
from points.programmes.tables import Programme
from tests.factories.residents import give_points, make_residents
from tests.workers.conftest import Worker
from workers.app import send
from workers.tasks import lots


async def test_points_past_their_time_are_taken_once_for_every_programme(worker: Worker, programme: Programme) -> None:
    now = clock.now()
    async with transaction() as session:
        [person] = await make_residents(session, programme, 1)
        await give_points(session, programme, [person], 10, now=now - timedelta(days=2), lasting=timedelta(days=1))
    for _ in range(3):
        send("programmes.each", "lots.expire", 60)

    async def expired() -> bool:
        async with transaction() as session:
            lines = await ledger.statement(session, programme.programme_id, person)
        return [line.kind for line in lines] == [ledger.EntryKind.EXPIRY, ledger.EntryKind.AWARD]

    await worker.until(expired)


async def test_a_sweep_goes_on_until_there_is_less_than_a_chunk(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    monkeypatch.setattr(lots, "CHUNK", 2)
    async with transaction() as session:
        people = await make_residents(session, programme, 5)
        await give_points(session, programme, people, 10, now=now - timedelta(days=2), lasting=timedelta(days=1))
    await lots._in_chunks(ledger.expire, programme.programme_id)
    async with transaction() as session:
        assert await ledger.expire(session, programme.programme_id, now=now) == 0
