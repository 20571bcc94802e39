from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.db import transaction
from core.ids import new_id
from labels.tables import Category
from points import ledger
from points.campaigns import campaigns
from points.campaigns.campaigns import MOST_FUNDED_POINTS, CampaignDraft, CampaignState
from points.campaigns.queries import open_campaigns
from points.campaigns.rules import Bonus, Conditions, Multiply
from points.errors import InvalidInputError, NotFoundError
from points.programmes.tables import Programme

NOW = datetime(2026, 4, 1, tzinfo=UTC)
DRAFT = CampaignDraft("绿色购物周", "Green week", NOW, NOW + timedelta(days=7), Multiply(multiplier_bp=20_000))


async def open_one(programme: Programme, draft: CampaignDraft = DRAFT, *, funded_points: int = 500) -> CampaignState:
    async with transaction() as session:
        return await campaigns.open(
            session, programme.programme_id, draft, funded_points=funded_points, staff_id=new_id(), now=NOW
        )


async def test_a_campaign_has_a_budget_of_its_own_newly_issued(programme: Programme) -> None:
    opened = await open_one(programme)
    async with transaction() as session:
        left = await ledger.budget_left(session, programme.programme_id, opened.campaign.budget_id)
        read = await campaigns.read(session, programme.programme_id, opened.campaign.campaign_id)
        assert not any(finding.differences for finding in await ledger.audit(session, programme.programme_id))
    assert left == read.points_left == opened.points_left == 500
    assert opened.campaign.budget_id not in {programme.base_budget_id, programme.engagement_budget_id}


async def test_a_stored_campaign_is_read_back_as_the_rule_it_was(programme: Programme) -> None:
    rule = Bonus(points=5, conditions=Conditions(gtins=("09521234567899",), evidence=("sale",), minimum_grams=50))
    opened = await open_one(programme, replace(DRAFT, rule=rule))
    async with transaction() as session:
        [found] = await open_campaigns(session, programme.programme_id, NOW, NOW)
    assert found.rule == rule
    assert (found.campaign_id, found.budget_id) == (opened.campaign.campaign_id, opened.campaign.budget_id)
    assert (found.starts_at, found.ends_at) == (DRAFT.starts_at, DRAFT.ends_at)


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (DRAFT.starts_at - timedelta(days=2), DRAFT.starts_at - timedelta(microseconds=1), False),
        (DRAFT.starts_at - timedelta(days=2), DRAFT.starts_at, True),
        (DRAFT.ends_at - timedelta(microseconds=1), DRAFT.ends_at + timedelta(days=2), True),
        (DRAFT.ends_at, DRAFT.ends_at + timedelta(days=2), False),
        (DRAFT.starts_at - timedelta(days=2), DRAFT.ends_at + timedelta(days=2), True),
        (DRAFT.starts_at + timedelta(days=2), DRAFT.starts_at + timedelta(days=2), True),
    ],
)
async def test_a_batch_is_told_of_every_campaign_that_may_pay_in_its_time(
    programme: Programme, since: datetime, until: datetime, *, found: bool
) -> None:
    await open_one(programme)
    async with transaction() as session:
        assert bool(await open_campaigns(session, programme.programme_id, since, until)) is found


async def test_campaigns_stay_in_their_programme(programme: Programme) -> None:
    opened = await open_one(programme)
    async with transaction() as session:
        assert await open_campaigns(session, new_id(), NOW, NOW) == []
        with pytest.raises(NotFoundError):
            await campaigns.read(session, new_id(), opened.campaign.campaign_id)


@pytest.mark.parametrize(
    ("draft", "funded_points", "field"),
    [
        (replace(DRAFT, ends_at=DRAFT.starts_at), 1, "ends_at"),
        (replace(DRAFT, starts_at=NOW - timedelta(days=2), ends_at=NOW), 1, "ends_at"),
        (replace(DRAFT, starts_at=NOW.replace(tzinfo=None)), 1, "starts_at"),
        (replace(DRAFT, name_en=" "), 1, "name_zh"),
        (DRAFT, 0, "funded_points"),
        (DRAFT, MOST_FUNDED_POINTS + 1, "funded_points"),
        (replace(DRAFT, rule=Bonus(points=1, conditions=Conditions(category_id="no-such"))), 1, "rule"),
    ],
)
async def test_a_campaign_that_makes_no_sense_is_refused_by_field_and_issues_nothing(
    programme: Programme, draft: CampaignDraft, funded_points: int, field: str
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        await open_one(programme, draft, funded_points=funded_points)
    assert refusal.value.context["field"] == field
    async with transaction() as session:
        assert await open_campaigns(session, programme.programme_id, datetime.min.replace(tzinfo=UTC), NOW) == []


async def test_a_campaign_pays_for_nothing_that_was_sold_before_anybody_knew_of_it(programme: Programme) -> None:
    skew = timedelta(minutes=5)
    with pytest.raises(InvalidInputError, match="starts_at must not lie in the past") as refusal:
        await open_one(programme, replace(DRAFT, starts_at=NOW - skew - timedelta(microseconds=1)))
    assert refusal.value.context["field"] == "starts_at"
    await open_one(programme, replace(DRAFT, starts_at=NOW - skew))


async def test_a_campaign_may_be_for_a_category(programme: Programme) -> None:
    category = f"c{new_id().hex}"
    async with transaction() as session:
        session.add(Category(id=category, name_zh="茶", name_en="Tea", functional_unit="kg"))
    rule = Multiply(multiplier_bp=15_000, conditions=Conditions(category_id=category))
    await open_one(programme, replace(DRAFT, rule=rule))
