"""A batch of requests costs a fixed number of statements, whatever its size."""

from api.idempotency import Ticket
from api.routes.scans import ScanRequest, recording
from core import clock, db
from points.earning.activities import Scan
from tests.api.conftest import People
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents
from tests.factories.statements import counted


async def statements_of(people: People, labelled: Labelled, size: int, *, tickets: bool) -> list[str]:
    async with db.transaction() as session:
        ids = await make_residents(session, people.programme, size)
    requests = [
        ScanRequest(
            Scan(each, labelled.gtin, clock.now()),
            Ticket(f"request:resident:{each}:k", each.bytes) if tickets else None,
        )
        for each in ids
    ]
    with counted() as statements:
        await recording(people.programme.programme_id)(requests)
    return statements


async def test_two_hundred_scans_cost_as_many_statements_as_two(people: People, labelled: Labelled) -> None:
    await statements_of(people, labelled, 1, tickets=False)
    few = await statements_of(people, labelled, 2, tickets=False)
    many = await statements_of(people, labelled, 200, tickets=False)
    assert many == few
    assert len(few) <= 25


async def test_keys_cost_three_statements_more_for_the_whole_batch(people: People, labelled: Labelled) -> None:
    await statements_of(people, labelled, 1, tickets=False)  # the first writes down what all of them cite
    without = await statements_of(people, labelled, 50, tickets=False)
    few = await statements_of(people, labelled, 2, tickets=True)
    many = await statements_of(people, labelled, 200, tickets=True)
    assert many == few
    assert len(few) == len(without) + 3
