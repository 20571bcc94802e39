"""A resident exchanges points for a reward: reserved in one group commit, fulfilled in the next.

What must not happen twice is tied to the Idempotency-Key by the reservation itself, because it spans two database
transactions: a repeat finds the reservation and goes on from where the first one got.
"""

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import Path, Request
from starlette.responses import Response

from api.audiences import Resident
from api.batching import Batchers, Run
from api.dependencies import Session
from api.idempotency import ONCE_DECLARED, Answer, ticket_of
from api.openapi import answers, example
from api.routing import router as new_router
from api.schemas.redemptions import NewRedemption, Redemption
from core import clock
from core.db import transaction
from core.ids import new_id
from points.errors import (
    KeyReusedError,
    NotEnoughPointsError,
    NotFoundError,
    PointsError,
    ReservationLapsedError,
    RewardClosedError,
    SoldOutError,
)
from points.rewards import redemptions
from points.rewards.allocation import Refusal
from points.rewards.redemptions import Outcome, Redeemed, RedemptionRequest

router = new_router(tag="rewards")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_REDEMPTION: Final = {
    "redemption_id": _ID,
    "reward_id": "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e10",
    "points": 80,
    "state": "fulfilled",
    "code": "TEA-7KQ2-MXB4",
    "reserved_at": "2026-06-03T08:30:00Z",
    "closed_at": "2026-06-03T08:30:00Z",
}

_ERRORS: Final[dict[Refusal, type[PointsError]]] = {
    Refusal.SOLD_OUT: SoldOutError,
    Refusal.NOT_ENOUGH_POINTS: NotEnoughPointsError,
    Refusal.REWARD_CLOSED: RewardClosedError,
    Refusal.UNKNOWN_REWARD: NotFoundError,
    Refusal.UNKNOWN_REDEMPTION: NotFoundError,
    Refusal.KEY_REUSED: KeyReusedError,
    Refusal.RESERVATION_LAPSED: ReservationLapsedError,
    Refusal.ALREADY_FULFILLED: ReservationLapsedError,
}

RedemptionId = Annotated[UUID, Path(examples=[_ID])]


@router.post(
    "/redemptions",
    status_code=201,
    summary="Exchange points for a reward",
    response_model=Redemption,
    dependencies=[ONCE_DECLARED],
    openapi_extra=example({"reward_id": "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e10"}),
    responses=answers(201, "Fulfilled; here is the code.", _REDEMPTION),
)
async def create_redemption(body: NewRedemption, request: Request, resident: Resident) -> Response:
    """Exchange points for one unit of a reward. Who is refused keeps every point, and a sold-out reward says so."""
    ticket = await ticket_of(request, resident)
    key = ticket.key if ticket is not None else f"request:{resident.label}:{new_id()}"
    batchers: Batchers = request.app.state.batchers
    reserving = batchers.of("redemptions.reserve", resident.programme_id, _reserving)
    redeemed = await reserving.submit(RedemptionRequest(resident.resident_id, body.reward_id, key))
    replayed = redeemed.replayed
    if redeemed.state == "reserved":
        settling = batchers.of("redemptions.settle", resident.programme_id, _settling)
        redeemed = await settling.submit(redeemed.redemption_id)
    if redeemed.state == "released":
        raise ReservationLapsedError
    location = f"/v1/redemptions/{redeemed.redemption_id}"
    return Answer(201, Redemption.of(redeemed).model_dump_json(), location, replayed).response()


@router.get(
    "/redemptions/{redemption_id}",
    summary="Show a redemption",
    responses=answers(200, "The redemption.", _REDEMPTION),
)
async def show_redemption(redemption_id: RedemptionId, resident: Resident, session: Session) -> Redemption:
    """Show one of the resident's own redemptions, with its code."""
    found = await redemptions.read(session, resident.programme_id, resident.resident_id, redemption_id)
    return Redemption.of(found)


def _reserving(programme_id: UUID) -> Run[RedemptionRequest, Redeemed]:
    async def run(requests: Sequence[RedemptionRequest]) -> list[Redeemed | PointsError]:
        async with transaction() as session:
            return [_told(one) for one in await redemptions.reserve(session, programme_id, requests, now=clock.now())]

    return run


def _settling(programme_id: UUID) -> Run[UUID, Redeemed]:
    async def run(redemption_ids: Sequence[UUID]) -> list[Redeemed | PointsError]:
        async with transaction() as session:
            settled = await redemptions.settle(session, programme_id, redemption_ids, now=clock.now())
            return [_told(one) for one in settled]

    return run


def _told(outcome: Outcome) -> Redeemed | PointsError:
    return outcome if isinstance(outcome, Redeemed) else _ERRORS[outcome.reason]()
