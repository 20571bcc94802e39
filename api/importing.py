"""What every way to hand in a file shares: who may, what is kept of it, who is told, and how it is shown."""

import asyncio
from pathlib import PurePosixPath
from typing import Final
from uuid import UUID

import structlog
from kombu.exceptions import OperationalError

from api.errors import ForbiddenError
from api.principals import PartnerPrincipal, Principal
from api.schemas.imports import Import, SalesCounts
from labels.import_jobs.tables import ImportJob
from labels.import_jobs.uploads import NewImport
from points.earning.sales_files.lines import BY_REASON
from points.earning.sales_files.takers import CHUNK_LINES, UNFORESEEN
from points.earning.sales_files.takers import KINDS as SALES_KINDS
from points.programmes.access import Scope
from workers.app import send

_NO_ROWS: Final = "The file has no row below its header, so nothing came of it. See whether its export ended early."
_BLANK_ROWS: Final = "All rows of the file are blank, so nothing came of it. See whether its export left the cells out."
_SCOPES: Final = {
    "products": Scope.PRODUCTS_WRITE,
    "footprints": Scope.FOOTPRINTS_WRITE,
    "certificates": Scope.CERTIFICATES_WRITE,
    "applications": Scope.PRODUCTS_WRITE,
    "sales": Scope.SALES_WRITE,
    "returns": Scope.SALES_WRITE,
}

_log = structlog.get_logger("api.imports")


def require_kind(importing: Principal, kind: str) -> None:
    """Raise ForbiddenError unless one may hand in tables of this kind."""
    if not isinstance(importing, PartnerPrincipal):
        if kind == "certificates":
            raise ForbiddenError("Certificates are handed in by their certifier, with an API key.")
        if kind in SALES_KINDS:
            raise ForbiddenError(f"{kind} are handed in by the retailer, with an API key.")
        if kind == "applications":
            raise ForbiddenError("Applications are handed in by the maker of the products, with an API key.")
        return
    scope = _SCOPES.get(kind)
    if scope is None:
        raise ForbiddenError(f"{kind} are handed in by operators.")
    if scope not in importing.scopes:
        raise ForbiddenError(f"This key lacks the scope {scope}; ask the programme for a key that has it.")


async def queue(job_id: UUID) -> None:
    """Have a worker begin at once. Without a queue the sweep finds the import as soon as there is one again."""
    try:
        await asyncio.to_thread(send, "imports.run", str(job_id))
    except OperationalError as error:
        _log.warning("not queued", import_id=str(job_id), cause=repr(error))


def owner(importing: Principal, kind: str) -> str:
    """Return the name under which an import is theirs who hand it in: an organization, or a programme's staff.

    Sales count within a programme, and their reports have codes that are worth points: a key of the same organization
    for another programme, or for products alone, has nothing to do with them.
    """
    if not isinstance(importing, PartnerPrincipal):
        return f"programme:{importing.programme_id}"
    return f"{importing.label}:sales:{importing.programme_id}" if kind in SALES_KINDS else importing.label


def owners(importing: Principal) -> frozenset[str]:
    """Return every name under which imports are of somebody's concern: those of kinds they may hand in."""
    if not isinstance(importing, PartnerPrincipal):
        return frozenset({f"programme:{importing.programme_id}"})
    return frozenset(owner(importing, kind) for kind, scope in _SCOPES.items() if scope in importing.scopes)


def organization(importing: Principal) -> UUID | None:
    """Return the organization that hands a file in; None for staff."""
    return importing.organization_id if isinstance(importing, PartnerPrincipal) else None


def given(
    importing: Principal, kind: str, filename: str | None, encoding: str, *, amend: bool, dry_run: bool
) -> NewImport:
    """Return what is kept of a file that is handed in, but for the file itself."""
    return NewImport(
        owner=owner(importing, kind),
        organization_id=organization(importing),
        actor=importing.label,
        kind=kind,
        filename=_name(filename),
        encoding=encoding,
        amend=amend,
        dry_run=dry_run,
        within_id=importing.programme_id if kind in SALES_KINDS else None,
    )


def caveat_of(job: ImportJob) -> str | None:
    """Return what an import does not tell that is to be known before it is believed; None where there is nothing."""
    if job.cut and not job.rows_cut:
        return _NO_ROWS
    if job.cut and job.totals.get("blank") == job.rows_cut:
        return _BLANK_ROWS
    return UNFORESEEN if job.dry_run and job.kind in SALES_KINDS and job.rows_cut > CHUNK_LINES else None


def _name(filename: str | None) -> str:
    """Return a file's name without folders and without what can not be printed."""
    name = PurePosixPath((filename or "").replace("\\", "/")).name
    return "".join(each for each in name if each.isprintable())[:200] or "unnamed"


def shown(job: ImportJob) -> Import:
    """Return an import as it is told."""
    values = {name: getattr(job, name) for name in Import.model_fields if name not in {"rows_total", "sales", "caveat"}}
    values |= {"failure": job.failure or None, "rows_total": job.rows_cut if job.cut else None, "sales": None}
    values["caveat"] = caveat_of(job)
    if job.kind in SALES_KINDS:
        counts = {name: job.totals.get(name, 0) for name in SalesCounts.model_fields if name != "reasons"}
        reasons = {
            name.removeprefix(BY_REASON): count for name, count in job.totals.items() if name.startswith(BY_REASON)
        }
        values["sales"] = SalesCounts(**counts, reasons=reasons)
    return Import.model_validate(values)
