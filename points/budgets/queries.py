"""Every SQL statement about budgets. The ledger has the points; this only reads them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from core.sql import run
from points.ledger import AccountKind, Asset

_WORDS: Final = {"budget": int(AccountKind.BUDGET), "asset": int(Asset.POINTS)}

_BUDGETS: Final = text("""
    WITH b (budget_id, kind, campaign_id, name_zh, name_en, ends_at) AS (
        SELECT base_budget_id, 'base', NULL::uuid, name_zh, name_en, NULL::timestamptz
        FROM programme WHERE programme_id = :programme_id
        UNION ALL
        SELECT engagement_budget_id, 'engagement', NULL, name_zh, name_en, NULL
        FROM programme WHERE programme_id = :programme_id
        UNION ALL
        SELECT budget_id, 'campaign', campaign_id, name_zh, name_en, ends_at
        FROM campaign WHERE programme_id = :programme_id
    )
    SELECT b.*, coalesce(k.amount, 0)::bigint AS points_left, coalesce(f.points, 0)::bigint AS points_funded,
        (SELECT array_agg(t.percent_left ORDER BY t.percent_left DESC) FROM budget_threshold AS t
         WHERE t.programme_id = :programme_id AND t.budget_id = b.budget_id) AS thresholds
    FROM b
    LEFT JOIN balance AS k ON k.programme_id = :programme_id AND k.owner_id = b.budget_id AND k.kind = :budget
        AND k.asset = :asset
    LEFT JOIN (
        SELECT p.destination_id, sum(p.amount) AS points
        FROM entry AS e JOIN posting AS p ON p.programme_id = e.programme_id AND p.entry_id = e.entry_id
        WHERE e.programme_id = :programme_id AND e.kind = 1
        GROUP BY p.destination_id
    ) AS f ON f.destination_id = b.budget_id
    WHERE (CAST(:after AS uuid) IS NULL OR b.budget_id > :after)
        AND (CAST(:only AS uuid) IS NULL OR b.budget_id = :only)
    ORDER BY b.budget_id
    LIMIT :limit
""")
_FUNDINGS: Final = text("""
    SELECT e.entry_id, p.amount AS points, e.effective_at, f.points_after, f.reason, f.funded_by_id
    FROM entry AS e
    JOIN posting AS p ON p.programme_id = e.programme_id AND p.entry_id = e.entry_id AND p.destination_id = :budget_id
    LEFT JOIN budget_funding AS f ON f.programme_id = e.programme_id AND f.budget_id = :budget_id
        AND f.funding_id = e.entry_id
    WHERE e.programme_id = :programme_id AND e.kind = 1 AND (CAST(:before AS uuid) IS NULL OR e.entry_id < :before)
    ORDER BY e.entry_id DESC
    LIMIT :limit
""")
_NOTE_FUNDING: Final = text("""
    INSERT INTO budget_funding (programme_id, budget_id, funding_id, points, points_after, reason, funded_by_id)
    VALUES (:programme_id, :budget_id, :funding_id, :points, :points_after, :reason, :funded_by_id)
    ON CONFLICT DO NOTHING
""")
# Funding that came another way than through the API: what was left after it is told as of when it is first seen. The
# first funding of a budget is exact: there was nothing before it.
_TAKE_UP: Final = text("""
    INSERT INTO budget_funding (programme_id, budget_id, funding_id, points, points_after)
    SELECT :programme_id, p.destination_id, e.entry_id, p.amount, greatest(p.amount, k.amount)
    FROM entry AS e
    JOIN posting AS p ON p.programme_id = e.programme_id AND p.entry_id = e.entry_id
    JOIN balance AS k ON k.programme_id = e.programme_id AND k.owner_id = p.destination_id AND k.kind = :budget
        AND k.asset = :asset
    WHERE e.programme_id = :programme_id AND e.kind = 1 AND NOT EXISTS (
        SELECT FROM budget_funding AS f
        WHERE f.programme_id = e.programme_id AND f.budget_id = p.destination_id AND f.funding_id = e.entry_id
    )
    ON CONFLICT DO NOTHING
