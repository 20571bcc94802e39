"""Makers, retailers and certifiers hand in tables; a worker goes through them and reports what became of each row."""

from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import File, Form, Path, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from starlette.responses import StreamingResponse

from api.audiences import Importing
from api.dependencies import Now, Session
from api.errors import BodyTooLargeError, InvalidParameterError
from api.idempotency import ONCE
from api.import_reports import report_of
from api.importing import given, owners, queue, require_kind, shown
from api.openapi import answers
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.routing import router as new_router
from api.schemas.imports import WAITING_EXAMPLE, Import, ImportPage, Kind
from core.db import after_commit
from core.settings import settings
from labels.import_jobs import jobs, uploads
from labels.import_jobs.lines import Encoding

router = new_router(tag="imports")

FORM_BYTES: Final = 10_000
"""What a form adds to its file at most."""
_FIELDS: Final = frozenset({"file", "kind", "dry_run", "amend", "encoding"})
_DONE: Final = WAITING_EXAMPLE | {
    "state": "done",
    "rows_total": 812,
    "rows_done": 812,
    "registered": 790,
    "unchanged": 20,
    "refused": 2,
}
_REPORT: Final = (
    "row,field,value,reason,remedy\r\n"
    "17,gtin,9521234543210,The last digit of 9521234543210 is not its check digit.,Scan again or type it again.\r\n"
)
_FORM: Final = {
    "file": "gtin,name_zh,pack\r\n9521234543213,示范乌龙茶,33克*30\r\n",
    "kind": "products",
    "dry_run": True,
}
ImportId = Annotated[UUID, Path(examples=[WAITING_EXAMPLE["id"]])]


@router.post(
    "/imports",
    status_code=202,
    summary="Hand in a table",
    dependencies=[ONCE],
    openapi_extra={"requestBody": {"content": {"multipart/form-data": {"example": _FORM}}}},
    responses=answers(202, "Kept; its progress is at the address in `Location`.", WAITING_EXAMPLE),
)
async def create_import(
    importing: Importing,
    request: Request,
    session: Session,
    now: Now,
    response: Response,
    file: Annotated[UploadFile, File(description="CSV with a header, or XLSX, of which the first sheet is read.")],
    kind: Annotated[Kind, Form(description="What the rows are. Baselines are for operators.")],
    *,
    dry_run: Annotated[bool, Form(description="Only find out what would become of each row.")] = False,
    amend: Annotated[bool, Form(description="Products you registered take the values of the file.")] = False,
    encoding: Annotated[Encoding, Form(description="Of a CSV file.")] = "utf-8",
) -> Import:
    """Hand in products, footprints, certificates, applications for certificates or baselines as a table.

    Each row is registered or refused by itself, as the routes for single ones do it; the same file again changes
    nothing. A dry run looks at a thousand rows at a time, so it does not see a product that is there twice, further
    apart.
    """
    require_kind(importing, kind)
    await _require_known(request)
    data = await file.read()
    if len(data) > settings().import_limit_bytes:
        raise BodyTooLargeError(f"The file may have {settings().import_limit_bytes:,} bytes; split it.")
    new = given(importing, kind, file.filename, encoding, amend=amend, dry_run=dry_run)
    job = await uploads.submit(session, replace(new, data=data), now=now)
    after_commit(session, partial(queue, job.id))
    response.headers["Location"] = f"/v1/imports/{job.id}"
    return shown(job)


@router.get(
    "/imports",
    summary="List your imports",
    responses=answers(200, "The newest first.", {"imports": [_DONE], "next_cursor": None}),
)
async def list_imports(
    importing: Importing, session: Session, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> ImportPage:
    """Show what your organization, or your programme's staff, handed in during the last month.

    Files of sales and returns only with a key of the programme they count in that may hand such files in.
    """
    found = await jobs.list_imports(session, owners(importing), after=cursor, limit=limit)
    return ImportPage(imports=[shown(job) for job in found], next_cursor=next_cursor([job.id for job in found], limit))


@router.get("/imports/{import_id}", summary="Show an import", responses=answers(200, "How far it has come.", _DONE))
async def show_import(import_id: ImportId, importing: Importing, session: Session) -> Import:
    """Show how far an import has come, and what became of its rows so far."""
    return shown(await jobs.find(session, owners(importing), import_id))


@router.get(
    "/imports/{import_id}/report.csv",
    summary="Fetch the report of an import",
    response_class=StreamingResponse,
    responses={200: {"description": "One line for each problem.", "content": {"text/csv": {"example": _REPORT}}}},
)
async def show_import_report(import_id: ImportId, importing: Importing, session: Session) -> StreamingResponse:
    """Stream row, field, value, reason and remedy of every problem found so far.

    Of a file of sales: row, receipt, line, outcome, grams, points, reason, field and detail of every line so far.
    """
    job = await jobs.find(session, owners(importing), import_id)
    headers = {"Content-Disposition": f'attachment; filename="import-{job.id}.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(report_of(job), media_type="text/csv", headers=headers)


@router.post(
    "/imports/{import_id}/cancellation",
    summary="Cancel an import",
    dependencies=[ONCE],
    responses=answers(200, "Ended; rows that were done stand.", _DONE | {"state": "cancelled"}),
)
async def create_import_cancellation(import_id: ImportId, importing: Importing, session: Session, now: Now) -> Import:
    """End an import where it is. What became of its rows until then stands; nothing comes of those that follow."""
    return shown(await jobs.cancel(session, owners(importing), import_id, now=now))


async def _require_known(request: Request) -> None:
    """Raise RequestValidationError for fields of the form that nobody knows, and for one given twice."""
    sent = [name for name, _ in (await request.form()).multi_items()]
    odd: list[dict[str, Any]] = [
        {"type": "extra_forbidden", "loc": ("body", name), "msg": ""} for name in sent if name not in _FIELDS
    ]
    if odd:
        raise RequestValidationError(odd)
    if len(set(sent)) < len(sent):
        raise InvalidParameterError("A field of the form is there twice; send each once.", pointer="#", part="body")
