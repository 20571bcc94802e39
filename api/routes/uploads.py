"""Large files are handed in as the bare body, which is kept as it arrives and never held as a whole."""

from functools import partial
from hashlib import sha256
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from api.audiences import Importing
from api.idempotency import ONCE_DECLARED, Answer, Ticket, admit, is_used, keep, key_of, ticket_for
from api.importing import given, queue, require_kind, shown
from api.openapi import answers
from api.principals import Principal
from api.routing import router as new_router
from api.schemas.imports import UPLOADED_EXAMPLE, Import, Kind
from api.uploads import Arrived, arrive, give_up, read_through
from core import clock
from core.db import after_commit, transaction
from core.settings import settings
from labels.import_jobs import uploads
from labels.import_jobs.lines import Encoding
from points.earning.sales_files.takers import KINDS as SALES_KINDS
from points.errors import RequestInProgressError

router = new_router(tag="imports")

_SALES_ROWS: Final = (
    "receipt,line,member_code,code,quantity,sold_at\r\n"
    "S042-20260501-0317,1,7KQ2MXB4WRTN,9521234543213,2,2026-05-01T16:30:00+08:00\r\n"
)
_UPLOAD: Final = {
    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}, "example": _SALES_ROWS}
}


@router.post(
    "/imports/uploads",
    status_code=202,
    summary="Hand in a large file as the bare body",
    response_model=Import,
    dependencies=[ONCE_DECLARED],
    openapi_extra={"requestBody": {"required": True, "content": _UPLOAD}},
    responses=answers(202, "Kept; its progress is at the address in `Location`.", UPLOADED_EXAMPLE),
)
async def create_upload(
    importing: Importing,
    request: Request,
    kind: Annotated[Kind, Query(description="What the rows are.", examples=["sales"])],
    filename: Annotated[str, Query(max_length=500, description="What the file is called.")] = "",
    *,
    dry_run: Annotated[bool, Query(description="Only find out what would become of each row.")] = False,
    encoding: Annotated[Encoding, Query(description="Of a CSV file.")] = "utf-8",
) -> Response:
    """Hand in CSV, XLSX or, for sales, a JSON object a line, as it is; what it is, its first bytes say.

    A file of sales may have a million lines. Each is credited as `POST /v1/sales` does it, and once, however often and
    in whatever files it comes. A dry run looks at about two thousand lines at a time, all those of a member code
    within twenty thousand together: caps, budgets and repetitions are seen among those only, and `caveat`
    says so of a longer file.

    A time of a workbook's own, which tells no distance from UTC, is one of the programme's zone. In CSV and JSON a time
    needs its distance, or the name of its zone in the column `time_zone`.
    """
    require_kind(importing, kind)
    limit = settings().sales_file_limit_bytes if kind in SALES_KINDS else settings().import_limit_bytes
    if await _has_come_before(request, importing):
        arrived = await read_through(request.stream(), limit_bytes=limit)
        return (await _answered_before(importing, _ticket(request, importing, arrived))).response()
    new = given(importing, kind, filename, encoding, amend=False, dry_run=dry_run)
    async with transaction() as session:
        job = await uploads.announce(session, new, now=clock.now())
    answer = None
    try:
        arrived = await arrive(request.stream(), job.id, limit_bytes=limit)
        ticket = _ticket(request, importing, arrived)
        answer = await _completed(job.id, arrived.size_bytes, importing.programme_id, ticket)
    finally:
        if answer is None or answer.replayed:
            await give_up(job.id)
    return answer.response()


async def _has_come_before(request: Request, importing: Principal) -> bool:
    """Tell whether something was taken under the key of a request: then it needs no place among those under way."""
    if (ticket := _ticket(request, importing, Arrived(0, sha256()))) is None:
        return False
    async with transaction() as session:
        return await is_used(session, importing.programme_id, ticket)


def _ticket(request: Request, importing: Principal, arrived: Arrived) -> Ticket | None:
    content = f"{request.scope['query_string']!r}\n{arrived.digest.hexdigest()}".encode()
    return None if (key := key_of(request)) is None else ticket_for(request, importing, key, content)


async def _answered_before(importing: Principal, ticket: Ticket | None) -> Answer:
    """Return the answer that a request under the same key had before.

    Raises:
        PointsError: the key was used with another request, or is in use.
    """
    async with transaction() as session:
        for verdict in await admit(session, importing.programme_id, [] if ticket is None else [ticket]):
            if isinstance(verdict, Answer):
                return verdict
            if verdict is not None:
                raise verdict
    raise RequestInProgressError


async def _completed(job_id: UUID, size_bytes: int, programme_id: UUID, ticket: Ticket | None) -> Answer:
    """Let a worker begin with a file that has arrived, or give the answer that the same request had before.

    Raises:
        PointsError: the key was used with another request, or is in use.
    """
    async with transaction() as session:
        for verdict in await admit(session, programme_id, [] if ticket is None else [ticket]):
            if isinstance(verdict, Exception):
                raise verdict
            if verdict is not None:
                return verdict
        job = await uploads.complete(session, job_id, size_bytes=size_bytes, now=clock.now())
        after_commit(session, partial(queue, job_id))
        answer = Answer(202, shown(job).model_dump_json(), f"/v1/imports/{job_id}")
        await keep(session, programme_id, {} if ticket is None else {ticket.key: answer})
    return answer
