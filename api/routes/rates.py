"""What a tonne is worth in points: everybody reads every version, operators publish the next or withdraw it in time."""

from typing import Annotated, Final

from fastapi import Path

from api.audiences import Operator
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.routes.policies import VersionNumber
from api.routing import router as new_router
from api.schemas import Slug
from api.schemas.rates import NewRate, RateList, RateVersion
from points.programmes import rates
from points.programmes.queries import programme_by_slug

router = new_router(tag="programmes")

_RATE: Final = {
    "version": 2,
    "effective_from": "2026-07-01T00:00:00+08:00",
    "effective_until": None,
    "state": "coming",
    "withdrawn_at": None,
    "points_per_tonne": 40_000,
}
_NEW: Final = {"based_on": 1, "effective_from": "2026-07-01T00:00:00+08:00", "points_per_tonne": 40_000}


@router.get(
    "/programmes/{slug}/rates",
    summary="Every version of the conversion rate",
    responses=answers(200, "Past, present and coming rates.", {"rates": [_RATE]}),
)
async def list_rates(slug: Annotated[Slug, Path(examples=["huzhou"])], session: Session, now: Now) -> RateList:
    """List every version of the conversion rate in the order they hold."""
    found = await programme_by_slug(session, slug)
    versions = await rates.published(session, found.programme_id, now=now)
    return RateList(rates=[RateVersion.of(each) for each in versions])


@router.post(
    "/rates",
    status_code=201,
    summary="Publish a conversion rate",
    dependencies=[ONCE],
    openapi_extra=example(_NEW),
    responses=answers(201, "Published, to hold from the moment it names.", _RATE),
)
async def publish_rate(body: NewRate, staff: Operator, session: Session, now: Now) -> RateVersion:
    """Publish the next rate. It never reaches back: what was earned keeps the rate of its time."""
    made = await rates.publish(
        session,
        staff.programme_id,
        body.points_per_tonne,
        based_on=body.based_on,
        effective_from=body.effective_from,
        staff_id=staff.staff_id,
        now=now,
    )
    return RateVersion.of(await rates.version(session, staff.programme_id, made.version, now=now))


@router.post(
    "/rates/{version}/withdrawals",
    summary="Withdraw a rate before it begins",
    dependencies=[ONCE],
    responses=answers(200, "Withdrawn.", _RATE | {"state": "withdrawn", "withdrawn_at": "2026-06-20T02:00:00Z"}),
)
async def withdraw_rate(version: VersionNumber, staff: Operator, session: Session, now: Now) -> RateVersion:
    """Withdraw a rate that nothing can have been credited by yet. Its number is not used again.

    It can be withdrawn until `clock_skew_minutes` of the policy and five minutes more before it begins.
    """
    withdrawn = await rates.withdraw(session, staff.programme_id, version, staff_id=staff.staff_id, now=now)
    return RateVersion.of(withdrawn)
