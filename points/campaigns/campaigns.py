"""Opening campaigns: checked, stored and funded in one go, so that no campaign ever runs on another one's money."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points import ledger
from points.campaigns import queries
from points.campaigns.rules import RULE, Bonus, Multiply
from points.campaigns.tables import Campaign
from points.errors import InvalidInputError, NotFoundError
from points.programmes.term_checks import CLOCK_SKEW

MOST_FUNDED_POINTS = 10**12


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """A campaign as somebody wants it; it holds for `starts_at` <= effective_at < `ends_at`."""

    name_zh: str
    name_en: str
    starts_at: datetime
    ends_at: datetime
    rule: Multiply | Bonus


@dataclass(frozen=True, slots=True)
class CampaignState:
    """A campaign with the points its budget has left."""

    campaign: Campaign
    points_left: int


async def open(  # noqa: A001 - campaigns.open() is what everybody calls it; nothing here opens files
    session: AsyncSession,
    programme_id: UUID,
    draft: CampaignDraft,
    *,
    funded_points: int,
    staff_id: UUID,
    now: datetime,
) -> CampaignState:
    """Open a campaign and put `funded_points` into a budget of its own, newly issued for it.

    Raises:
        InvalidInputError: when the window is empty or has begun, the points are out of range, or the category is
            unknown.
    """
    _check(draft, funded_points, now)
    await _check_category(session, draft)
    campaign = Campaign(
        programme_id=programme_id,
        name_zh=draft.name_zh,
        name_en=draft.name_en,
        starts_at=draft.starts_at.astimezone(UTC),
        ends_at=draft.ends_at.astimezone(UTC),
        rule=RULE.dump_python(draft.rule, mode="json"),
        created_by_id=staff_id,
        created_at=now,
    )
    session.add(campaign)
    await session.flush()
    key = f"campaign:{campaign.campaign_id}"
    await ledger.fund(session, programme_id, campaign.budget_id, funded_points, key=key, now=now)
    return CampaignState(campaign, funded_points)


async def read(session: AsyncSession, programme_id: UUID, campaign_id: UUID) -> CampaignState:
    """Return a campaign of the programme and what its budget has left.

    Raises:
        NotFoundError: when the programme has no such campaign.
    """
    campaign = await queries.campaign_by_id(session, programme_id, campaign_id)
    if campaign is None:
        raise NotFoundError(f"This programme has no campaign {campaign_id}.")
    return CampaignState(campaign, await ledger.budget_left(session, programme_id, campaign.budget_id))


def _check(draft: CampaignDraft, funded_points: int, now: datetime) -> None:
    for field, moment in (("starts_at", draft.starts_at), ("ends_at", draft.ends_at)):
        if moment.tzinfo is None:
            raise InvalidInputError(f"{field} needs a time zone offset, such as +08:00 or Z.", field=field)
    if draft.ends_at <= draft.starts_at:
        raise InvalidInputError("ends_at must be later than starts_at.", field="ends_at")
    if draft.ends_at <= now:
        raise InvalidInputError("ends_at is in the past: open a campaign before it is over.", field="ends_at")
    if draft.starts_at < now - CLOCK_SKEW:  # it would pay who reports late, and not who reported at once
        detail = "starts_at must not lie in the past: what was sold or scanned until now keeps the rules of its time."
        raise InvalidInputError(detail, field="starts_at")
    if not 1 <= funded_points <= MOST_FUNDED_POINTS:
        raise InvalidInputError(
            f"funded_points must be from 1 to {MOST_FUNDED_POINTS}, not {funded_points}.", field="funded_points"
        )
    if not draft.name_zh.strip() or not draft.name_en.strip():
        raise InvalidInputError("name_zh and name_en must both say something.", field="name_zh")


async def _check_category(session: AsyncSession, draft: CampaignDraft) -> None:
    """A mistyped category would make a campaign that never pays, and nobody would be told."""
    category_id = draft.rule.conditions.category_id
    if category_id is not None and not await queries.category_exists(session, category_id):
        raise InvalidInputError(
            f"rule.conditions.category_id names no registered category: {category_id}.", field="rule"
        )