""")
# Only what is still used is watched: a campaign that is over may end with an empty budget.
_DUE: Final = text("""
    WITH watched (budget_id) AS (
        SELECT base_budget_id FROM programme WHERE programme_id = :programme_id
        UNION ALL SELECT engagement_budget_id FROM programme WHERE programme_id = :programme_id
        UNION ALL SELECT budget_id FROM campaign WHERE programme_id = :programme_id AND ends_at > :now
    ), latest AS (
        SELECT DISTINCT ON (f.budget_id) f.budget_id, f.funding_id, f.points_after
        FROM budget_funding AS f JOIN watched USING (budget_id)
        WHERE f.programme_id = :programme_id
        ORDER BY f.budget_id, f.funding_id DESC
    ), thresholds AS (
        SELECT l.budget_id, t.percent_left FROM latest AS l
        JOIN budget_threshold AS t ON t.programme_id = :programme_id AND t.budget_id = l.budget_id
        UNION ALL
        SELECT l.budget_id, d.percent_left FROM latest AS l CROSS JOIN unnest(CAST(:defaults AS smallint[]))
            AS d (percent_left)
        WHERE NOT EXISTS (
            SELECT FROM budget_threshold AS t WHERE t.programme_id = :programme_id AND t.budget_id = l.budget_id
        )
    )
    SELECT l.budget_id, l.funding_id, t.percent_left, k.amount AS points_left, l.points_after
    FROM latest AS l
    JOIN thresholds AS t USING (budget_id)
    JOIN balance AS k ON k.programme_id = :programme_id AND k.owner_id = l.budget_id AND k.kind = :budget
        AND k.asset = :asset
    WHERE k.amount * 100 <= l.points_after * t.percent_left AND NOT EXISTS (
        SELECT FROM budget_alert AS a
        WHERE a.programme_id = :programme_id AND a.budget_id = l.budget_id AND a.funding_id = l.funding_id
            AND a.percent_left = t.percent_left
    )
    ORDER BY l.budget_id, t.percent_left DESC
""")
_RAISE: Final = text("""
    INSERT INTO budget_alert (
        programme_id, alert_id, budget_id, funding_id, percent_left, points_left, points_after, raised_at
    )
    SELECT :programme_id, t.*, :now FROM unnest(
        CAST(:alert_ids AS uuid[]), CAST(:budget_ids AS uuid[]), CAST(:funding_ids AS uuid[]),
        CAST(:percents AS smallint[]), CAST(:lefts AS bigint[]), CAST(:afters AS bigint[])
    ) AS t
    ON CONFLICT (programme_id, budget_id, funding_id, percent_left) DO NOTHING
    RETURNING alert_id, budget_id, funding_id, percent_left, points_left, points_after, raised_at
""")
_ALERTS: Final = text("""
    SELECT alert_id, budget_id, funding_id, percent_left, points_left, points_after, raised_at FROM budget_alert
    WHERE programme_id = :programme_id AND (CAST(:budget_id AS uuid) IS NULL OR budget_id = :budget_id)
        AND (CAST(:before AS uuid) IS NULL OR alert_id < :before)
    ORDER BY alert_id DESC LIMIT :limit
""")
_UNSET: Final = text("DELETE FROM budget_threshold WHERE programme_id = :programme_id AND budget_id = :budget_id")
_SET: Final = text("""
    INSERT INTO budget_threshold (programme_id, budget_id, percent_left)
    SELECT :programme_id, :budget_id, t.percent FROM unnest(CAST(:percents AS smallint[])) AS t (percent)
    ON CONFLICT DO NOTHING
""")
_WAITING: Final = text("""
    SELECT count(*) AS awards, coalesce(sum(points), 0)::bigint AS points FROM waiting_award
    WHERE programme_id = :programme_id AND budget_id = :budget_id AND state = 1
""")
_DAYS: Final = text("""
    SELECT day, drawn, returned FROM budget_day
    WHERE programme_id = :programme_id AND budget_id = :budget_id AND day >= :since AND day < :until ORDER BY day
""")
_LAST_DAY: Final = text("SELECT max(day) AS day FROM budget_day WHERE programme_id = :programme_id")
# One pass over what was recorded that day. A budget that is there and was not drawn on has a day of nothing.
_COUNT_DAY: Final = text("""
    INSERT INTO budget_day (programme_id, budget_id, day, drawn, returned)
    SELECT :programme_id, b.owner_id, :day, coalesce(m.drawn, 0), coalesce(m.returned, 0)
    FROM (
        SELECT DISTINCT budget_id AS owner_id FROM budget_funding
        WHERE programme_id = :programme_id AND funding_id < :first
    ) AS b
    LEFT JOIN (
        SELECT owner_id, sum(drawn) AS drawn, sum(returned) AS returned FROM (
            SELECT source_id AS owner_id, amount AS drawn, 0 AS returned FROM posting
            WHERE programme_id = :programme_id AND entry_id >= :first AND entry_id < :last AND source_kind = :budget
            UNION ALL
            SELECT p.destination_id, 0, p.amount FROM posting AS p
            WHERE p.programme_id = :programme_id AND p.entry_id >= :first AND p.entry_id < :last
                AND p.destination_kind = :budget AND p.source_kind <> :issued
        ) AS moved GROUP BY owner_id
    ) AS m USING (owner_id)
    ON CONFLICT DO NOTHING
