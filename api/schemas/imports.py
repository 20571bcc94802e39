"""Imports: what is handed in, and how far it has come."""

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import Field

from api.schemas import Schema

Kind = Literal["products", "footprints", "certificates", "applications", "baselines", "sales", "returns"]

WAITING_EXAMPLE: Final[dict[str, Any]] = {
    "id": "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f",
    "kind": "products",
    "filename": "春茶2026.xlsx",
    "size_bytes": 48_213,
    "dry_run": True,
    "amend": False,
    "state": "waiting",
    "failure": None,
    "rows_total": None,
    "rows_done": 0,
    "registered": 0,
    "unchanged": 0,
    "quarantined": 0,
    "refused": 0,
    "sales": None,
    "caveat": None,
    "created_at": "2026-05-01T02:00:00Z",
    "updated_at": "2026-05-01T02:00:00Z",
    "finished_at": None,
}
UPLOADED_EXAMPLE: Final[dict[str, Any]] = WAITING_EXAMPLE | {
    "kind": "sales",
    "filename": "till-2026-05-01.csv",
    "sales": {
        "credited": 0,
        "replayed": 0,
        "held": 0,
        "returned": 0,
        "refused": 0,
        "unreadable": 0,
        "grams": 0,
        "points": 0,
        "grams_taken_back": 0,
        "points_taken_back": 0,
        "reasons": {},
    },
}


class SalesCounts(Schema):
    """What became of the lines of a file of sales or returns so far; in a dry run, what would."""

    credited: int
    replayed: int = Field(description="Lines credited before, by another file or request; nothing was credited again.")
    held: int = Field(description="Lines that an operator of the programme looks at first.")
    returned: int = Field(description="Lines of returns that were taken.")
    refused: int
    unreadable: int = Field(description="Rows that say nothing that could be credited or refused.")
    grams: int = Field(description="CO2e saved, credited now.")
    points: int = Field(description="Credited now.")
    grams_taken_back: int = Field(description="CO2e that returns took back now.")
    points_taken_back: int = Field(description="Points that returns took back now.")
    reasons: dict[str, int] = Field(description="Lines that were refused or held, by the reason.")


class Import(Schema):
    """A file on its way into the registry, or of sales on their way to residents."""

    id: UUID
    kind: Kind
    filename: str
    size_bytes: int
    dry_run: bool = Field(description="Nothing is registered; the counts say what would become of the rows.")
    amend: bool = Field(description="Products you registered take the values of the file.")
    state: Literal["uploading", "waiting", "running", "done", "failed", "cancelled"]
    failure: str | None = Field(
        description="Why the file could not be read, so that no row counts; or why it was left, and `rows_done` count."
    )
    rows_total: int | None = Field(description="Rows the file has; null until all of it was looked at once.")
    rows_done: int
    registered: int
    unchanged: int = Field(description="Rows of which the same was registered before.")
    quarantined: int = Field(description="Footprints out of their category's plausible range, kept for review.")
    refused: int = Field(description="Rows that were refused; `report.csv` says why and what to do.")
    sales: SalesCounts | None = Field(description="For a file of sales or returns; null for others.")
    caveat: str | None = Field(
        description="What is to be known before this is believed: what a dry run did not foresee, so that less may "
        "count in earnest, or that the file has no row, or of sales blank ones alone; null where there is nothing."
    )
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class ImportPage(Schema):
    """Imports, the newest first."""

    imports: list[Import]
    next_cursor: str | None
