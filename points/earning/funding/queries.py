"""Every SQL statement about points that wait, each one for a whole batch.

Who writes holds the residents' locks, except for what lapses, which skips whatever somebody else holds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.earning.funding.waiting import Reopening, State, Waiting
from points.ledger import AccountKind, Asset

COUNTED: Final = 1_000
"""How many of a budget's waiting awards are added up before it counts as spoken for altogether."""

_COLUMNS: Final = tuple(each.name for each in fields(Waiting))
_INSERT: Final = text("""
    INSERT INTO waiting_award (
        programme_id, activity_id, budget_id, resident_id, points, wanted, effective_at, matures_at, expires_at, day,
        state
    )
    SELECT :programme_id, t.activity_id, t.budget_id, t.resident_id, t.points, t.points, t.effective_at, t.matures_at,
        t.expires_at, t.day, :waiting
    FROM unnest(
        CAST(:activity_id AS uuid[]), CAST(:budget_id AS uuid[]), CAST(:resident_id AS uuid[]),
        CAST(:points AS bigint[]), CAST(:effective_at AS timestamptz[]), CAST(:matures_at AS timestamptz[]),
        CAST(:expires_at AS timestamptz[]), CAST(:day AS date[])
    ) AS t (activity_id, budget_id, resident_id, points, effective_at, matures_at, expires_at, day)
""")
_SPOKEN: Final = text("""
    SELECT b.budget_id, q.points, q.awards
    FROM unnest(CAST(:budget_ids AS uuid[])) AS b (budget_id)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(points), 0)::bigint AS points, count(*) AS awards FROM (
            SELECT points FROM waiting_award
            WHERE programme_id = :programme_id AND budget_id = b.budget_id AND state = 1
            ORDER BY activity_id LIMIT :counted
        ) AS first
    ) AS q
    WHERE q.awards > 0
""")
_OF_RESIDENTS: Final = text("""
    SELECT w.resident_id, w.day, sum(w.points)::bigint AS points
    FROM (
        SELECT DISTINCT resident_id, date_trunc('month', day)::date AS month
        FROM unnest(CAST(:resident_ids AS uuid[]), CAST(:days AS date[])) AS t (resident_id, day)
    ) AS t
    JOIN waiting_award AS w ON w.programme_id = :programme_id AND w.resident_id = t.resident_id AND w.state = 1
        AND w.day >= t.month AND w.day < (t.month + interval '1 month')::date
    GROUP BY w.resident_id, w.day
""")
# Only budgets with something in them are looked at, and of each queue only what the budget covers: a head that is not
# covered must not fill the batch with those behind it, while other budgets could pay.
_PAYABLE: Final = text("""
    SELECT w.activity_id, w.budget_id, w.resident_id, w.points, w.effective_at, w.matures_at, w.expires_at, w.day,
        w.entry_id AS earlier_id
    FROM balance AS b
    CROSS JOIN LATERAL (
        SELECT first.*, sum(CASE WHEN expires_at > :now THEN points ELSE 0 END) OVER (ORDER BY activity_id) AS running
        FROM (
            SELECT * FROM waiting_award
            WHERE programme_id = :programme_id AND budget_id = b.owner_id AND state = 1
            ORDER BY activity_id LIMIT :limit
        ) AS first
    ) AS w
    WHERE b.programme_id = :programme_id AND b.kind = :budget AND b.asset = :points AND b.amount > 0
        AND w.running <= b.amount
    ORDER BY w.activity_id, w.budget_id LIMIT :limit
""")
_STILL: Final = text("""
    SELECT w.activity_id, w.budget_id, w.resident_id, w.points, w.effective_at, w.matures_at, w.expires_at, w.day,
        w.entry_id AS earlier_id
    FROM unnest(CAST(:activity_ids AS uuid[]), CAST(:budget_ids AS uuid[])) AS t (activity_id, budget_id)
    JOIN waiting_award AS w ON w.programme_id = :programme_id AND w.activity_id = t.activity_id
        AND w.budget_id = t.budget_id
    WHERE w.state = 1
    ORDER BY w.activity_id, w.budget_id
    FOR UPDATE OF w
""")
_CLOSE: Final = text("""
    UPDATE waiting_award AS w SET state = t.state, entry_id = coalesce(t.entry_id, w.entry_id), closed_at = :now
    FROM unnest(
        CAST(:activity_ids AS uuid[]), CAST(:budget_ids AS uuid[]), CAST(:states AS smallint[]),
        CAST(:entry_ids AS uuid[])
    ) AS t (activity_id, budget_id, state, entry_id)
    WHERE w.programme_id = :programme_id AND w.activity_id = t.activity_id AND w.budget_id = t.budget_id AND w.state = 1
""")
_LOWER: Final = text("""
    UPDATE waiting_award AS w SET points = t.most,
        state = CASE WHEN t.most = 0 THEN :cancelled ELSE w.state END,
        closed_at = CASE WHEN t.most = 0 THEN CAST(:now AS timestamptz) END
    FROM unnest(CAST(:activity_ids AS uuid[]), CAST(:budget_ids AS uuid[]), CAST(:mosts AS bigint[]))
        AS t (activity_id, budget_id, most)
    WHERE w.programme_id = :programme_id AND w.activity_id = t.activity_id AND w.budget_id = t.budget_id
        AND w.state = 1 AND w.points > t.most
""")
# What a clawback had lowered or closed waits again, as much as is due now that it was given back; so does what it had
# kept from being granted.
_REOPEN: Final = text("""
    UPDATE waiting_award AS w SET points = least(w.wanted - t.granted, t.most), state = :waiting, closed_at = NULL
    FROM unnest(CAST(:activity_ids AS uuid[]), CAST(:budget_ids AS uuid[]), CAST(:mosts AS bigint[]),
        CAST(:granted AS bigint[])) AS t (activity_id, budget_id, most, granted)
    WHERE w.programme_id = :programme_id AND w.activity_id = t.activity_id AND w.budget_id = t.budget_id
        AND CASE WHEN w.state IN (:waiting, :cancelled) THEN w.points ELSE 0 END < least(w.wanted - t.granted, t.most)
        AND w.state IN (:waiting, :cancelled, :paid)
""")
_LAPSE: Final = text("""
    UPDATE waiting_award AS w SET state = :lapsed, closed_at = :now
    FROM (
        SELECT activity_id, budget_id FROM waiting_award
        WHERE programme_id = :programme_id AND state = 1 AND expires_at <= :now
        LIMIT :limit FOR UPDATE SKIP LOCKED
    ) AS t
    WHERE w.programme_id = :programme_id AND w.activity_id = t.activity_id AND w.budget_id = t.budget_id
    RETURNING w.activity_id
""")


