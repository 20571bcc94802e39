"""Staff draft baselines, see what they would change, and publish them."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path, Response

from api.audiences import Operator, Staff
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.routing import router as new_router
from api.schemas.baseline_drafts import BaselineDraft, BaselinePreview, NewBaselineDraft
from labels import baseline_drafts
from points.earning.baseline_previews import preview_savings

router = new_router(tag="factors")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_DRAFT: Final = {
    "draft_id": _ID,
    "state": "draft",
    "model": "category_mean",
    "valid_from": "2026-07-01",
    "valid_until": None,
    "reason": "Yearly update from certified footprints",
    "created_by": f"staff:{_ID}",
    "created_at": "2026-05-20T02:00:00Z",
    "published_by": None,
    "published_at": None,
    "baselines": [
        {
            "category_id": "tea.green",
            "from_category_id": "tea.green",
            "gtin": None,
            "milligrams_per_unit": 26_400_000,
            "functional_unit": "kg",
            "boundary": "cradle_to_grave",
            "standard": "ISO 14067",
            "region": "CN",
            "year": None,
            "sample_size": 14,
            "lower_quartile_mg": 22_100_000,
            "upper_quartile_mg": 29_000_000,
            "method": "median/1",
            "source": "footprints of this registry",
            "source_row": _ID,
            "licence": "own data",
        }
    ],
}
_PREVIEW: Final = {
    "draft_id": _ID,
    "compared_products": 14,
    "left_out_products": 3,
    "changed_products": 1,
    "grade_counts": [{"before": "B", "after": "C", "products": 1}],
    "changes": [
        {
            "gtin": "09521234543213",
            "name_zh": "示范绿茶",
            "name_en": "Demonstration green tea",
            "category_id": "tea.green",
            "milligrams_per_unit": 27_000_000,
            "before": "B",
            "after": "C",
        }
    ],
    "last_month": {
        "since": "2026-04-01",
        "until": "2026-05-01",
        "activities": 312,
        "before_grams": 48_210,
        "after_grams": 39_077,
        "categories": [{"category_id": "tea.green", "activities": 312, "before_grams": 48_210, "after_grams": 39_077}],
    },
}
_NEW: Final = {
    "model": "category_mean",
    "category_ids": ["tea.green"],
    "valid_from": "2026-07-01",
    "reason": "Yearly update from certified footprints",
}

DraftId = Annotated[UUID, Path(examples=[_ID])]


@router.post(
    "/baseline-drafts",
    status_code=201,
    summary="Draft baselines",
    dependencies=[ONCE],
    openapi_extra=example(_NEW),
    responses=answers(201, "Drafted; nothing counts yet.", _DRAFT),
)
async def create_baseline_draft(
    body: NewBaselineDraft, staff: Operator, session: Session, now: Now, response: Response
) -> BaselineDraft:
    """Make baselines of the registry's own footprints, or of a given set. Nothing counts before it is published."""
    made = await baseline_drafts.draft(
        session,
        body.model,
        figures=[each.as_figure() for each in body.figures],
        category_ids=body.category_ids,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        reason=body.reason,
        actor=staff.label,
        now=now,
    )
    response.headers["Location"] = f"/v1/baseline-drafts/{made.id}"
    return BaselineDraft.of(made)


@router.get(
    "/baseline-drafts/{draft_id}",
    summary="Show drafted baselines",
    responses=answers(200, "The draft.", _DRAFT),
)
async def show_baseline_draft(draft_id: DraftId, staff: Staff, session: Session) -> BaselineDraft:
    """Show a draft, published or not."""
    del staff
    return BaselineDraft.of(await baseline_drafts.drafted(session, draft_id))


@router.get(
    "/baseline-drafts/{draft_id}/preview",
    summary="Preview what a draft would change",
    responses=answers(200, "Grades and last month's savings.", _PREVIEW),
)
async def show_baseline_preview(draft_id: DraftId, staff: Staff, session: Session, now: Now) -> BaselinePreview:
    """Show which products would change grade, and what the programme's last month would have saved."""
    made = await baseline_drafts.drafted(session, draft_id)
    grades = await baseline_drafts.preview_grades(session, made)
    drafts = baseline_drafts.rows_of(made)
    month = await preview_savings(session, staff.programme_id, drafts, made.valid_from, now=now)
    return BaselinePreview.of(made.id, grades, month)


@router.post(
    "/baseline-drafts/{draft_id}/publication",
    status_code=201,
    summary="Publish drafted baselines",
    dependencies=[ONCE],
    responses=answers(201, "Published, all of them.", _DRAFT | {"state": "published"}),
)
async def publish_baseline_draft(draft_id: DraftId, staff: Operator, session: Session, now: Now) -> BaselineDraft:
    """Register every baseline of a draft, or none. Each supersedes the one before it; receipts keep naming theirs."""
    return BaselineDraft.of(await baseline_drafts.publish(session, draft_id, actor=staff.label, now=now))
