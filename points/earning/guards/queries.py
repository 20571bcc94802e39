"""Every SQL statement that screening makes, each one for a whole batch."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.earning.activities import Kind
from points.earning.guards.needs import Counted, Scope, TallyKey
from points.earning.guards.rules import Seen

_MILLISECOND_BITS: Final = 80
_RECORDED_EARLIER: Final = timedelta(days=1)
"""An activity is recorded after it happened, but for clocks that differ, and never by this much."""

# Units are those that stand: a sale's without the label units it confirmed, which count themselves while they stand.
# Ids are in the order of recording, so the index of a resident's entries is read from a moment on.
_SEEN: Final = text("""
    SELECT a.resident_id, a.activity_id, a.retailer_id, a.kind, b.gtin, p.category_id,
        greatest(0, a.quantity - coalesce(jsonb_array_length(a.detail -> 'matched'), 0) + coalesce((
            SELECT sum(CASE j.activity_id WHEN a.activity_id THEN j.units ELSE -j.units END) FROM adjustment AS j
            WHERE j.programme_id = :programme_id AND j.activity_id IN (
                SELECT a.activity_id UNION ALL
                SELECT CAST(m.id AS uuid) FROM jsonb_array_elements_text(a.detail -> 'matched') AS m (id)
            )
        ), 0))::integer AS units, a.effective_at, a.day
    FROM unnest(CAST(:resident_ids AS uuid[]), CAST(:first_ids AS uuid[]), CAST(:sinces AS timestamptz[]))
        AS t (resident_id, first_id, since)
    JOIN entry AS e ON e.programme_id = :programme_id AND e.resident_id = t.resident_id AND e.entry_id >= t.first_id
    JOIN activity AS a ON a.programme_id = e.programme_id AND a.activity_id = e.entry_id AND a.effective_at >= t.since
    JOIN basis AS b ON b.programme_id = :programme_id AND b.basis_id = a.basis_id
    LEFT JOIN product AS p ON p.gtin = b.gtin
""")
_STAFF: Final = text("""
    SELECT m.retailer_id, m.resident_id
    FROM unnest(CAST(:retailer_ids AS uuid[]), CAST(:resident_ids AS uuid[])) AS t (retailer_id, resident_id)
    JOIN retailer_staff_member AS m ON m.programme_id = :programme_id
        AND m.retailer_id = t.retailer_id AND m.resident_id = t.resident_id
""")
# In the order of the key, so that two batches never wait for each other in a circle. What is locked here is locked
# until the commit: a cap that is compared with what this returns is exact.
_COUNT: Final = text("""
    INSERT INTO tally AS y (programme_id, scope, subject, period, lines, units, grams)
    SELECT :programme_id, t.scope, t.subject, t.period, t.lines, t.units, 0
    FROM unnest(CAST(:scopes AS smallint[]), CAST(:subjects AS text[]), CAST(:periods AS integer[]),
        CAST(:lines AS integer[]), CAST(:units AS bigint[])) AS t (scope, subject, period, lines, units)
    ORDER BY t.scope, t.subject COLLATE "C", t.period
    ON CONFLICT (programme_id, scope, subject, period) DO UPDATE SET
        lines = y.lines + excluded.lines, units = y.units + excluded.units
    RETURNING y.scope, y.subject, y.period, y.lines, y.units, y.grams
""")
_EARLIER: Final = text("""
    SELECT t.scope, t.subject, y.period, y.lines, y.units, y.grams
    FROM unnest(CAST(:scopes AS smallint[]), CAST(:subjects AS text[]), CAST(:firsts AS integer[]),
        CAST(:lasts AS integer[])) AS t (scope, subject, first, last)
    JOIN tally AS y ON y.programme_id = :programme_id AND y.scope = t.scope AND y.subject = t.subject
        AND y.period BETWEEN t.first AND t.last
""")
_CREDITED: Final = text("""
    UPDATE tally AS y SET grams = y.grams + t.grams
    FROM unnest(CAST(:scopes AS smallint[]), CAST(:subjects AS text[]), CAST(:periods AS integer[]),
        CAST(:grams AS bigint[])) AS t (scope, subject, period, grams)
    WHERE y.programme_id = :programme_id AND y.scope = t.scope AND y.subject = t.subject AND y.period = t.period
