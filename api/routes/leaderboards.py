"""Where a resident stands."""

from typing import Annotated, Final

from fastapi import Query

from api.audiences import Resident
from api.dependencies import Now, Session
from api.openapi import answers
from api.routing import router as new_router
from api.schemas.leaderboards import Leaderboard
from core.redis import redis
from points.leaderboards.boards import Period
from points.leaderboards.standings import standings
from points.programmes.queries import programme

router = new_router(tag="leaderboards")

_FIRST: Final = {"position": 1, "nickname": "青柳", "grams": 12_480, "is_me": False}
_MINE: Final = {"position": 2, "nickname": "小满", "grams": 9_310, "is_me": True}
_BOARD: Final = {
    "period": "week",
    "starts_on": "2026-06-01",
    "ends_on": "2026-06-07",
    "members": 2,
    "top": [_FIRST, _MINE],
    "around": [_FIRST, _MINE],
    "mine": _MINE,
}


@router.get(
    "/leaderboards/residents",
    summary="Where do I stand?",
    responses=answers(200, "The top, those around the resident who asks, and their own place.", _BOARD),
)
async def show_leaderboard(
    resident: Resident,
    session: Session,
    now: Now,
    period: Annotated[Period, Query(description="In the programme's own time zone.")] = Period.WEEK,
) -> Leaderboard:
    """Show the board of the running period by grams of CO2e saved. Only who agreed to be ranked is on it."""
    time_zone = (await programme(session, resident.programme_id)).time_zone
    found = await standings(
        session, redis(), resident.programme_id, resident.resident_id, period, time_zone=time_zone, now=now
    )
    return Leaderboard.of(found)
