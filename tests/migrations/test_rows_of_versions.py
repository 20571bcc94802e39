"""Revision 0021 back and forth with versions that were withdrawn: what did not know of it would credit by them."""

from datetime import UTC, datetime, timedelta

from core import clock, db
from core.ids import new_id
from migrations.apply import downgrade, upgrade
from points.programmes import policies, rates
from points.programmes.queries import announced, rulebook
from points.programmes.tables import Programme
from tests.factories.databases import rows
from tests.factories.programmes import make_programme

BEFORE_WITHDRAWALS = "0020"


async def published_and_withdrawn() -> tuple[Programme, datetime]:
    """Publish a policy and a rate for tomorrow, and withdraw both."""
    now, staff_id = clock.now().astimezone(UTC), new_id()
    start = now + timedelta(days=1)
    async with db.transaction() as session:
        programme = await make_programme(session)
        which = (session, programme.programme_id)
        await policies.publish(*which, {"return_days": 1}, based_on=1, effective_from=start, staff_id=staff_id, now=now)
        await rates.publish(*which, 1, based_on=1, effective_from=start, staff_id=staff_id, now=now)
        await policies.withdraw(*which, 2, staff_id=staff_id, now=now)
        await rates.withdraw(*which, 2, staff_id=staff_id, now=now)
    return programme, start


async def test_what_was_withdrawn_does_not_come_into_force_by_going_back(filled: str) -> None:
    programme, start = await published_and_withdrawn()
    assert {len(await rows(filled, table)) for table in ("policy", "conversion_rate")} == {2}
    await db.dispose()
    await downgrade(filled, BEFORE_WITHDRAWALS)
    for table in ("policy", "conversion_rate"):
        assert [(each["version"], "withdrawn_at" in each) for each in await rows(filled, table)] == [(1, False)]
    await upgrade(filled)
    db._Engine.current = db.make_engine(filled)
    async with db.transaction() as session:
        rules = await rulebook(session, programme.programme_id)
        assert rules == await announced(session, programme.programme_id)
    assert (policy := rules.policy_at(start)) is not None
    assert policy.version == 1
    assert (rate := rules.rate_at(start)) is not None
    assert rate.version == 1
