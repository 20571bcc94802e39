"""A resident scans a code. The hot path: concurrent scans share one database transaction (see api/batching.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from api.audiences import Resident
from api.batching import Batchers, Run
from api.boards import note_gains
from api.dependencies import Now
from api.idempotency import ONCE_DECLARED, Answer, Ticket, once_each, ticket_of
from api.openapi import answers, example
from api.routing import router as new_router
from api.schemas.receipts import REFUSED_EXAMPLE, RESIDENT_EXAMPLE, ResidentResult
from api.schemas.scans import NewScan
from api.unit_keys import unit_secret
from core import clock
from core.db import transaction
from points.earning.activities import Outcome, Receipt, Scan
from points.earning.adjustments.remaining import Remaining, remaining
from points.earning.credits import record
from points.errors import PointsError

router = new_router(tag="earning")

_USE_CASE: Final = "scans"


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """A scan, and the ticket of the request that brought it."""

    scan: Scan
    ticket: Ticket | None


@router.post(
    "/scans",
    status_code=201,
    summary="Scan a product's code",
    response_model=ResidentResult,
    dependencies=[ONCE_DECLARED],
    openapi_extra=example({"code": "https://id.gs1.org/01/09521234543213/21/1234", "symbology": "]Q1"}),
    responses={
        **answers(201, "Credited now.", RESIDENT_EXAMPLE),
        200: {
            "model": ResidentResult,
            "description": "Credited before (`replayed`), with what is left of it, or refused with a reason.",
            "content": {"application/json": {"example": REFUSED_EXAMPLE}},
        },
    },
)
async def create_scan(body: NewScan, request: Request, resident: Resident, now: Now) -> Response:
    """Credit what the product saved against the usual one, or say why not.

    A product's own code counts once a day. The code of a label unit counts that one unit, once, whoever scans it; where
    the sale of the unit was reported before, its receipt is the answer. What is left of a receipt, should something of
    it have come back or been taken back since, is told with it; `GET /v1/me/receipts/{receipt_id}` says why.
    """
    scan = Scan(resident.resident_id, body.code, body.scanned_at or now, body.symbology)
    batchers: Batchers = request.app.state.batchers
    batcher = batchers.of(_USE_CASE, resident.programme_id, recording)
    answer = await batcher.submit(ScanRequest(scan, await ticket_of(request, resident)))
    return answer.response()


def recording(programme_id: UUID) -> Run[ScanRequest, Answer]:
    """Return what records a batch of scans in a programme, in one database transaction."""

    async def run(requests: Sequence[ScanRequest]) -> list[Answer | PointsError]:
        async with transaction() as session:
            return await record_scans(session, programme_id, requests)

    return run


async def record_scans(
    session: AsyncSession, programme_id: UUID, requests: Sequence[ScanRequest]
) -> list[Answer | PointsError]:
    """Record a batch of scans; return one answer or refusal for each, in order."""

    async def do(places: Sequence[int]) -> list[Answer]:
        scans = [requests[place].scan for place in places]
        outcomes = await record(session, programme_id, scans, now=clock.now(), unit_secret=unit_secret())
        note_gains(session, programme_id, outcomes)
        left = await remaining(session, programme_id, outcomes)
        return [_answer(each, left) for each in outcomes]

    return await once_each(session, programme_id, [request.ticket for request in requests], do)


def _answer(outcome: Outcome, left: Mapping[UUID, Remaining]) -> Answer:
    created = isinstance(outcome, Receipt) and not outcome.replayed
    location = f"/v1/me/receipts/{outcome.activity_id}" if isinstance(outcome, Receipt) else None
    return Answer(201 if created else 200, ResidentResult.told(outcome, left).model_dump_json(), location)
