"""Residents who live together say so; the programme can say so for them."""

from typing import Final

from api import limits
from api.audiences import Operator, Resident
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.routing import router as new_router
from api.schemas.households import Household, HouseholdInvitation, NewGrouping, NewMembership
from points.residents import households

router = new_router(tag="me")

_BY_RESIDENT: Final = limits.Bound("household-invitations", most=20, seconds=86_400)
"""More than anybody mistypes, and nothing to somebody who tries codes: there are 2^59."""

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_OTHER: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e10"
_HOUSEHOLD: Final = {
    "household_id": _ID,
    "members": [{"resident_id": _ID, "nickname": "青柳", "since": "2026-05-01T08:30:00Z"}],
}
_INVITATION: Final = {"code": "7KQ2MXB4WRTN", "until": "2026-05-02T08:30:00Z"}


@router.get("/me/household", summary="Who do I live with?", responses=answers(200, "The household.", _HOUSEHOLD))
async def show_my_household(resident: Resident, session: Session) -> Household:
    """Show the members of the resident's household, by nickname."""
    return Household.model_validate(await households.home_of(session, resident.programme_id, resident.resident_id))


@router.post(
    "/me/household",
    status_code=201,
    summary="Create a household",
    dependencies=[ONCE],
    responses=answers(201, "The household, with me in it.", _HOUSEHOLD),
)
async def create_household(resident: Resident, session: Session, now: Now) -> Household:
    """Make a household; others join by invitation."""
    home = await households.create(session, resident.programme_id, resident.resident_id, now=now)
    return Household.model_validate(home)


@router.delete("/me/household", status_code=204, summary="Leave my household")
async def leave_household(resident: Resident, session: Session, now: Now) -> None:
    """Leave. Another household can be joined only after the days the programme's policy says."""
    await households.leave(session, resident.programme_id, resident.resident_id, now=now)


@router.post(
    "/me/household/invitations",
    status_code=201,
    summary="Invite somebody into my household",
    dependencies=[ONCE],
    responses=answers(201, "A code that one person can join by.", _INVITATION),
)
async def create_household_invitation(resident: Resident, session: Session, now: Now) -> HouseholdInvitation:
    """Make a code for one person, which holds for a day. The code before it ends."""
    invitation = await households.invite(session, resident.programme_id, resident.resident_id, now=now)
    return HouseholdInvitation.model_validate(invitation)


@router.post(
    "/me/household/memberships",
    status_code=201,
    summary="Join a household",
    dependencies=[ONCE],
    openapi_extra=example({"invitation": _INVITATION["code"]}),
    responses=answers(201, "The household, with me in it.", _HOUSEHOLD),
)
async def create_household_membership(body: NewMembership, resident: Resident, session: Session, now: Now) -> Household:
    """Join the household that somebody gave me the code of. 20 tries a day."""
    await limits.spend(_BY_RESIDENT, str(resident.resident_id))
    home = await households.join(session, resident.programme_id, resident.resident_id, body.invitation, now=now)
    return Household.model_validate(home)


@router.post(
    "/households",
    status_code=201,
    summary="Put residents into one household",
    dependencies=[ONCE],
    openapi_extra=example({"resident_ids": [_ID, _OTHER]}),
    responses=answers(201, "The household.", _HOUSEHOLD),
)
async def create_household_grouping(body: NewGrouping, staff: Operator, session: Session, now: Now) -> Household:
    """Say for residents that they live together, such as after a review has shown it."""
    home = await households.put_together(session, staff.programme_id, body.resident_ids, now=now)
    return Household.model_validate(home)
