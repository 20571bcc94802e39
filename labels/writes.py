"""The registry's INSERTs: one statement for any number of rows, arrays in, and the keys that were new out."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.queries import run

_SEPARATOR: Final = "\x1f"
"""Between the texts of a column that is sent as one text; where one of them holds it, an array is sent instead."""
_MANY: Final = 100


@cache
def _insert(
    model: type[SQLModel], arrays: tuple[str, ...], joined: tuple[str, ...], constant: tuple[str, ...], *, plainly: bool
) -> TextClause:
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves this constructor untyped
    names = (*arrays, *joined, *constant)
    types = {name: table.columns[name].type.compile(dialect) for name in names}
    sources = [
        *(f"CAST(:{name} AS {types[name]}[])" for name in arrays),
        *(f"string_to_array(:{name}, '{_SEPARATOR}')" for name in joined),
    ]
    values = [*(f"n.{name}" for name in (*arrays, *joined)), *(f"CAST(:{name} AS {types[name]})" for name in constant)]
    (key,) = table.primary_key.columns
    plain = (
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(values)} "  # noqa: S608 - our own tables
        f"FROM unnest({', '.join(sources)}) AS n ({', '.join((*arrays, *joined))})"
    )
    if plainly:
        return text(plain)
    return text(
        f"WITH made AS ({plain} ON CONFLICT DO NOTHING RETURNING {key.name}) "  # noqa: S608 - as above
        f"SELECT CASE WHEN count(*) < :size THEN coalesce(array_agg({key.name}), "
        f"CAST('{{}}' AS {key.type.compile(dialect)}[])) END FROM made"
    )


async def insert(session: AsyncSession, model: type[SQLModel], rows: Sequence[Mapping[str, object]]) -> set[Any]:
    """Insert rows that all give the same columns, sorted by the caller; return the keys of those that were new.

    Columns that no row gives take the database's default. A row that somebody else registered at the same moment is
    left out, not raised: its key is not returned.
    """
    if not rows:
        return set()
    return await insert_columns(session, model, {name: [row[name] for row in rows] for name in rows[0]})


async def insert_columns(
    session: AsyncSession, model: type[SQLModel], columns: Mapping[str, Sequence[object]]
) -> set[Any]:
    """Insert rows given column by column, as `insert` does.

    A column that is the same in every row is sent once, many texts are sent as one (the driver looks at each element of
    an array several times), and keys come back only when some row was left out. Many rows are tried as if all were new:
    that a row may stand already costs PostgreSQL a third more for those that do not.
    """
    key = model.__table__.primary_key.columns.keys()[0]  # type: ignore[attr-defined]  # as in _insert
    keys = columns[key]
    sent: dict[str, object] = {}
    shape: dict[str, list[str]] = {"arrays": [], "joined": [], "constant": []}
    for name, values in columns.items():
        if name != key and values.count(values[0]) == len(values):
            form, sent[name] = "constant", values[0]
        else:
            joined = _joined(values)
            form, sent[name] = ("arrays", list(values)) if joined is None else ("joined", joined)
        shape[form].append(name)
    names = [tuple(each) for each in shape.values()]
    if len(keys) >= _MANY and await _all_new(session, _insert(model, *names, plainly=True), sent):
        return set(keys)
    ((new,),) = await run(session, _insert(model, *names, plainly=False), sent | {"size": len(keys)})
    return set(keys) if new is None else set(new)


async def _all_new(session: AsyncSession, statement: TextClause, sent: dict[str, object]) -> bool:
    """Insert rows all of which are new, or return False and leave everything as it was."""
    try:
        async with session.begin_nested():
            await run(session, statement, sent)
    except IntegrityError:
        return False
    return True


def _joined(values: Sequence[object]) -> str | None:
    """Return many texts as one, or None when they are few, no texts, or hold the separator."""
    if len(values) < _MANY or set(map(type, values)) != {str}:
        return None
    joined = _SEPARATOR.join(values)  # type: ignore[arg-type]  # looked at one line above
    return joined if joined.count(_SEPARATOR) == len(values) - 1 else None
