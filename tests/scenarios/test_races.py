"""Races over real sockets to several API processes: what holds within one process must hold between them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from bench.http import api_programs, free_port
from core import clock, db
from core.supervisor import running, wait_until_ready
from points import ledger
from points.programmes.tables import Programme
from tests.factories.credits import assert_clean
from tests.factories.identities import as_resident
from tests.factories.labels import make_labelled
from tests.factories.residents import give_points, make_residents
from tests.factories.rewards import make_reward

PROCESSES = 3
CONNECTIONS = 64


@pytest.fixture(scope="module")
def address(database: str, redis_url: str) -> Iterator[str]:
    """Three API processes behind one address, as `tanhui up` runs them; the kernel deals connections out."""
    port = free_port()
    with running(api_programs("api.app:app", port, PROCESSES)) as children:
        wait_until_ready(f"http://127.0.0.1:{port}/readyz", children)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def clients(address: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    """64 callers, each with a connection of its own that is open already: they really come at once."""
    callers = [httpx.AsyncClient(base_url=address, trust_env=False, timeout=30) for _ in range(CONNECTIONS)]
    try:
        await asyncio.gather(*(caller.get("/livez") for caller in callers))
        yield callers
    finally:
        await asyncio.gather(*(caller.aclose() for caller in callers))


async def assert_ledger_clean(programme: Programme) -> None:
    async with db.transaction() as session:
        findings = await ledger.audit(session, programme.programme_id)
    assert [finding for finding in findings if finding.differences] == []


@pytest.mark.parametrize("key", [None, "one-and-the-same"])
async def test_sixty_four_identical_scans_at_several_processes_credit_once(
    clients: list[httpx.AsyncClient], programme: Programme, key: str | None
) -> None:
    async with db.transaction() as session:
        [resident_id] = await make_residents(session, programme, 1)
        product = await make_labelled(session)
    headers = as_resident(programme, resident_id) | ({} if key is None else {"Idempotency-Key": key})
    body = {"code": product.gtin}
    answers = await asyncio.gather(*(each.post("/v1/scans", json=body, headers=headers) for each in clients))
    credited = [each.json()["receipt"] for each in answers if each.is_success]
    fresh = [each for each in answers if each.status_code == 201 and "Idempotent-Replayed" not in each.headers]
    assert len(fresh) == 1
    assert len({receipt["receipt_id"] for receipt in credited}) == 1
    # Without a key a repeat is a replay; with one, a process that finds it being worked on says to come back.
    assert {each.status_code for each in answers} <= ({200, 201} if key is None else {201, 409})
    again = await clients[0].post("/v1/scans", json=body, headers=headers)
    assert again.json()["receipt"]["receipt_id"] == credited[0]["receipt_id"]
    async with db.transaction() as session:
        held = await ledger.holdings(session, programme.programme_id, resident_id, now=clock.now())
    assert held.available == fresh[0].json()["receipt"]["points"] == 1
    await assert_clean(programme)


async def test_of_sixty_four_residents_racing_for_one_voucher_one_gets_it_and_nobody_else_pays(
    clients: list[httpx.AsyncClient], programme: Programme
) -> None:
    async with db.transaction() as session:
        racers = await make_residents(session, programme, CONNECTIONS)
        await give_points(session, programme, racers, 10, now=clock.now())
        reward_id = await make_reward(session, programme)
    answers = await asyncio.gather(
        *(
            client.post("/v1/redemptions", json={"reward_id": str(reward_id)}, headers=as_resident(programme, racer))
            for client, racer in zip(clients, racers, strict=True)
        )
    )
    assert Counter(each.status_code for each in answers) == {201: 1, 409: CONNECTIONS - 1}
    refusals = [each.json() for each in answers if each.status_code == 409]
    assert {refusal["type"] for refusal in refusals} == {"/problems/sold-out"}
    assert all(refusal["detail"] for refusal in refusals)
    async with db.transaction() as session:
        held = [await ledger.holdings(session, programme.programme_id, racer, now=clock.now()) for racer in racers]
    assert sorted(each.available for each in held) == [0] + [10] * (CONNECTIONS - 1)
    assert {each.held for each in held} == {0}
    await assert_ledger_clean(programme)
