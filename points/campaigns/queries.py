"""Every SELECT about campaigns."""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from labels.tables import Category
from points.campaigns.rules import RULE, Bonus, Multiply, OpenCampaign
from points.campaigns.tables import Campaign

_OPEN: Final = text("""
    SELECT campaign_id, budget_id, starts_at, ends_at, CAST(rule AS text) AS rule FROM campaign
    WHERE programme_id = :programme_id AND starts_at <= :until AND ends_at > :since
    ORDER BY campaign_id
""")

_BUDGETS: Final = text("SELECT budget_id FROM campaign WHERE programme_id = :programme_id")


async def open_campaigns(
    session: AsyncSession, programme_id: UUID, since: datetime, until: datetime
) -> list[OpenCampaign]:
    """Return the campaigns whose window touches `since` to `until`, both inclusive, oldest first. One statement.

    A batch passes its earliest and latest effective_at; `rules.evaluate` then decides for each activity by itself.
    """
    rows = await run(session, _OPEN, {"programme_id": programme_id, "since": since, "until": until})
    return [OpenCampaign(row.campaign_id, row.budget_id, row.starts_at, row.ends_at, _rule(row.rule)) for row in rows]


async def budgets(session: AsyncSession, programme_id: UUID) -> set[UUID]:
    """Return the budgets of all campaigns a programme ever had."""
    return {row.budget_id for row in await run(session, _BUDGETS, {"programme_id": programme_id})}


@lru_cache(maxsize=256)
def _rule(stored: str) -> Multiply | Bonus:
    """Return the stored rule. Rules are values, and every batch reads the same few of them."""
    return RULE.validate_json(stored)


async def campaign_by_id(session: AsyncSession, programme_id: UUID, campaign_id: UUID) -> Campaign | None:
    """Return a campaign of the programme, or None."""
    return await session.get(Campaign, (programme_id, campaign_id))


async def campaigns_by_ids(
    session: AsyncSession, programme_id: UUID, campaign_ids: Collection[UUID]
) -> dict[UUID, Campaign]:
    """Return campaigns of the programme by their ids."""
    wanted = select(Campaign).where(Campaign.programme_id == programme_id, col(Campaign.campaign_id).in_(campaign_ids))
    return {each.campaign_id: each for each in await session.exec(wanted)}


async def category_exists(session: AsyncSession, category_id: str) -> bool:
    """Tell whether the registry has this category."""
    return await session.get(Category, category_id) is not None
