"""Cut imports into chunks that several workers take at once, each with its report; let sales and returns be handed in.

Imports that are under way are given up: they are registered again from the same file in no time.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: None = None
depends_on: None = None

_GIVEN_UP = """
    UPDATE import_job SET state = 'failed', finished_at = updated_at,
        failure = 'The service was updated while this was under way; hand the file in again.'
    WHERE state NOT IN ('done', 'failed')
"""
_REPORTED = """
    INSERT INTO import_chunk (job_id, number, first_row, rows, done, report)
    SELECT job_id, 0, 2, 0, true, convert_to(
        CAST(json_agg(json_build_array(row, field, value, reason, remedy) ORDER BY number) AS text), 'UTF8')
    FROM import_problem GROUP BY job_id
"""


def upgrade() -> None:
    op.execute(_GIVEN_UP)
    op.execute("DELETE FROM import_part")
    op.create_table(
        "import_chunk",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_row", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["import_job.id"]),
        sa.PrimaryKeyConstraint("job_id", "number"),
    )
    # Read once and then gone: to pack it would cost more than to write it.
    op.execute("ALTER TABLE import_chunk ALTER COLUMN data SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE import_part ALTER COLUMN data SET STORAGE EXTERNAL")
    op.execute(_REPORTED)
    op.drop_table("import_problem")
    op.drop_column("import_job", "problems")
    op.add_column("import_job", sa.Column("within_id", sa.Uuid(), nullable=True))
    op.add_column("import_job", sa.Column("header", postgresql.JSONB(), nullable=True))
    for name in ("rows_cut", "bytes_cut"):
        op.add_column("import_job", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        op.alter_column("import_job", name, server_default=None)
    op.add_column("import_job", sa.Column("cut", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("import_job", "cut", server_default=None)
    op.add_column("import_job", sa.Column("totals", postgresql.JSONB(), nullable=False, server_default="{}"))
    op.alter_column("import_job", "totals", server_default=None)
    op.execute("UPDATE import_job SET cut = true, rows_cut = rows_done")


def downgrade() -> None:
    op.execute("DELETE FROM import_part")
    op.execute("DELETE FROM import_chunk")
    op.execute(_GIVEN_UP)
    op.drop_table("import_chunk")
    op.execute("DELETE FROM import_job WHERE within_id IS NOT NULL")
    for name in ("within_id", "header", "rows_cut", "bytes_cut", "cut", "totals"):
        op.drop_column("import_job", name)
    op.add_column("import_job", sa.Column("problems", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("import_job", "problems", server_default=None)
    op.create_table(
        "import_problem",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("remedy", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["import_job.id"]),
        sa.PrimaryKeyConstraint("job_id", "number"),
    )
