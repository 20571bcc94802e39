"""Emission factors: a public list to look through, and the one that holds for a place on a day."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import StringConstraints

from api.dependencies import Now, Session
from api.etags import UNCHANGED, tagged
from api.openapi import answers
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.routing import router as new_router
from api.schemas import Day, Name
from api.schemas.factors import ApplicableFactor, Factor, FactorPage
from core.clock import local_day
from labels import factor_queries
from labels.errors import UnknownFactorError
from labels.factor_queries import FactorSearch
from labels.metrics import GRID_AVERAGE, Metric
from labels.vintages import NoFactor

router = new_router(tag="factors")

_TIME_ZONE: Final = "Asia/Shanghai"
_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_FACTOR: Final = {
    "factor_id": _ID,
    "metric": "electricity_carbon_footprint_factor",
    "subject": "grid_average",
    "nanograms_per_unit": 577_700_000_000,
    "unit": "kgCO2e/kWh",
    "region": "CN",
    "year": 2024,
    "boundary": "life_cycle",
    "standard": "MEE/NBS/NEA method for electricity carbon footprint factors",
    "gwp_set": "as announced",
    "data_quality": "official statistics of 2024",
    "verification": "official PDF",
    "source": "MEE/NBS/NEA announcement of 2025-09-28",
    "source_row": "national 全国平均",
    "licence": "official figure; cite the announcement",
    "valid_from": "2025-09-28",
    "valid_until": None,
    "supersedes_id": None,
    "recorded_at": "2026-01-05T02:00:00Z",
}

Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,3}(-[A-Z0-9]{1,20})*$", max_length=30)]
Subject = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$", max_length=80)]

OfRegion = Annotated[
    Region | None, Query(description="ISO 3166 country or subdivision, or a grid region.", examples=["CN-ZJ"])
]
OfSubject = Annotated[Subject | None, Query(description="What it is a factor of.", examples=["generation.coal"])]
OnDay = Annotated[Day | None, Query(description="Only what holds on this day.", examples=["2026-05-01"])]
Words = Annotated[Name | None, Query(description="Words to look for.", examples=["announcement"])]


@router.get(
    "/factors",
    summary="List emission factors",
    response_model=FactorPage,
    responses={**answers(200, "Factors, oldest first.", {"factors": [_FACTOR], "next_cursor": None}), **UNCHANGED},
)
async def list_factors(
    request: Request,
    session: Session,
    metric: Annotated[Metric | None, Query(examples=["electricity_co2_emission_factor"])] = None,
    subject: OfSubject = None,
    region: OfRegion = None,
    year: Annotated[int | None, Query(ge=1990, le=2100, examples=[2024])] = None,
    on: OnDay = None,
    q: Words = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Response:
    """List factors of every vintage; a newer one supersedes, and the older ones stay."""
    wanted = FactorSearch(words=q or "", metric=metric, subject=subject, region=region, year=year, on=on)
    found = await factor_queries.search(session, wanted, after=cursor, limit=limit)
    ids = [each.id for each in found]
    return tagged(request, FactorPage(factors=[Factor.of(each) for each in found], next_cursor=next_cursor(ids, limit)))


@router.get(
    "/factors/applicable",
    summary="Show the factor that holds",
    response_model=ApplicableFactor,
    responses={
        **answers(200, "The factor.", {"asked_region": "CN-ZJ", "fell_back": True, "factor": _FACTOR}),
        **UNCHANGED,
    },
)
async def show_applicable_factor(
    request: Request,
    session: Session,
    now: Now,
    metric: Annotated[Metric, Query(examples=["electricity_carbon_footprint_factor"])],
    region: Annotated[Region, Query(description="Where; falls back to grid region and nation.", examples=["CN-ZJ"])],
    subject: Annotated[Subject, Query(description="What it is a factor of.")] = GRID_AVERAGE,
    on: Annotated[
        Day | None, Query(description="The day that counts; today by default.", examples=["2026-05-01"])
    ] = None,
) -> Response:
    """Show the latest vintage that holds on a day for a region, or else for its grid region, or else for its nation."""
    day = on or local_day(now, _TIME_ZONE)
    chosen = await factor_queries.applicable(session, metric, region=region, day=day, subject=subject)
    if isinstance(chosen, NoFactor):
        raise UnknownFactorError(chosen.detail)
    row = await _known(session, chosen.factor.id)
    return tagged(request, ApplicableFactor(asked_region=region, fell_back=chosen.fell_back, factor=row))


@router.get(
    "/factors/{factor_id}",
    summary="Show an emission factor",
    response_model=Factor,
    responses={**answers(200, "The factor.", _FACTOR), **UNCHANGED},
)
async def show_factor(factor_id: Annotated[UUID, Path(examples=[_ID])], request: Request, session: Session) -> Response:
    """Show one vintage of a factor with its source."""
    return tagged(request, await _known(session, factor_id))


async def _known(session: Session, factor_id: UUID) -> Factor:
    row = await factor_queries.factor(session, factor_id)
    if row is None:
        raise UnknownFactorError(f"No factor is registered under {factor_id}.")
    return Factor.of(row)