""")
# In the order of the key, as counting locks them: nobody has locked these before.
_FREED: Final = text("""
    UPDATE tally AS y SET grams = y.grams - t.grams
    FROM (
        SELECT k.scope, k.subject, k.period, t.grams
        FROM unnest(CAST(:scopes AS smallint[]), CAST(:subjects AS text[]), CAST(:periods AS integer[]),
            CAST(:grams AS bigint[])) AS t (scope, subject, period, grams)
        JOIN tally AS k ON k.programme_id = :programme_id AND k.scope = t.scope AND k.subject = t.subject
            AND k.period = t.period
        ORDER BY k.scope, k.subject COLLATE "C", k.period FOR NO KEY UPDATE OF k
    ) AS t
    WHERE y.programme_id = :programme_id AND y.scope = t.scope AND y.subject = t.subject AND y.period = t.period
""")
_LOCK_HOUSEHOLDS: Final = text("""
    SELECT h.household_id FROM household AS h
    WHERE h.programme_id = :programme_id AND h.household_id IN (
        SELECT coalesce(r.household_id, r.left_household_id) FROM resident AS r
        WHERE r.programme_id = :programme_id AND r.resident_id = ANY(CAST(:resident_ids AS uuid[]))
    )
    ORDER BY h.household_id FOR NO KEY UPDATE OF h
""")
# A statement of its own, so that it sees what was committed while the lock was waited for. Who left a household shares
# its caps until the month is over: else one would leave whenever they are reached. Points that wait for their budget
# count as if they were paid: read in the same statement as the days they will stand in, so that what another member is
# granted at this very moment counts once.
_HOUSEHOLD_USAGE: Final = text("""
    SELECT m.resident_id, h.household_id, t.day,
        coalesce(sum(d.grams) FILTER (WHERE d.day = t.day), 0)::bigint AS day_grams,
        coalesce(sum(d.points) FILTER (WHERE d.day = t.day), 0)::bigint AS day_points,
        coalesce(sum(d.grams), 0)::bigint AS month_grams,
        coalesce(sum(d.points), 0)::bigint AS month_points
    FROM unnest(CAST(:resident_ids AS uuid[]), CAST(:days AS date[])) AS t (resident_id, day)
    JOIN resident AS m ON m.programme_id = :programme_id AND m.resident_id = t.resident_id
    JOIN unnest(CAST(:household_ids AS uuid[])) AS h (household_id)
        ON h.household_id = coalesce(m.household_id, m.left_household_id)
        AND (m.household_id IS NOT NULL
            OR (m.household_since AT TIME ZONE :time_zone)::date >= date_trunc('month', t.day)::date)
    CROSS JOIN LATERAL (
        SELECT resident_id FROM resident WHERE programme_id = :programme_id AND household_id = h.household_id
        UNION ALL
        SELECT resident_id FROM resident WHERE programme_id = :programme_id AND left_household_id = h.household_id
            AND (household_since AT TIME ZONE :time_zone)::date >= date_trunc('month', t.day)::date
    ) AS r
    LEFT JOIN LATERAL (
        SELECT day, grams, points FROM resident_day
        WHERE programme_id = :programme_id AND resident_id = r.resident_id
            AND day >= date_trunc('month', t.day)::date
            AND day < (date_trunc('month', t.day) + interval '1 month')::date
        UNION ALL
        SELECT day, 0, points FROM waiting_award
        WHERE programme_id = :programme_id AND resident_id = r.resident_id AND state = 1
            AND day >= date_trunc('month', t.day)::date
            AND day < (date_trunc('month', t.day) + interval '1 month')::date
    ) AS d ON true
    GROUP BY m.resident_id, h.household_id, t.day
""")


async def seen(session: AsyncSession, programme_id: UUID, sinces: Mapping[UUID, datetime]) -> dict[UUID, list[Seen]]:
    """Return the activities of residents that happened from each one's moment on, in no order."""
    first_ids = [first_id_at(since - _RECORDED_EARLIER) for since in sinces.values()]
    rows = await run(
        session,
        _SEEN,
        {
            "programme_id": programme_id,
            "resident_ids": list(sinces),
            "first_ids": first_ids,
            "sinces": list(sinces.values()),
        },
    )
    found: dict[UUID, list[Seen]] = {resident_id: [] for resident_id in sinces}
    for row in rows:
        found[row.resident_id].append(
            Seen(
                row.activity_id,
                row.retailer_id,
                Kind(row.kind),
                row.gtin,
                row.category_id,
                row.units,
                row.effective_at,
                row.day,
            )
        )
    return found


