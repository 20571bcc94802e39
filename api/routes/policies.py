"""The rules of a programme: everybody reads every version of them, operators publish the next or withdraw it in time.

Thresholds of guards are for the programme's staff alone: the routes under /policies tell them, the others do not.
"""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Path, Query, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.audiences import Operator, Staff
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.routing import router as new_router
from api.schemas import Slug
from api.schemas.policies import (
    EveryTermInForce,
    NewPolicy,
    PolicyDifferences,
    PolicyList,
    PolicyVersionPage,
    StaffPolicyVersion,
    TermsInForce,
)
from points.programmes import policies
from points.programmes.policy import Terms
from points.programmes.queries import programme_by_slug
from points.programmes.versions import Difference, differences

router = new_router(tag="programmes")

TERMS: Final = TermsInForce.model_validate(TermsInForce.told(Terms())).model_dump(mode="json")
_POLICY: Final = {
    "version": 2,
    "effective_from": "2026-07-01T00:00:00+08:00",
    "effective_until": None,
    "state": "coming",
    "withdrawn_at": None,
    "terms": TERMS,
}
_STAFFS: Final = _POLICY | {
    "terms": EveryTermInForce.model_validate(EveryTermInForce.told(Terms())).model_dump(mode="json")
}
_NEW: Final = {
    "based_on": 1,
    "effective_from": "2026-07-01T00:00:00+08:00",
    "terms": {"expiry": {"months": 12, "rounding": "quarter"}, "caps": {"grams_per_day": 15_000}},
}
_DIFFERENCES: Final = {
    "version": 2,
    "since": 1,
    "differences": [{"path": "caps.grams_per_day", "before": 20_000, "after": 15_000}],
}

_GUARDED: Final = {
    "version": 2,
    "since": 1,
    "differences": [{"path": "guards.visits_per_minute", "before": None, "after": 6}],
}

ProgrammeSlug = Annotated[Slug, Path(examples=["huzhou"])]
VersionNumber = Annotated[int, Path(ge=1, le=32_767, examples=[2])]
Since = Annotated[int, Query(ge=1, le=32_767, description="The version to compare with.", examples=[1])]


@router.get(
    "/programmes/{slug}/policies",
    summary="Every version of the rules",
    responses=answers(200, "Past, present and coming rules.", {"policies": [_POLICY]}),
)
async def list_policies(slug: ProgrammeSlug, session: Session, now: Now) -> PolicyList:
    """List every version of the policy in the order they hold, so that nobody is surprised by the next one."""
    found = await programme_by_slug(session, slug)
    versions = await policies.published(session, found.programme_id, now=now)
    return PolicyList(policies=[PolicyVersionPage.of(each) for each in versions])


@router.get(
    "/programmes/{slug}/policies/{version}",
    summary="One version of the rules",
    responses=answers(200, "The version.", _POLICY),
)
async def show_policy(slug: ProgrammeSlug, version: VersionNumber, session: Session, now: Now) -> PolicyVersionPage:
    """Show the version of the policy that receipts name."""
    found = await programme_by_slug(session, slug)
    return PolicyVersionPage.of(await policies.version(session, found.programme_id, version, now=now))


@router.get(
    "/programmes/{slug}/policies/{version}/differences",
    summary="What a version changes",
    responses=answers(200, "What it says differently.", _DIFFERENCES),
)
async def compare_policies(
    slug: ProgrammeSlug, version: VersionNumber, since: Since, session: Session, now: Now
) -> PolicyDifferences:
    """Show what a version says differently from another one, term by term; thresholds of guards are not told."""
    found = await programme_by_slug(session, slug)
    compared = await _compared(session, found.programme_id, since, version, now)
    return PolicyDifferences.of(version, since, [each for each in compared if _is_told(each.path)])


@router.get(
    "/policies/{version}",
    summary="One version of the rules, with its guards",
    responses=answers(200, "The version as it was published.", _STAFFS),
)
async def show_policy_to_staff(version: VersionNumber, staff: Staff, session: Session, now: Now) -> StaffPolicyVersion:
    """Show the programme's staff a version as it was published, with the thresholds that nobody else is told."""
    return StaffPolicyVersion.of(await policies.version(session, staff.programme_id, version, now=now))


@router.get(
    "/policies/{version}/differences",
    summary="What a version changes, guards as well",
    responses=answers(200, "What it says differently.", _GUARDED),
)
async def compare_policies_for_staff(
    version: VersionNumber, since: Since, staff: Staff, session: Session, now: Now
) -> PolicyDifferences:
    """Show the programme's staff every term that a version says differently, thresholds of guards as well."""
    return PolicyDifferences.of(version, since, await _compared(session, staff.programme_id, since, version, now))


@router.post(
    "/policies",
    status_code=201,
    summary="Publish rules",
    dependencies=[ONCE],
    openapi_extra=example(_NEW),
    responses=answers(201, "Published, to hold from the moment it names.", _STAFFS),
)
async def publish_policy(
    body: NewPolicy, staff: Operator, session: Session, now: Now, response: Response
) -> StaffPolicyVersion:
    """Publish the next version of the policy. It never reaches back: what was earned keeps the rules of its time."""
    made = await policies.publish(
        session,
        staff.programme_id,
        body.changes(),
        based_on=body.based_on,
        effective_from=body.effective_from,
        staff_id=staff.staff_id,
        now=now,
    )
    response.headers["Location"] = f"/v1/policies/{made.version}"
    return StaffPolicyVersion.of(await policies.version(session, staff.programme_id, made.version, now=now))


@router.post(
    "/policies/{version}/withdrawals",
    summary="Withdraw rules before they begin",
    dependencies=[ONCE],
    responses=answers(200, "Withdrawn.", _STAFFS | {"state": "withdrawn", "withdrawn_at": "2026-06-20T02:00:00Z"}),
)
async def withdraw_policy(version: VersionNumber, staff: Operator, session: Session, now: Now) -> StaffPolicyVersion:
    """Withdraw a version that nothing can have been credited by yet. Its number is not used again.

    It can be withdrawn until `clock_skew_minutes` of the policy and five minutes more before it begins.
    """
    withdrawn = await policies.withdraw(session, staff.programme_id, version, staff_id=staff.staff_id, now=now)
    return StaffPolicyVersion.of(withdrawn)


async def _compared(
    session: AsyncSession, programme_id: UUID, since: int, version: int, now: datetime
) -> list[Difference]:
    before = await policies.version(session, programme_id, since, now=now)
    after = await policies.version(session, programme_id, version, now=now)
    return differences(before.version.terms, after.version.terms)


def _is_told(path: str) -> bool:
    return path.partition(".")[0] in TermsInForce.model_fields
