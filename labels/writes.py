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
def _insert(model: type[SQLModel]) -> tuple[TextClause, tuple[str, ...]]:
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves this constructor untyped
    names = tuple(column.name for column in table.columns)
    arrays = ", ".join(f"CAST(:{column.name} AS {column.type.compile(dialect)}[])" for column in table.columns)
    (key,) = table.primary_key.columns
    statement = (
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT * FROM unnest({arrays}) "  # noqa: S608 - our own tables
        f"ON CONFLICT DO NOTHING RETURNING {key.name}"
    )
    return text(statement), names


async def insert(session: AsyncSession, model: type[SQLModel], rows: Sequence[Mapping[str, object]]) -> set[Any]:
    """Insert rows that give every column of `model`, sorted by the caller; return the keys of those that were new.

    A row that somebody else registered at the same moment is left out, not raised: its key is not returned.
    """
    if not rows:
        return set()
    statement, names = _insert(model)
    inserted = await run(session, statement, {name: [row[name] for row in rows] for name in names})
    return {row[0] for row in inserted}
