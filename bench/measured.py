"""The service's own application with one more route: the identity and input of a scan, and no database behind it."""

from typing import Final

from fastapi import Request
from starlette.responses import Response

from api.app import create_app
from api.audiences import Resident
from api.dependencies import Now
from api.idempotency import ONCE_DECLARED, Answer, ticket_of
from api.routing import router as new_router
from api.schemas.receipts import RESULT_EXAMPLE, ActivityResult
from api.schemas.scans import NewScan
from bench.load import PATH_WITHOUT_DATABASE

router = new_router(tag="earning")
_BODY: Final = ActivityResult.model_validate(RESULT_EXAMPLE)


@router.post(
    PATH_WITHOUT_DATABASE.removeprefix("/v1"),
    status_code=201,
    response_model=ActivityResult,
    dependencies=[ONCE_DECLARED],
)
async def create_nothing(body: NewScan, request: Request, resident: Resident, now: Now) -> Response:
    """Answer as a scan is answered, having done all but the scan."""
    await ticket_of(request, resident)
    assert body.code
    assert now.tzinfo
    return Answer(201, _BODY.model_dump_json(), f"/v1/me/receipts/{resident.resident_id}").response()


app = create_app()
app.include_router(router)
"""What `core.serve` runs for a measurement; production runs `api.app:app`, which has no such route."""