def first_id_at(moment: datetime) -> UUID:
    """Return an id below every one made from `moment` on: ids begin with the millisecond they were made at."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << _MILLISECOND_BITS)


async def staff_among(
    session: AsyncSession, programme_id: UUID, pairs: Collection[tuple[UUID, UUID]]
) -> set[tuple[UUID, UUID]]:
    """Return those pairs of retailer and resident where the resident works for the retailer."""
    wanted = list(pairs)
    retailer_ids, resident_ids = [each for each, _ in wanted], [each for _, each in wanted]
    rows = await run(
        session,
        _STAFF,
        {"programme_id": programme_id, "retailer_ids": retailer_ids, "resident_ids": resident_ids},
    )
    return {(row.retailer_id, row.resident_id) for row in rows}


async def count(
    session: AsyncSession, programme_id: UUID, added: Mapping[TallyKey, Counted]
) -> dict[TallyKey, Counted]:
    """Add to counters, lock them until the commit, and return what each stands at."""
    rows = await run(
        session,
        _COUNT,
        {
            "programme_id": programme_id,
            **_keys(list(added)),
            "lines": [each.lines for each in added.values()],
            "units": [each.units for each in added.values()],
        },
    )
    return {_key(row): _counted(row) for row in rows}


async def counted_earlier(
    session: AsyncSession, programme_id: UUID, spans: Collection[tuple[Scope, str, int, int]]
) -> dict[TallyKey, Counted]:
    """Return the counters of each (scope, subject) from a first period to a last one, both included."""
    wanted = sorted(spans)
    parameters = {
        "programme_id": programme_id,
        "scopes": [int(scope) for scope, _, _, _ in wanted],
        "subjects": [subject for _, subject, _, _ in wanted],
        "firsts": [first for _, _, first, _ in wanted],
        "lasts": [last for _, _, _, last in wanted],
    }
    return {_key(row): _counted(row) for row in await run(session, _EARLIER, parameters)}


async def add_grams(session: AsyncSession, programme_id: UUID, grams: Mapping[TallyKey, int]) -> None:
    """Add grams to counters that `count` has locked."""
    parameters = {"programme_id": programme_id, **_keys(list(grams)), "grams": list(grams.values())}
    await run(session, _CREDITED, parameters)


async def free(session: AsyncSession, programme_id: UUID, grams: Mapping[TallyKey, int]) -> None:
    """Take grams out of counters again: what was taken back of a credit, under the keys it was counted by.

    Before any budget is locked, as counting is. Asks nothing where no cap counted them.
    """
    taken = {key: amount for key, amount in grams.items() if amount}
    if not taken:
        return
    parameters = {"programme_id": programme_id, **_keys(list(taken)), "grams": list(taken.values())}
    await run(session, _FREED, parameters)


async def lock_households(session: AsyncSession, programme_id: UUID, resident_ids: Collection[UUID]) -> list[UUID]:
    """Lock the households of residents until the commit, in id order, and return them."""
    parameters = {"programme_id": programme_id, "resident_ids": list(resident_ids)}
    return [row.household_id for row in await run(session, _LOCK_HOUSEHOLDS, parameters)]


async def household_usage(
    session: AsyncSession,
    programme_id: UUID,
    household_ids: Sequence[UUID],
    resident_days: Collection[tuple[UUID, date]],
    *,
    time_zone: str,
) -> Sequence[Row[Any]]:
    """Return what the households of residents have on their days and in the months of those days, waiting or paid."""
    pairs = list(resident_days)
    parameters = {"resident_ids": [each for each, _ in pairs], "days": [day for _, day in pairs]}
    return await run(
        session,
        _HOUSEHOLD_USAGE,
        {"programme_id": programme_id, "household_ids": household_ids, "time_zone": time_zone, **parameters},
    )


def _keys(keys: Sequence[TallyKey]) -> dict[str, object]:
    return {
        "scopes": [int(key.scope) for key in keys],
        "subjects": [key.subject for key in keys],
        "periods": [key.period for key in keys],
    }


def _key(row: Row[Any]) -> TallyKey:
    return TallyKey(Scope(row.scope), row.subject, row.period)


def _counted(row: Row[Any]) -> Counted:
    return Counted(row.lines, row.units, row.grams)
