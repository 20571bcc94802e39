import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.idempotency import Answer, Ticket
from api.slices import IN_FLIGHT, MOST_ITEMS, answered_once, in_slices
from core.ids import new_id
from core.sql import run
from points.errors import KeyReusedError
from points.programmes.tables import Programme

pytestmark = pytest.mark.usefixtures("database")


def _ticket(said: bytes) -> Ticket:
    return Ticket(f"request:test:{new_id()}", said.ljust(16))


async def test_a_long_list_is_done_in_order_each_slice_in_a_transaction_of_its_own() -> None:
    transactions: list[int] = []

    async def double(session: AsyncSession, items: Sequence[int]) -> list[int]:
        [found] = await run(session, text("SELECT pg_current_xact_id()::text::bigint AS number"), {})
        transactions.append(found.number)
        return [2 * item for item in items]

    numbers = list(range(2 * MOST_ITEMS + 1))

    assert await in_slices(numbers, double) == [2 * each for each in numbers]
    assert len(set(transactions)) == 3


async def test_a_slice_that_fails_leaves_those_before_it_and_begins_none_after_it() -> None:
    begun: list[int] = []

    async def fail_at_second(_: AsyncSession, items: Sequence[int]) -> Sequence[int]:
        begun.append(items[0])
        if len(begun) == 2:
            raise RuntimeError("second")
        return items

    with pytest.raises(RuntimeError, match="second"):
        await in_slices(list(range(3 * MOST_ITEMS)), fail_at_second)
    assert begun == [0, MOST_ITEMS]


async def test_only_so_many_slices_are_under_way_at_once() -> None:
    now, most = 0, 0

    async def linger(_: AsyncSession, items: Sequence[int]) -> Sequence[int]:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        return items

    await asyncio.gather(*(in_slices([number], linger) for number in range(3 * IN_FLIGHT)))

    assert most == IN_FLIGHT


async def test_a_repeat_is_answered_as_the_first_time_and_does_nothing(programme: Programme) -> None:
    done: list[int] = []

    async def do() -> Answer:
        done.append(1)
        return Answer(200, f'{{"turn":{len(done)}}}')

    ticket = _ticket(b"same")
    first = await answered_once(programme.programme_id, ticket, do)
    second = await answered_once(programme.programme_id, ticket, do)

    assert (first.body, second.body, second.replayed) == ('{"turn":1}', '{"turn":1}', True)
    assert len(done) == 1


async def test_what_failed_before_it_was_answered_is_done_again(programme: Programme) -> None:
    async def fail() -> Answer:
        raise RuntimeError("cut off")

    async def do() -> Answer:
        return Answer(200, "{}")

    ticket = _ticket(b"same")
    with pytest.raises(RuntimeError, match="cut off"):
        await answered_once(programme.programme_id, ticket, fail)

    assert not (await answered_once(programme.programme_id, ticket, do)).replayed


async def test_two_at_once_are_answered_alike(programme: Programme) -> None:
    turns = iter(range(2))
    both = asyncio.Barrier(2)

    async def do() -> Answer:
        turn = next(turns)
        await both.wait()
        await asyncio.sleep(0.05 * turn)
        return Answer(200, str(turn))

    ticket = _ticket(b"same")
    answers = await asyncio.gather(*(answered_once(programme.programme_id, ticket, do) for _ in range(2)))

    assert {each.body for each in answers} == {"0"}


async def test_a_key_used_for_something_else_is_refused_before_anything_is_done(programme: Programme) -> None:
    async def do() -> Answer:
        return Answer(200, "{}")

    async def never() -> Answer:
        raise AssertionError("it was done")

    ticket = _ticket(b"this")
    await answered_once(programme.programme_id, ticket, do)
    with pytest.raises(KeyReusedError):
        await answered_once(programme.programme_id, Ticket(ticket.key, b"that".ljust(16)), never)


async def test_of_two_different_requests_under_one_key_at_once_only_one_is_done(programme: Programme) -> None:
    done: list[bytes] = []
    under_way, refused = asyncio.Event(), asyncio.Event()

    async def first() -> Answer:
        under_way.set()
        await refused.wait()
        done.append(b"this")
        return Answer(200, "{}")

    async def second() -> Answer:
        done.append(b"that")
        return Answer(200, "{}")

    ticket = _ticket(b"this")
    running = asyncio.create_task(answered_once(programme.programme_id, ticket, first))
    await under_way.wait()
    with pytest.raises(KeyReusedError):
        await answered_once(programme.programme_id, Ticket(ticket.key, b"that".ljust(16)), second)
    refused.set()
    await running

    assert done == [b"this"]
