"""How many bytes each table and each index takes, and what that is for one credited activity."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import asyncpg

# What is too long for a row lies beside its table: it and its index count as the table's.
_SIZES: Final = """
    SELECT coalesce(i.indexrelid::regclass, c.oid::regclass)::text AS name,
        CASE WHEN i.indexrelid IS NULL THEN pg_table_size(c.oid) ELSE pg_relation_size(i.indexrelid) END AS bytes
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'public'
    LEFT JOIN (
        SELECT indrelid, indexrelid FROM pg_index UNION ALL SELECT oid, NULL FROM pg_class WHERE relkind = 'r'
    ) AS i ON i.indrelid = c.oid
    WHERE c.relkind = 'r'
"""

Sizes = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Share:
    """What one table or index has grown by for each activity."""

    name: str
    bytes_each: float


async def sizes(owner_url: str) -> Sizes:
    """Return the bytes of every table and every index of the service's own, by name."""
    connection = await asyncpg.connect(owner_url)
    try:
        return {row["name"]: row["bytes"] for row in await connection.fetch(_SIZES)}
    finally:
        await connection.close()


def shares(before: Sizes, after: Sizes, activities: int) -> list[Share]:
    """Return what each relation has grown by an activity, largest first; what has not grown is left out."""
    grown = {name: size - before.get(name, 0) for name, size in after.items()}
    found = [Share(name, size / activities) for name, size in grown.items() if size > 0]
    return sorted(found, key=lambda share: (-share.bytes_each, share.name))
