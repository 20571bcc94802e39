"""Makers, retailers and certifiers hand in tables; a worker goes through them and reports what became of each row."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterable
from functools import partial
from pathlib import PurePosixPath
from typing import Annotated, Any, Final
from uuid import UUID

import structlog
from fastapi import File, Form, Path, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from kombu.exceptions import OperationalError
from starlette.responses import StreamingResponse

from api.audiences import Importing
from api.dependencies import Now, Session
from api.errors import BodyTooLargeError, ForbiddenError, InvalidParameterError
from api.idempotency import ONCE
from api.openapi import answers
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.principals import PartnerPrincipal, Principal
from api.routing import router as new_router
from api.schemas.imports import Encoding, Import, ImportPage, Kind
from core.db import after_commit, transaction
from core.settings import settings
from labels.import_jobs import jobs
from labels.import_jobs.tables import ImportJob, ImportProblem
from points.programmes.access import Scope
from workers.app import send

router = new_router(tag="imports")

FORM_BYTES: Final = 10_000
"""What a form adds to its file at most."""
_SCOPES: Final = {
    "products": Scope.PRODUCTS_WRITE,
    "footprints": Scope.FOOTPRINTS_WRITE,
    "certificates": Scope.CERTIFICATES_WRITE,
    "applications": Scope.PRODUCTS_WRITE,
}
_FIELDS: Final = frozenset({"file", "kind", "dry_run", "amend", "encoding"})
_ROWS_AT_ONCE: Final = 1_000
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS: Final = ("row", "field", "value", "reason", "remedy")
_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_WAITING: Final = {
    "id": _ID,
    "kind": "products",
    "filename": "春茶2026.xlsx",
    "size_bytes": 48_213,
    "dry_run": True,
    "amend": False,
    "state": "waiting",
    "failure": None,
    "rows_done": 0,
    "registered": 0,
    "unchanged": 0,
    "quarantined": 0,
    "refused": 0,
    "created_at": "2026-05-01T02:00:00Z",
    "updated_at": "2026-05-01T02:00:00Z",
    "finished_at": None,
}
_DONE: Final = _WAITING | {"state": "done", "rows_done": 812, "registered": 790, "unchanged": 20, "refused": 2}
_REPORT: Final = (
    "row,field,value,reason,remedy\r\n"
    "17,gtin,9521234543210,The last digit of 9521234543210 is not its check digit.,Scan again or type it again.\r\n"
)
_FORM: Final = {
    "file": "gtin,name_zh,pack\r\n9521234543213,示范乌龙茶,33克*30\r\n",
    "kind": "products",
    "dry_run": True,
}
ImportId = Annotated[UUID, Path(examples=[_ID])]

_log = structlog.get_logger("api.imports")


@router.post(
    "/imports",
    status_code=202,
    summary="Hand in a table",
    dependencies=[ONCE],
    openapi_extra={"requestBody": {"content": {"multipart/form-data": {"example": _FORM}}}},
    responses=answers(202, "Kept; its progress is at the address in `Location`.", _WAITING),
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
    _require_kind(importing, kind)
    await _require_known(request)
    data = await file.read()
    if len(data) > settings().import_limit_bytes:
        raise BodyTooLargeError(f"The file may have {settings().import_limit_bytes:,} bytes; split it.")
    given = jobs.NewImport(
        owner=_owner(importing),
        organization_id=_organization(importing),
        actor=importing.label,
        kind=kind,
        filename=_name(file),
        encoding=encoding,
        data=data,
        amend=amend,
        dry_run=dry_run,
    )
    job = await jobs.submit(session, given, now=now)
    after_commit(session, partial(_queue, job.id))
    response.headers["Location"] = f"/v1/imports/{job.id}"
    return _shown(job)


@router.get(
    "/imports",
    summary="List your imports",
    responses=answers(200, "The newest first.", {"imports": [_DONE], "next_cursor": None}),
)
async def list_imports(
    importing: Importing, session: Session, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> ImportPage:
    """Show what your organization, or your programme's staff, handed in during the last month."""
    found = await jobs.list_imports(session, _owner(importing), after=cursor, limit=limit)
    return ImportPage(imports=[_shown(job) for job in found], next_cursor=next_cursor([job.id for job in found], limit))


