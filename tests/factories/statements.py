"""Counting what is said to the database, whichever way it is said."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

from core import sql


@contextmanager
def counted() -> Iterator[list[str]]:
    """Yield a list that grows by every statement that is run while the block runs."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    sql.watchers.append(seen.append)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        sql.watchers.remove(seen.append)
