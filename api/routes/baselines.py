"""Baselines: a public list to look through."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path, Query, Request, Response

from api.dependencies import Session
from api.etags import UNCHANGED, tagged
from api.openapi import answers
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.routing import router as new_router
from api.schemas import Day, Name, Slug
from api.schemas.baselines import Baseline, BaselinePage
from labels import baselines
from labels.baseline_models import Model
from labels.baselines import BaselineSearch
from labels.errors import UnknownBaselineError
from labels.quantities import Boundary

router = new_router(tag="factors")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_BASELINE: Final[dict[str, object]] = {
    "baseline_id": _ID,
    "category_id": "food.grains.rice",
    "gtin": None,
    "model": "category_mean",
    "milligrams_per_unit": 2_754_298,
    "functional_unit": "kg",
    "boundary": "cradle_to_consumer",
    "standard": "Agribalyse 3.1 (ISO 14040/14044)",
    "region": "FR",
    "year": 2023,
    "sample_size": 4,
    "lower_quartile_mg": 2_754_298,
    "upper_quartile_mg": 2_754_298,
    "thresholds": [],
    "method": "median/1",
    "gwp_set": "not stated in the extract",
    "data_quality": "average products of France",
    "verification": "published by ADEME and INRAE",
    "source": "ADEME, Agribalyse 3.1.1",
    "source_row": "agb_code 9100 9102 9108 9121",
    "licence": "Etalab Open Licence 2.0",
    "valid_from": "2025-01-01",
    "valid_until": None,
    "supersedes_id": None,
    "recorded_at": "2026-01-05T02:00:00Z",
}


@router.get(
    "/baselines",
    summary="List baselines",
    response_model=BaselinePage,
    responses={
        **answers(200, "Baselines, oldest first.", {"baselines": [_BASELINE], "next_cursor": None}),
        **UNCHANGED,
    },
)
async def list_baselines(
    request: Request,
    session: Session,
    category_id: Annotated[Slug | None, Query(examples=["food.grains.rice"])] = None,
    boundary: Annotated[Boundary | None, Query(examples=["cradle_to_gate"])] = None,
    region: Annotated[Name | None, Query(examples=["CN"])] = None,
    standard: Annotated[Name | None, Query(examples=["ISO 14067"])] = None,
    model: Annotated[Model | None, Query(examples=["category_mean"])] = None,
    on: Annotated[Day | None, Query(description="Only what holds on this day.", examples=["2026-05-01"])] = None,
    q: Annotated[Name | None, Query(description="Words in a category's names or a source.", examples=["茶"])] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Response:
    """List baselines of every version; a newer one supersedes, and the older ones stay."""
    wanted = BaselineSearch(
        words=q or "",
        category_id=category_id,
        boundary=boundary,
        region=region,
        standard=standard,
        model=model,
        on=on,
    )
    found = await baselines.search(session, wanted, after=cursor, limit=limit)
    following = next_cursor([each.id for each in found], limit)
    return tagged(request, BaselinePage(baselines=[Baseline.of(each) for each in found], next_cursor=following))


@router.get(
    "/baselines/{baseline_id}",
    summary="Show a baseline",
    response_model=Baseline,
    responses={**answers(200, "The baseline.", _BASELINE), **UNCHANGED},
)
async def show_baseline(
    baseline_id: Annotated[UUID, Path(examples=[_ID])], request: Request, session: Session
) -> Response:
    """Show one version of a baseline with its source and the grades that follow from it."""
    row = await baselines.baseline(session, baseline_id)
    if row is None:
        raise UnknownBaselineError(f"No baseline is registered under {baseline_id}.")
    return tagged(request, Baseline.of(row))
