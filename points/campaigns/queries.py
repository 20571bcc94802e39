"""Every SELECT about campaigns."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.tables import Category
from points.campaigns.rules import RULE, OpenCampaign
from points.campaigns.tables import Campaign


async def open_campaigns(
    session: AsyncSession, programme_id: UUID, since: datetime, until: datetime
) -> list[OpenCampaign]:
    """Return the campaigns whose window touches `since` to `until`, both inclusive, oldest first. One statement.

    A batch passes its earliest and latest effective_at; `rules.evaluate` then decides for each activity by itself.
    """
    rows = await session.exec(
        select(Campaign)
        .where(
            col(Campaign.programme_id) == programme_id,
            col(Campaign.starts_at) <= until,
            col(Campaign.ends_at) > since,
        )
        .order_by(col(Campaign.campaign_id))
    )
    return [as_open(campaign) for campaign in rows]


async def campaign_by_id(session: AsyncSession, programme_id: UUID, campaign_id: UUID) -> Campaign | None:
    """Return a campaign of the programme, or None."""
    return await session.get(Campaign, (programme_id, campaign_id))


async def category_exists(session: AsyncSession, category_id: str) -> bool:
    """Tell whether the registry has this category."""
    return await session.get(Category, category_id) is not None


def as_open(campaign: Campaign) -> OpenCampaign:
    """Return the row as the value `rules.evaluate` takes."""
    return OpenCampaign(
        campaign_id=campaign.campaign_id,
        budget_id=campaign.budget_id,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        rule=RULE.validate_python(campaign.rule),
    )
