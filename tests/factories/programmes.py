"""Programmes for tests: everything in points is kept apart by programme, so that a fresh one is a clean slate."""

from datetime import UTC, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points import ledger
from points.programmes import programmes
from points.programmes.policy import Terms
from points.programmes.tables import Programme

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
"""Policy and rate hold from here, so that real sales of past years fall under them."""

AT_ONCE = Terms(maturity_days=0, unit_maturity_days=0, claimed_maturity_days=0, scan_maturity_days=0)
"""The default rules, except that points can be spent at once."""


async def make_programme(
    session: AsyncSession,
    *,
    terms: Terms = AT_ONCE,
    points_per_tonne: int = 10_000,
    base_points: int = 1_000_000_000,
    engagement_points: int = 1_000_000,
) -> Programme:
    """Establish a programme under a slug nobody else has, and fund its budgets; 0 leaves one empty."""
    programme = await programmes.establish(
        session,
        slug=f"test-{new_id().hex}",
        name_zh="测试市碳普惠",
        name_en="Test City",
        terms=terms,
        points_per_tonne=points_per_tonne,
        effective_from=SINCE,
    )
    funds = {programme.base_budget_id: base_points, programme.engagement_budget_id: engagement_points}
    for budget_id, points in funds.items():
        if points:
            key = f"fund:{budget_id}"
            await ledger.fund(session, programme.programme_id, budget_id, points, key=key, now=SINCE)
    return programme