""")
_FIRST_FUNDING: Final = text("""
    SELECT min(funding_id::text)::uuid AS funding_id FROM budget_funding WHERE programme_id = :programme_id
""")


async def budgets(
    session: AsyncSession,
    programme_id: UUID,
    *,
    after: UUID | None = None,
    only: UUID | None = None,
    limit: int = 1,
) -> Sequence[Row[Any]]:
    """Return budgets with what is left, what was funded, and thresholds where they have some of their own."""
    parameters: dict[str, object] = {"programme_id": programme_id, "after": after, "only": only, "limit": limit}
    return await run(session, _BUDGETS, parameters | _WORDS)


async def fundings(
    session: AsyncSession, programme_id: UUID, budget_id: UUID, *, before: UUID | None, limit: int
) -> Sequence[Row[Any]]:
    """Return a budget's funding entries, newest first."""
    parameters = {"programme_id": programme_id, "budget_id": budget_id, "before": before, "limit": limit}
    return await run(session, _FUNDINGS, parameters)


async def note_funding(session: AsyncSession, programme_id: UUID, noted: dict[str, object]) -> None:
    """Write down what a funding left in its budget, why, and by whom."""
    await run(session, _NOTE_FUNDING, {"programme_id": programme_id, **noted})


async def take_up_fundings(session: AsyncSession, programme_id: UUID) -> None:
    """Write down fundings that came another way than through here."""
    await run(session, _TAKE_UP, {"programme_id": programme_id, **_WORDS})


async def raise_alerts(
    session: AsyncSession, programme_id: UUID, defaults: Collection[int], *, now: datetime
) -> Sequence[Row[Any]]:
    """Raise the alerts that are due, once for each threshold and funding; return those raised now."""
    parameters: dict[str, object] = {"programme_id": programme_id, "defaults": list(defaults), "now": now}
    due = await run(session, _DUE, parameters | _WORDS)
    if not due:
        return []
    columns: dict[str, object] = {
        "alert_ids": [new_id() for _ in due],
        "budget_ids": [row.budget_id for row in due],
        "funding_ids": [row.funding_id for row in due],
        "percents": [row.percent_left for row in due],
        "lefts": [row.points_left for row in due],
        "afters": [row.points_after for row in due],
    }
    return await run(session, _RAISE, {"programme_id": programme_id, "now": now, **columns})


async def alerts(
    session: AsyncSession, programme_id: UUID, budget_id: UUID | None, *, before: UUID | None, limit: int
) -> Sequence[Row[Any]]:
    """Return alerts of one budget or of all, newest first."""
    parameters = {"programme_id": programme_id, "budget_id": budget_id, "before": before, "limit": limit}
    return await run(session, _ALERTS, parameters)


async def set_thresholds(session: AsyncSession, programme_id: UUID, budget_id: UUID, percents: Collection[int]) -> None:
    """Replace a budget's thresholds; none brings the defaults back."""
    where = {"programme_id": programme_id, "budget_id": budget_id}
    await run(session, _UNSET, where)
    await run(session, _SET, {**where, "percents": sorted(percents)})


async def waiting(session: AsyncSession, programme_id: UUID, budget_id: UUID) -> tuple[int, int]:
    """Return how many awards wait for a budget, and for how many points."""
    [row] = await run(session, _WAITING, {"programme_id": programme_id, "budget_id": budget_id})
    return row.awards, row.points


async def days(
    session: AsyncSession, programme_id: UUID, budget_id: UUID, *, since: date, until: date
) -> Sequence[Row[Any]]:
    """Return a budget's whole days from `since` until before `until`."""
    parameters = {"programme_id": programme_id, "budget_id": budget_id, "since": since, "until": until}
    return await run(session, _DAYS, parameters)


async def last_day(session: AsyncSession, programme_id: UUID) -> date | None:
    """Return the last day that was counted."""
    [row] = await run(session, _LAST_DAY, {"programme_id": programme_id})
    found: date | None = row.day
    return found


async def first_funding(session: AsyncSession, programme_id: UUID) -> UUID | None:
    """Return the first funding entry of a programme."""
    [row] = await run(session, _FIRST_FUNDING, {"programme_id": programme_id})
    found: UUID | None = row.funding_id
    return found


async def count_day(session: AsyncSession, programme_id: UUID, day: date, first: UUID, last: UUID) -> None:
    """Count one whole day of every budget: entries from id `first` until before `last`. A second time does nothing."""
    parameters: dict[str, object] = {"programme_id": programme_id, "day": day, "first": first, "last": last}
    words = {"budget": int(AccountKind.BUDGET), "issued": int(AccountKind.ISSUED)}
    await run(session, _COUNT_DAY, parameters | words)
