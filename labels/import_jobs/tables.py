"""An import, the file it came with until it is cut into chunks of rows, and what became of those."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core import clock
from core.ids import new_id


class ImportJob(SQLModel, table=True):
    """A file to be imported, and how far that has come. The counts move in the transactions that do the work."""

    __tablename__ = "import_job"
    __table_args__ = (
        Index("ix_import_job_owner", "owner", "id"),
        Index("ix_import_job_state_updated_at", "state", "updated_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    owner: str = Field(
        description="Who may see it: an organization, of sales in one programme, or a programme's staff."
    )
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id")
    actor: str
    within_id: UUID | None = Field(default=None, description="What it counts within, for kinds that count somewhere.")
    kind: str = Field(description="products, footprints, certificates, applications, baselines, or what others import.")
    filename: str
    encoding: str = Field(description="Of a CSV file: utf-8 or gb18030.")
    size_bytes: int
    amend: bool = Field(description="Products registered by the same organization take new values.")
    dry_run: bool
    state: str = Field(default="waiting", description="uploading, waiting, running, done, failed or cancelled.")
    failure: str = Field(default="", description="Why the file as a whole could not be imported.")
    attempts: int = Field(default=0, description="How often it was begun since it last came forward.")
    header: list[str] | None = Field(default=None, sa_type=JSONB, description="The columns; known once it was begun.")
    rows_cut: int = Field(default=0, description="Rows of the file that were cut into chunks so far.")
    bytes_cut: int = Field(default=0, description="Byte of the file after the last of them; 0 in a workbook.")
    cut: bool = Field(default=False, description="All of the file is chunks.")
    rows_done: int = 0
    registered: int = 0
    unchanged: int = 0
    quarantined: int = 0
    refused: int = 0
    totals: dict[str, int] = Field(default_factory=dict, sa_type=JSONB, description="What else is counted, by name.")
    created_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    finished_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class ImportPart(SQLModel, table=True):
    """A piece of an import's file; all but the last are of one size. Removed when all of it is chunks."""

    __tablename__ = "import_part"

    job_id: UUID = Field(primary_key=True, foreign_key="import_job.id")
    number: int = Field(primary_key=True)
    data: bytes = Field(sa_type=LargeBinary)


class ImportChunk(SQLModel, table=True):
    """Some rows of an import's file that are taken together, in one database transaction, and what became of them."""

    __tablename__ = "import_chunk"

    job_id: UUID = Field(primary_key=True, foreign_key="import_job.id")
    number: int = Field(primary_key=True)
    first_row: int = Field(
        description="Number of the first row of its stretch as a spreadsheet shows it: the header is row 1."
    )
    rows: int
    data: bytes | None = Field(
        default=None,
        sa_type=LargeBinary,
        description="The rows, as JSON, until it is done; with their numbers where they do not follow each other.",
    )
    done: bool = False
    report: bytes | None = Field(
        default=None, sa_type=LargeBinary, description="What is told of its rows, as JSON, a list a line."
    )
