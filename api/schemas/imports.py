"""Imports: what is handed in, and how far it has come."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from api.schemas import Schema

Kind = Literal["products", "footprints", "certificates", "applications", "baselines"]
Encoding = Literal["utf-8", "gb18030"]


class Import(Schema):
    """A file on its way into the registry."""

    id: UUID
    kind: Kind
    filename: str
    size_bytes: int
    dry_run: bool = Field(description="Nothing is registered; the counts say what would become of the rows.")
    amend: bool = Field(description="Products you registered take the values of the file.")
    state: Literal["waiting", "running", "done", "failed"]
    failure: str | None = Field(
        description="Why the file as a whole could not be read; rows counted before that stand."
    )
    rows_done: int
    registered: int
    unchanged: int = Field(description="Rows of which the same was registered before.")
    quarantined: int = Field(description="Footprints out of their category's plausible range, kept for review.")
    refused: int = Field(description="Rows that were refused; `report.csv` says why and what to do.")
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class ImportPage(Schema):
    """Imports, the newest first."""

    imports: list[Import]
    next_cursor: str | None
