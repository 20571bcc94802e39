"""Years of activities in minutes: real sales, recorded by the service, copied with other buyers, days and keys.

What is copied is whatever the service wrote for them, column by column, so that a column added tomorrow is copied as
well. What has to differ is told in one place, below; balances and the totals of days are added up from the
copies. The audit says afterwards whether that makes the books the service would have written.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import asyncpg

from bench.world import World
from points.ledger import AccountKind

CHUNK: Final = 50_000
FIRST: Final = 4_000
"""How many are recorded to be copied."""
BASKET: Final = 4
"""Lines that one resident is credited on one day: in a year of real groceries (The Complete Journey, 2017) it is 4.8,
for 159,139 lines that earned something on 33,420 days of households.
"""
SERIES: Final = 100
"""Lines whose receipts' numbers differ in their last two characters: a till's of some minutes, so that their keys begin
alike.
"""
TIME_ZONE: Final = "Asia/Shanghai"

# Keys begin alike where one till's receipts follow each other (points.earning.keys): so do the copies'.
_KEY: Final = """
    split_part(s.key, ':', 1) || ':' || c.place || left(
        translate(encode(sha512(uuid_send(c.new_id)), 'base64'), E'+/=\\n', '-_'),
        length(s.key) - length(split_part(s.key, ':', 1)) - 1 - length(c.place)
    )
"""
_DAY: Final = f"CAST((s.effective_at + c.shift) AT TIME ZONE '{TIME_ZONE}' AS date)"
# Points lapse at midnight of the programme's own time zone, which has no daylight saving.
_MIDNIGHT: Final = "s.expires_at + date_trunc('day', c.shift)"

_DIFFERENT: Final = {
    "claim": {"key": _KEY, "input_hash": "uuid_send(uuidv7())", "entry_id": "c.new_id"},
    "entry": {"entry_id": "c.new_id", "resident_id": "c.new_resident", "effective_at": "s.effective_at + c.shift"},
    "posting": {
        "entry_id": "c.new_id",
        "source_id": "CASE WHEN s.source_id = c.old_resident THEN c.new_resident ELSE s.source_id END",
        "destination_id": "CASE WHEN s.destination_id = c.old_resident THEN c.new_resident ELSE s.destination_id END",
    },
    "activity": {
        "activity_id": "c.new_id",
        "resident_id": "c.new_resident",
        "effective_at": "s.effective_at + c.shift",
        "day": _DAY,
    },
    "lot": {
        "lot_id": "c.new_id",
        "resident_id": "c.new_resident",
        "matures_at": "s.matures_at + c.shift",
        "expires_at": _MIDNIGHT,
    },
}
_KEPT: Final = (AccountKind.RESIDENT, AccountKind.PENDING, AccountKind.BUDGET)
"""The accounts that awards move, of those whose balance is kept."""

_ID: Final = {
    "claim": "entry_id",
    "entry": "entry_id",
    "posting": "entry_id",
    "activity": "activity_id",
    "lot": "lot_id",
}

# Recorded now and in order, like what comes after them: an index that grows at its end is half the size of one that
# grows in its middle. Only what took effect, and on which day, lies back in time.
_COPIED: Final = """
    INSERT INTO filling.copied (old_id, old_resident, new_id, shift, new_resident, place)
    WITH basket AS MATERIALIZED (
        SELECT b.number, $3::interval + ($4::interval - $3::interval) * b.number * $6::int / $5::int AS shift,
            CAST($1::text || lpad(to_hex(CAST(floor(random() * $2::int) AS int)), 8, '0') AS uuid) AS resident_id
        FROM generate_series(0, ($5::int - 1) / $6::int) AS b (number)
    )
    SELECT t.activity_id, t.old_resident, uuidv7(), t.shift, t.resident_id,
        left(translate(encode(decode(md5(t.series), 'hex'), 'base64'), '+/', '-_'), 4)
    FROM (
        SELECT s.activity_id, s.resident_id AS old_resident, b.shift, b.resident_id,
            concat($3::interval, ' ', n.number / $7::int) AS series
        FROM generate_series(0, $5::int - 1) AS n (number)
        JOIN basket AS b ON b.number = n.number / $6::int
        JOIN (SELECT *, row_number() OVER () - 1 AS place FROM filling.first_activity) AS s
            ON s.place = n.number % (SELECT count(*) FROM filling.first_activity)
        ORDER BY n.number
    ) AS t
"""
_PLACE: Final = """
    DROP SCHEMA IF EXISTS filling CASCADE;
    CREATE SCHEMA filling;
    CREATE UNLOGGED TABLE filling.copied (
        old_id uuid, old_resident uuid, new_id uuid, shift interval, new_resident uuid, place text
    );