@router.get("/imports/{import_id}", summary="Show an import", responses=answers(200, "How far it has come.", _DONE))
async def show_import(import_id: ImportId, importing: Importing, session: Session) -> Import:
    """Show how far an import has come, and what became of its rows so far."""
    return _shown(await jobs.find(session, _owner(importing), import_id))


@router.get(
    "/imports/{import_id}/report.csv",
    summary="Fetch the report of an import",
    response_class=StreamingResponse,
    responses={200: {"description": "One line for each problem.", "content": {"text/csv": {"example": _REPORT}}}},
)
async def show_import_report(import_id: ImportId, importing: Importing, session: Session) -> StreamingResponse:
    """Stream row, field, value, reason and remedy of every problem found so far."""
    job = await jobs.find(session, _owner(importing), import_id)
    headers = {"Content-Disposition": f'attachment; filename="import-{job.id}.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(_report(job.id), media_type="text/csv", headers=headers)


async def _report(job_id: UUID) -> AsyncIterator[str]:
    """Yield the report in pieces; each is read in a transaction of its own, for a slow reader must not hold one."""
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + _lines([_COLUMNS])  # by which spreadsheets see that it is UTF-8
    number = 0
    while True:
        async with transaction() as session:
            problems = await jobs.problems_of(session, job_id, after=number, limit=_ROWS_AT_ONCE)
        if not problems:
            return
        number = problems[-1].number
        yield _lines(_cells(each) for each in problems)


def _cells(problem: ImportProblem) -> tuple[object, ...]:
    """Return a line of the report. What would be a formula to a spreadsheet is made text."""
    told = (problem.field, problem.value, problem.reason, problem.remedy)  # a reason may begin with the value
    return problem.row, *(f"'{text}" if text.startswith(_FORMULA) else text for text in told)


def _lines(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


async def _queue(job_id: UUID) -> None:
    """Have a worker begin at once. Without a queue the sweep finds the import as soon as there is one again."""
    try:
        await asyncio.to_thread(send, "imports.run", str(job_id))
    except OperationalError as error:
        _log.warning("not queued", import_id=str(job_id), cause=repr(error))


def _require_kind(importing: Principal, kind: str) -> None:
    """Raise ForbiddenError unless one may hand in tables of this kind."""
    if not isinstance(importing, PartnerPrincipal):
        if kind == "certificates":
            raise ForbiddenError("Certificates are handed in by their certifier, with an API key.")
        if kind == "applications":
            raise ForbiddenError("Applications are handed in by the maker of the products, with an API key.")
        return
    scope = _SCOPES.get(kind)
    if scope is None:
        raise ForbiddenError(f"{kind} are handed in by operators.")
    if scope not in importing.scopes:
        raise ForbiddenError(f"This key lacks the scope {scope}; ask the programme for a key that has it.")


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


def _owner(importing: Principal) -> str:
    if isinstance(importing, PartnerPrincipal):
        return importing.label
    return f"programme:{importing.programme_id}"


def _organization(importing: Principal) -> UUID | None:
    return importing.organization_id if isinstance(importing, PartnerPrincipal) else None


def _name(file: UploadFile) -> str:
    """Return the file's name without folders and without what can not be printed."""
    name = PurePosixPath((file.filename or "").replace("\\", "/")).name
    return "".join(each for each in name if each.isprintable())[:200] or "unnamed"


def _shown(job: ImportJob) -> Import:
    values = {name: getattr(job, name) for name in Import.model_fields}
    return Import.model_validate(values | {"failure": job.failure or None})
