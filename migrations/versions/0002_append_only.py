"""Refuse to change what is only ever added to.

Privileges already keep the service from it; these triggers say so to everybody else, the owner included, and name the
remedy. Nothing depends on them.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: None = None
depends_on: None = None

_TABLES = ("entry", "posting", "certificate_event")

_FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are only ever added, never changed or removed: % is refused.', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'insufficient_privilege',
          HINT = 'Record what happened as a new row: a reversing entry, a further certificate event.';
END $$
"""


def upgrade() -> None:
    op.execute(_FUNCTION)
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"DROP TRIGGER {table}_is_append_only ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
