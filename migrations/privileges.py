"""What the service's role may do: read and write, own nothing, and only add to what is append-only."""

from collections.abc import Iterator

import sqlalchemy as sa

from core.errors import OperatorError
from migrations.metadata import APPEND_ONLY

_VERSION_TABLE = "alembic_version"


def grants(connection: sa.Connection, role: str | None) -> Iterator[sa.TextClause]:
    """Yield the statements that give `role` exactly its rights on every table there is; none when it is the owner.

    Raises:
        OperatorError: no such role.
    """
    if role is None or role == connection.scalar(sa.text("SELECT current_user")):
        return
    if not connection.scalar(sa.text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": role}):
        raise OperatorError(f"TANHUI_DATABASE_URL names the role {role!r}, which this server lacks: create it first.")
    quote = connection.dialect.identifier_preparer.quote
    who = quote(role)
    yield sa.text(f"GRANT USAGE ON SCHEMA public TO {who}")
    for table in sorted(sa.inspect(connection).get_table_names(schema="public")):
        rights = "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
        if table == _VERSION_TABLE:
            rights = "SELECT"
        yield sa.text(f"REVOKE ALL ON {quote(table)} FROM {who}")
        yield sa.text(f"GRANT {rights} ON {quote(table)} TO {who}")
