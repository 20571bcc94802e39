from datetime import date

import pytest

from core import db
from core.ids import new_id
from labels import factors, listings
from labels.catalogue import (
    Rejected,
    Unchanged,
)
from tests.factories.labels import (
    NOW,
    make_baseline,
    make_category,
    standing,
)

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2026, 3, 1)
MARKS = ("carbon_label",)


async def test_a_later_baseline_supersedes_and_the_same_again_is_unchanged() -> None:
    async with db.transaction() as session:
        category = await make_category(session)
        first = await make_baseline(session, category, 5_000_000)
        second = await make_baseline(session, category, 4_000_000)
        stored = {each.id: each for each in await listings.baselines_of(session, category)}
    assert stored[second].supersedes_id == first
    assert stored[first].supersedes_id is None


async def test_factors_keep_their_vintages() -> None:
    metric, region = "electricity_co2_emission_factor", f"test-{new_id().hex}"

    def factor(nanograms: int, year: int) -> factors.NewFactor:
        day = date(year, 1, 1)
        return factors.NewFactor(
            metric, nanograms, "kgCO2/kWh", region, year, "generation", "MEE", "1", "official", day
        )

    async with db.transaction() as session:
        rows = [factor(530_600_000, 2023), factor(-1, 2024), factor(570_300_000, 2024)]
        results = await factors.register_factors(session, rows, now=NOW)
        again = await factors.register_factors(session, rows[:1], now=NOW)
        stored = [each for each in await listings.factors_of(session, metric) if each.region == region]
    assert isinstance(results[1], Rejected)
    assert again == [Unchanged(standing(results[0]))]
    assert [(each.year, each.supersedes_id) for each in stored] == [(2024, standing(results[0])), (2023, None)]