async def insert(session: AsyncSession, programme_id: UUID, awards: Sequence[Waiting]) -> None:
    """Put awards into their queues."""
    columns: dict[str, object] = {
        name: [getattr(each, name) for each in awards] for name in _COLUMNS if name != "earlier_id"
    }
    await run(session, _INSERT, {"programme_id": programme_id, "waiting": int(State.WAITING), **columns})


async def spoken_budgets(
    session: AsyncSession, programme_id: UUID, budget_ids: Collection[UUID]
) -> dict[UUID, int | None]:
    """Return what waits in each budget's queue; None where it is longer than COUNTED, nothing where there is none."""
    parameters = {"programme_id": programme_id, "budget_ids": list(budget_ids), "counted": COUNTED}
    rows = await run(session, _SPOKEN, parameters)
    return {row.budget_id: row.points if row.awards < COUNTED else None for row in rows}


async def spoken_days(
    session: AsyncSession, programme_id: UUID, resident_days: Collection[tuple[UUID, date]]
) -> dict[tuple[UUID, date], int]:
    """Return what waits for residents, by day, over the months of their days."""
    pairs = list(resident_days)
    parameters = {"resident_ids": [each for each, _ in pairs], "days": [day for _, day in pairs]}
    rows = await run(session, _OF_RESIDENTS, {"programme_id": programme_id, **parameters})
    return {(row.resident_id, row.day): row.points for row in rows}


async def heads(session: AsyncSession, programme_id: UUID, *, now: datetime, limit: int) -> list[Waiting]:
    """Return the oldest awards whose budgets cover them and all before them, at most `limit`. Nothing is locked."""
    rows = await run(
        session,
        _PAYABLE,
        {
            "programme_id": programme_id,
            "now": now,
            "limit": limit,
            "budget": int(AccountKind.BUDGET),
            "points": int(Asset.POINTS),
        },
    )
    return [_waiting(row) for row in rows]


async def still_waiting(session: AsyncSession, programme_id: UUID, awards: Sequence[Waiting]) -> list[Waiting]:
    """Lock what of `awards` still waits, and return it as it stands now."""
    parameters = {
        "activity_ids": [each.activity_id for each in awards],
        "budget_ids": [each.budget_id for each in awards],
    }
    return [_waiting(row) for row in await run(session, _STILL, {"programme_id": programme_id, **parameters})]


async def close(
    session: AsyncSession,
    programme_id: UUID,
    granted: Mapping[UUID, Waiting],
    lapsed: Sequence[Waiting],
    *,
    now: datetime,
) -> None:
    """Take awards out of their queues: `granted` by their entries, and those that lapsed."""
    awards = [*granted.values(), *lapsed]
    await run(
        session,
        _CLOSE,
        {
            "programme_id": programme_id,
            "now": now,
            "activity_ids": [each.activity_id for each in awards],
            "budget_ids": [each.budget_id for each in awards],
            "states": [int(State.GRANTED)] * len(granted) + [int(State.LAPSED)] * len(lapsed),
            "entry_ids": [*granted, *(None for _ in lapsed)],
        },
    )


async def reopen(session: AsyncSession, programme_id: UUID, due: Sequence[Reopening]) -> None:
    """Let wait again what was lowered, closed, or granted in part, as far as it is `due`; the residents are locked."""
    parameters = {
        "programme_id": programme_id,
        "activity_ids": [each.activity_id for each in due],
        "budget_ids": [each.budget_id for each in due],
        "mosts": [each.most for each in due],
        "granted": [each.granted for each in due],
        "waiting": int(State.WAITING),
        "cancelled": int(State.CANCELLED),
        "paid": int(State.GRANTED),
    }
    await run(session, _REOPEN, parameters)


async def lower(
    session: AsyncSession, programme_id: UUID, most: Mapping[tuple[UUID, UUID], int], *, now: datetime
) -> None:
    """Let no more than `most` wait, by activity and budget; what comes to nothing is cancelled.

    What is taken back of a credit is taken of what waits first. The residents are locked.
    """
    if not most:
        return
    await run(
        session,
        _LOWER,
        {
            "programme_id": programme_id,
            "now": now,
            "cancelled": int(State.CANCELLED),
            "activity_ids": [activity_id for activity_id, _ in most],
            "budget_ids": [budget_id for _, budget_id in most],
            "mosts": list(most.values()),
        },
    )


async def lapse(session: AsyncSession, programme_id: UUID, *, now: datetime, limit: int) -> int:
    """Close up to `limit` awards whose points would be past their time; return how many."""
    parameters = {"programme_id": programme_id, "now": now, "limit": limit, "lapsed": int(State.LAPSED)}
    return len(await run(session, _LAPSE, parameters))


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(*(getattr(row, name) for name in _COLUMNS))
