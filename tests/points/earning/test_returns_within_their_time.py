"""A return without a receipt was of no sale that was too long ago to be returned, whatever is told after it."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import permutations

import pytest

from core import db
from points.earning.activities import Reason
from points.earning.adjustments.return_lines import Bought
from points.programmes.policy import Terms
from tests.factories.credits import NOW, assert_clean
from tests.factories.label_units import grams, sold_as
from tests.factories.labels import Labelled
from tests.factories.programmes import make_programme
from tests.factories.residents import make_residents
from tests.factories.retelling import Report, tell_all
from tests.factories.returns import back, member_of, reason, told_back

FULL = 1000
SOLD = {"too long ago": NOW - timedelta(hours=204), "latest": NOW - timedelta(hours=144)}
WITHOUT, WITH = NOW - timedelta(hours=120), NOW - timedelta(hours=96)
"""Returns: three days are from the first sale to neither of them, and from the second to both."""


@pytest.mark.parametrize("order", list(permutations([*SOLD, "without", "with"])))
async def test_what_is_too_long_ago_stays_in_any_order(product: Labelled, order: Sequence[str]) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=Terms(maturity_days=0, return_days=3))
        [resident] = await make_residents(session, programme, 1)
    member = await member_of(programme, resident)
    reports = {
        name: Report(partial(sold_as, programme, member, product.gtin, receipt=name, at=at))
        for name, at in SOLD.items()
    } | {
        "without": Report(
            partial(told_back, programme, back(product, receipt="B1", bought=None, member=member, at=WITHOUT))
        ),
        "with": Report(partial(told_back, programme, back(product, receipt="B2", bought=Bought("latest", 1), at=WITH))),
    }
    told = await tell_all(reports, order)
    assert await grams(programme, resident) == [FULL], "one of two sales could come back, and did"
    refused = {name: reason(each) for name, each in told.items() if reason(each) is not None}
    assert len(refused) == 1
    assert set(refused.values()) == {Reason.ALREADY_RETURNED}
    await assert_clean(programme)
