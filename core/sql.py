"""Running one statement for a whole batch, past the unit of work, which group commit has no use for."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, TextClause
from sqlmodel.ext.asyncio.session import AsyncSession


async def run(session: AsyncSession, statement: TextClause, parameters: Mapping[str, object]) -> Sequence[Row[Any]]:
    """Run `statement` in the session's own database transaction and return its rows, if it returns any."""
    connection = await session.connection()
    result = await connection.execute(statement, parameters)
    return result.all() if result.returns_rows else []
