import asyncio
from datetime import timedelta

import pytest

from core import clock
from core.db import transaction
from core.ids import new_id
from points.errors import InvalidInputError, UnknownProgrammeError
from points.programmes.policy import Terms
from points.programmes.programmes import decide_policy
from points.programmes.queries import rulebook
from points.programmes.tables import Programme


async def test_policies_decided_at_once_each_have_a_version_of_their_own(programme: Programme) -> None:
    start = clock.now() + timedelta(days=1)

    async def decide(maturity_days: int) -> int:
        async with transaction() as session:
            terms = Terms(maturity_days=maturity_days)
            decided = await decide_policy(session, programme.programme_id, terms, effective_from=start)
            await asyncio.sleep(0.05)  # both have read the versions there are, were nothing locked
            return decided.version

    versions = await asyncio.gather(*(decide(days) for days in range(4)))
    assert sorted(versions) == [2, 3, 4, 5]
    async with transaction() as session:
        decided = (await rulebook(session, programme.programme_id)).policies
    assert sorted(each.version for each in decided) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("certifier", ["", "Green Certifier", "019A8F10-1C2B-7D3E-8F40-5A6B7C8D9E11"])
async def test_a_certifier_that_no_certificate_can_name_is_refused(programme: Programme, certifier: str) -> None:
    terms = Terms(certifiers=(certifier,))
    with pytest.raises(InvalidInputError, match="certifiers"):
        async with transaction() as session:
            await decide_policy(session, programme.programme_id, terms, effective_from=clock.now())


async def test_a_policy_of_no_programme_is_refused(database: str) -> None:
    with pytest.raises(UnknownProgrammeError):
        async with transaction() as session:
            await decide_policy(session, new_id(), Terms(), effective_from=clock.now())
