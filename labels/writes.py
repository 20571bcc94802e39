"""The registry's INSERTs: one statement for any number of rows, arrays in, and the keys that were new out."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.queries import run


@cache
def _insert(model: type[SQLModel], names: tuple[str, ...]) -> TextClause:
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves this constructor untyped
    arrays = ", ".join(f"CAST(:{name} AS {table.columns[name].type.compile(dialect)}[])" for name in names)
    (key,) = table.primary_key.columns
    return text(
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT * FROM unnest({arrays}) "  # noqa: S608 - our own tables
        f"ON CONFLICT DO NOTHING RETURNING {key.name}"
    )


async def insert(session: AsyncSession, model: type[SQLModel], rows: Sequence[Mapping[str, object]]) -> set[Any]:
    """Insert rows that all give the same columns, sorted by the caller; return the keys of those that were new.

    Columns that no row gives take the database's default. A row that somebody else registered at the same moment is
    left out, not raised: its key is not returned.
    """
    if not rows:
        return set()
    names = tuple(rows[0])
    inserted = await run(session, _insert(model, names), {name: [row[name] for row in rows] for name in names})
    return {row[0] for row in inserted}
