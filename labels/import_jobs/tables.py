"""An import, the file it came with until it is done, and what was wrong with its rows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, LargeBinary
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
    owner: str = Field(description="Who may see it: an organization, or the staff of a programme.")
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id")
    actor: str
    kind: str = Field(description="products, footprints, certificates, applications or baselines.")
    filename: str
    encoding: str = Field(description="Of a CSV file: utf-8 or gb18030.")
    size_bytes: int
    amend: bool = Field(description="Products registered by the same organization take new values.")
    dry_run: bool
    state: str = Field(default="waiting", description="waiting, running, done or failed.")
    failure: str = Field(default="", description="Why the file as a whole could not be imported.")
    attempts: int = Field(default=0, description="How often it was begun since it last came forward.")
    rows_done: int = 0
    registered: int = 0
    unchanged: int = 0
    quarantined: int = 0
    refused: int = 0
    problems: int = 0
    created_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    finished_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class ImportPart(SQLModel, table=True):
    """A piece of an import's file; removed when the import has ended."""

    __tablename__ = "import_part"

    job_id: UUID = Field(primary_key=True, foreign_key="import_job.id")
    number: int = Field(primary_key=True)
    data: bytes = Field(sa_type=LargeBinary)


class ImportProblem(SQLModel, table=True):
    """One thing that was wrong with one row; numbered from 1 in the order of the rows."""

    __tablename__ = "import_problem"

    job_id: UUID = Field(primary_key=True, foreign_key="import_job.id")
    number: int = Field(primary_key=True)
    row: int = Field(description="As a spreadsheet numbers it: the header is row 1.")
    field: str
    value: str
    reason: str
    remedy: str
