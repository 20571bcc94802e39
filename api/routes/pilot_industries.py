"""Which industries to begin with: the published ranking, and the judgements of staff that go into it."""

from typing import Annotated, Final

from fastapi import Path, Query, Request, Response

from api.audiences import Operator
from api.dependencies import Now, Session
from api.etags import UNCHANGED, tagged
from api.idempotency import ONCE
from api.openapi import answers, example
from api.routing import router as new_router
from api.schemas import Day, Slug
from api.schemas.pilot_industries import KeptJudgement, NewJudgement, PilotChoice
from core.clock import local_day
from labels import pilot_industries
from labels.pilots import METHOD, RULES, WEIGHTS, Criterion

router = new_router(tag="factors")

_TIME_ZONE: Final = "Asia/Shanghai"
_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_JUDGED: Final = {
    "criterion": "export_demand",
    "score": 80,
    "reason": "Three buyers in Europe ask for footprints.",
    "source": "survey of makers, 2026",
}
_CHOICE: Final = {
    "as_of": "2026-05-01",
    "method": METHOD,
    "criteria": [
        {
            "criterion": "export_demand",
            "weight_percent": WEIGHTS[Criterion.EXPORT_DEMAND],
            "judged": True,
            "rule": RULES[Criterion.EXPORT_DEMAND],
        }
    ],
    "industries": [
        {
            "category_id": "furniture.wooden_chair",
            "name_zh": "木椅",
            "name_en": "Wooden chairs",
            "rank": 1,
            "total_bp": 7_340,
            "scores": [{"criterion": "export_demand", "score": 80}],
            "missing": [],
            "sensitivity": {"best_rank": 1, "worst_rank": 3, "first_share_bp": 6_118, "top_three_share_bp": 10_000},
            "products": 12,
            "measured_products": 5,
            "judgements": [_JUDGED | {"recorded_at": "2026-04-01T02:00:00Z"}],
        }
    ],
}
_KEPT: Final = _JUDGED | {
    "judgement_id": _ID,
    "category_id": "furniture.wooden_chair",
    "actor": f"staff:{_ID}",
    "recorded_at": "2026-04-01T02:00:00Z",
}


@router.get(
    "/pilot-industries",
    summary="Rank pilot industries",
    response_model=PilotChoice,
    responses={
        **answers(200, "The ranking and its whole rule.", _CHOICE),
        **UNCHANGED,
    },
)
async def list_pilot_industries(
    request: Request,
    session: Session,
    now: Now,
    on: Annotated[
        Day | None, Query(description="The day that counts; today by default.", examples=["2026-05-01"])
    ] = None,
) -> Response:
    """Rank the categories that somebody judged or that have measured products, and say how far weights decide it.

    A category is ranked once no criterion is missing. Registry figures are those that hold on the day.
    """
    day = on or local_day(now, _TIME_ZONE)
    return tagged(request, PilotChoice.of(day, await pilot_industries.pilot_industries(session, day)))


@router.post(
    "/pilot-industries/{category_id}/judgements",
    status_code=201,
    summary="Judge a category",
    dependencies=[ONCE],
    openapi_extra=example(_JUDGED),
    responses=answers(201, "Kept; it counts from now on.", _KEPT),
)
async def create_pilot_judgement(
    category_id: Annotated[Slug, Path(examples=["furniture.wooden_chair"])],
    body: NewJudgement,
    staff: Operator,
    session: Session,
    now: Now,
) -> KeptJudgement:
    """Keep what somebody thinks of a category by one of the two criteria that the registry can not tell."""
    kept = await pilot_industries.judge(
        session,
        category_id,
        body.criterion,
        body.score,
        reason=body.reason,
        source=body.source or "",
        actor=staff.label,
        now=now,
    )
    return KeptJudgement(
        judgement_id=kept.id,
        category_id=kept.category_id,
        criterion=body.criterion,
        score=kept.score,
        reason=kept.reason,
        source=kept.source,
        actor=kept.actor,
        recorded_at=kept.recorded_at,
    )
