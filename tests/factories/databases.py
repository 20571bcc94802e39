"""What a database has, as it is stored."""

import json

import asyncpg


async def rows(url: str, table: str) -> list[dict[str, object]]:
    """Return all rows of a table, in an order that is the same for the same rows."""
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetch(f"SELECT to_jsonb(t)::text FROM {table} t")
    finally:
        await connection.close()
    return sorted((json.loads(row[0]) for row in found), key=str)
