"""Staff open campaigns and see what is left of them."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path, Response

from api.audiences import Operator, Staff
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.routing import router as new_router
from api.schemas.campaigns import Campaign, NewCampaign
from points.campaigns import campaigns

router = new_router(tag="campaigns")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_NEW: Final = {
    "name_zh": "低碳饮茶周",
    "name_en": "Low-carbon tea week",
    "starts_at": "2026-06-01T00:00:00+08:00",
    "ends_at": "2026-06-08T00:00:00+08:00",
    "rule": {"type": "multiply", "multiplier_bp": 20_000, "conditions": {"category_id": "tea"}},
    "funded_points": 50_000,
}
_CAMPAIGN: Final = {
    "campaign_id": _ID,
    "name_zh": "低碳饮茶周",
    "name_en": "Low-carbon tea week",
    "starts_at": "2026-05-31T16:00:00Z",
    "ends_at": "2026-06-07T16:00:00Z",
    "rule": {
        "type": "multiply",
        "multiplier_bp": 20_000,
        "conditions": {"category_id": "tea", "gtins": [], "evidence": [], "minimum_grams": 1},
    },
    "points_left": 50_000,
    "created_at": "2026-05-20T02:00:00Z",
}

CampaignId = Annotated[UUID, Path(examples=[_ID])]


@router.post(
    "/campaigns",
    status_code=201,
    summary="Open a campaign",
    dependencies=[ONCE],
    openapi_extra=example(_NEW),
    responses=answers(201, "Opened and funded.", _CAMPAIGN),
)
async def create_campaign(
    body: NewCampaign, staff: Operator, session: Session, now: Now, response: Response
) -> Campaign:
    """Open a campaign and issue points into a budget of its own. Its awards stand in the receipts of activities."""
    opened = await campaigns.open(
        session,
        staff.programme_id,
        body.as_draft(),
        funded_points=body.funded_points,
        staff_id=staff.staff_id,
        now=now,
    )
    response.headers["Location"] = f"/v1/campaigns/{opened.campaign.campaign_id}"
    return Campaign.of(opened)


@router.get(
    "/campaigns/{campaign_id}",
    summary="Show a campaign",
    responses=answers(200, "The campaign and what its budget has left.", _CAMPAIGN),
)
async def show_campaign(campaign_id: CampaignId, staff: Staff, session: Session) -> Campaign:
    """Show a campaign of the programme with the points its budget has left."""
    return Campaign.of(await campaigns.read(session, staff.programme_id, campaign_id))