"""
# Each table is written by one connection, in order; together they keep the machine busy.
_TOGETHER: Final = (("posting",), ("claim", "entry", "lot"), ("activity",))
_MOVED: Final = """
    WITH moved AS (
        SELECT owner, kind, asset, sum(change)::bigint AS change FROM (
            SELECT {destination} AS owner, s.destination_kind AS kind, s.asset, s.amount AS change
            FROM filling.copied AS c JOIN filling.first_posting AS s ON s.entry_id = c.old_id
            UNION ALL
            SELECT {source}, s.source_kind, s.asset, -s.amount
            FROM filling.copied AS c JOIN filling.first_posting AS s ON s.entry_id = c.old_id
        ) AS m
        WHERE kind = ANY($2::int[]) GROUP BY owner, kind, asset ORDER BY owner
    )
    MERGE INTO balance AS b USING moved AS m
    ON b.programme_id = $1 AND b.owner_id = m.owner AND b.kind = m.kind AND b.asset = m.asset
    WHEN MATCHED THEN UPDATE SET amount = b.amount + m.change
    WHEN NOT MATCHED THEN INSERT (programme_id, owner_id, kind, asset, amount)
        VALUES ($1, m.owner, m.kind, m.asset, m.change)
"""
_DAYS: Final = f"""
    INSERT INTO resident_day AS d (programme_id, resident_id, day, grams, points, activities, discoveries, last_at)
    SELECT $1, c.new_resident, {_DAY}, sum(s.grams), sum(s.points), count(*), 0, max(s.effective_at + c.shift)
    FROM filling.copied AS c JOIN filling.first_activity AS s ON s.activity_id = c.old_id GROUP BY 2, 3
    ON CONFLICT (programme_id, resident_id, day) DO UPDATE SET
        grams = d.grams + excluded.grams, points = d.points + excluded.points,
        activities = d.activities + excluded.activities, last_at = greatest(d.last_at, excluded.last_at)
"""  # noqa: S608 - made of the constants above


@dataclass(frozen=True, slots=True)
class Span:
    """So many activities, spread evenly from one time to another, both counted from when the first were recorded."""

    activities: int
    begins: timedelta
    ends: timedelta


def spans(activities: int, begins: timedelta, ends: timedelta, most: int = CHUNK) -> Iterator[Span]:
    """Cut a time into spans of at most `most` activities, without a gap and in order."""
    done = 0
    while done < activities:
        size = min(most, activities - done)
        length = ends - begins
        yield Span(size, begins + length * (done / activities), begins + length * ((done + size) / activities))
        done += size


async def fill(owner_url: str, world: World, wanted: Span, say: Callable[[str], None]) -> None:
    """Copy the first activities until `wanted` have been added."""
    connections = [await asyncpg.connect(owner_url) for _ in _TOGETHER]
    try:
        for connection in connections:
            await connection.execute("SET synchronous_commit = off")
        await _take_up(connections[0], world)
        done = 0
        for span in spans(wanted.activities, wanted.begins, wanted.ends):
            await _draw(connections[0], world, span)
            async with asyncio.TaskGroup() as together:
                for connection, tables in zip(connections, _TOGETHER, strict=True):
                    together.create_task(_copy(connection, world, tables))
            done += span.activities
            if done % (10 * CHUNK) < span.activities:
                say(f"{done:,} of {wanted.activities:,} activities filled in")
        await connections[0].execute("DROP SCHEMA filling CASCADE")
    finally:
        for connection in connections:
            await connection.close()


async def _take_up(connection: asyncpg.Connection, world: World) -> None:
    """Put the first activities and all that was written with them aside."""
    await connection.execute(_PLACE)
    ours = f"programme_id = '{world.programme_id}'"
    first = f"(SELECT activity_id FROM activity WHERE {ours} ORDER BY activity_id LIMIT {FIRST})"  # noqa: S608 - an id
    for table, column in _ID.items():
        await connection.execute(
            f"CREATE UNLOGGED TABLE filling.first_{table} AS SELECT * FROM {table} "  # noqa: S608 - constants and an id
            f"WHERE {ours} AND {column} IN {first}"
        )
        await connection.execute(f"ANALYZE filling.first_{table}")


async def _draw(connection: asyncpg.Connection, world: World, span: Span) -> None:
    """Draw buyers and times for the next copies."""
    prefix = world.resident_ids[0].hex[:24]
    await connection.execute("TRUNCATE filling.copied")
    most = len(world.resident_ids)
    await connection.execute(_COPIED, prefix, most, span.begins, span.ends, span.activities, BASKET, SERIES)
    await connection.execute("ANALYZE filling.copied")


async def _copy(connection: asyncpg.Connection, world: World, tables: Sequence[str]) -> None:
    """Write the copies into some tables, and with the activities what is added up from them."""
    async with connection.transaction():
        for table in tables:
            await connection.execute(await _copying(connection, table))
        if "activity" not in tables:
            return
        await connection.execute(_DAYS, world.programme_id)
        different = _DIFFERENT["posting"]
        moved = _MOVED.format(source=different["source_id"], destination=different["destination_id"])
        await connection.execute(moved, world.programme_id, [int(kind) for kind in _KEPT])


async def _copying(connection: asyncpg.Connection, table: str) -> str:
    """Return the statement that copies the rows of one table, whatever columns it has."""
    rows = await connection.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped", table
    )
    names = [row["attname"] for row in rows]
    return copying(table, names)


def copying(table: str, columns: list[str]) -> str:
    """Return the statement that copies rows of `table` for what stands in `copied`: all as it was but for the ids."""
    values = (_DIFFERENT[table].get(name, f"s.{name}") for name in columns)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "  # noqa: S608 - names of the catalogue
        f"FROM filling.copied AS c JOIN filling.first_{table} AS s ON s.{_ID[table]} = c.old_id"
    )
