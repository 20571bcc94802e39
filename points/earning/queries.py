"""Every SQL statement of earning, each one for a whole batch."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, cast
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.earning.appraisals import Candidate
from points.earning.grants import Used
from points.earning.rows import Recorded
from points.earning.tables import Activity
from points.ledger import AccountKind, Asset

# What a resident owes and whether units of theirs wait for a sale is told along, so that nobody asks where there is
# nothing; and so is what is to be cited for the first time, in rows of its own, which are hardly ever any. A plain join
# on purpose: while the planner still takes the table for empty, it reads all of it once for a batch; LATERAL, once for
# each line of one.
_USAGE: Final = text("""
    SELECT u.*,
        EXISTS (
            SELECT FROM balance AS b WHERE b.programme_id = :programme_id AND b.owner_id = u.resident_id
                AND b.kind = :owed AND b.asset = :points AND b.amount > 0
        ) AS owes,
        EXISTS (
            SELECT FROM unit_claim AS c WHERE c.programme_id = :programme_id AND c.resident_id = u.resident_id
                AND c.matched_sale_id IS NULL
        ) AS has_units,
        CAST(NULL AS uuid) AS missing
    FROM (
        SELECT t.resident_id, t.day,
            coalesce(sum(d.grams) FILTER (WHERE d.day = t.day), 0)::bigint AS day_grams,
            coalesce(sum(d.points) FILTER (WHERE d.day = t.day), 0)::bigint AS day_points,
            coalesce(sum(d.grams), 0)::bigint AS month_grams,
            coalesce(sum(d.points), 0)::bigint AS month_points,
            coalesce(sum(d.discoveries) FILTER (WHERE d.day = t.day), 0)::bigint AS discoveries
        FROM unnest(CAST(:resident_ids AS uuid[]), CAST(:days AS date[])) AS t (resident_id, day)
        LEFT JOIN resident_day AS d ON d.programme_id = :programme_id AND d.resident_id = t.resident_id
            AND d.day >= date_trunc('month', t.day)::date
            AND d.day < (date_trunc('month', t.day) + interval '1 month')::date
        GROUP BY t.resident_id, t.day
    ) AS u
    UNION ALL
    SELECT NULL, NULL, 0, 0, 0, 0, 0, false, false, s.basis_id
    FROM unnest(CAST(:basis_ids AS uuid[])) AS s (basis_id)
    WHERE NOT EXISTS (SELECT FROM basis AS b WHERE b.programme_id = :programme_id AND b.basis_id = s.basis_id)
""")
_COLUMNS: Final = (
    "activity_id", "resident_id", "basis_id", "saving_grams", "grams", "points", "quantity",
)  # fmt: skip
_ALIKE: Final = (
    "retailer_id", "day", "kind", "evidence_bp", "policy_version", "rate_version", "discoveries",
)  # fmt: skip
# What many rows are alike in comes once, and each names its place; times, which fewer share, have places of their own.
# Days are added up here, in no order, since whoever gets this far holds the residents' locks.
_WRITE: Final = text("""
    WITH t AS MATERIALIZED (
        SELECT t.*, k.* FROM unnest(
            CAST(:activity_id AS uuid[]), CAST(:resident_id AS uuid[]), CAST(:basis_id AS uuid[]),
            CAST(:effective_at AS integer[]), CAST(:saving_grams AS bigint[]), CAST(:grams AS bigint[]),
            CAST(:points AS bigint[]), CAST(:quantity AS integer[]), CAST(:detail AS text[]), CAST(:places AS integer[])
        ) AS t (
            activity_id, resident_id, basis_id, effective_at, saving_grams, grams, points, quantity, detail, alike
        )
        JOIN unnest(
            CAST(:retailer_id AS uuid[]), CAST(:day AS date[]), CAST(:kind AS smallint[]),
            CAST(:evidence_bp AS smallint[]), CAST(:policy_version AS smallint[]), CAST(:rate_version AS smallint[]),
            CAST(:discoveries AS integer[])
        ) WITH ORDINALITY AS k (
            retailer_id, day, kind, evidence_bp, policy_version, rate_version, discoveries, place
        ) ON k.place = t.alike
    ), activities AS (
        INSERT INTO activity (
            programme_id, activity_id, resident_id, basis_id, retailer_id, effective_at, saving_grams, grams, points,
            day, quantity, kind, evidence_bp, policy_version, rate_version, detail
        )
        SELECT :programme_id, t.activity_id, t.resident_id, t.basis_id, t.retailer_id,
            (CAST(:times AS timestamptz[]))[t.effective_at], t.saving_grams, t.grams, t.points, t.day, t.quantity,
            t.kind, t.evidence_bp, t.policy_version, t.rate_version, CAST(t.detail AS jsonb)
        FROM t
    )
    INSERT INTO resident_day AS d (programme_id, resident_id, day, grams, points, activities, discoveries, last_at)
    SELECT :programme_id, t.resident_id, t.day, sum(t.grams), sum(t.points), count(*), sum(t.discoveries), :now
    FROM t GROUP BY t.resident_id, t.day
    ON CONFLICT (programme_id, resident_id, day) DO UPDATE SET
        grams = d.grams + excluded.grams, points = d.points + excluded.points,
        activities = d.activities + excluded.activities, discoveries = d.discoveries + excluded.discoveries,
        last_at = CASE WHEN excluded.grams > 0 THEN excluded.last_at ELSE d.last_at END
""")
# In the order of the key: two batches that see something for the first time wait for each other in one direction.
_WRITE_BASES: Final = text("""
    INSERT INTO basis (
        programme_id, basis_id, certificate_id, footprint_id, baseline_id, units_micro_each, gtin
    )
    SELECT :programme_id, t.* FROM unnest(
        CAST(:basis_ids AS uuid[]), CAST(:certificate_ids AS uuid[]), CAST(:footprint_ids AS uuid[]),
        CAST(:baseline_ids AS uuid[]), CAST(:units_micro_each AS bigint[]), CAST(:gtins AS text[])
    ) AS t (basis_id, certificate_id, footprint_id, baseline_id, units_micro_each, gtin)
    ORDER BY t.basis_id
    ON CONFLICT (programme_id, basis_id) DO NOTHING
""")
_shared: Final = attrgetter(*_ALIKE)


async def usage(
    session: AsyncSession, programme_id: UUID, candidates: Collection[Candidate]
) -> tuple[list[Used], set[UUID]]:
    """Return what the residents of candidates have on their days and in their months, and bases without a row."""
    pairs = {(each.resident_id, each.day) for each in candidates}
    parameters = {
        "programme_id": programme_id,
        "owed": int(AccountKind.OWED),
        "points": int(Asset.POINTS),
        "resident_ids": [each for each, _ in pairs],
        "days": [day for _, day in pairs],
        "basis_ids": list({each.cited.basis_id for each in candidates}),
    }
    rows = cast("Sequence[Sequence[Any]]", await run(session, _USAGE, parameters))
    return [Used(*row[:-1]) for row in rows if row[-1] is None], {row[-1] for row in rows if row[-1] is not None}


async def write_bases(
    session: AsyncSession, programme_id: UUID, candidates: Iterable[Candidate], missing: Collection[UUID]
) -> None:
    """Write down what candidates cite and is `missing`; hardly ever anything, and so a statement of its own.

    Whoever does the same at this moment is waited for: residents are locked before, budgets after.
    """
    cited = {each.cited.basis_id: each.cited for each in candidates if each.cited.basis_id in missing}
    if not cited:
        return
    parameters = {
        "basis_ids": list(cited),
        "certificate_ids": [each.basis.certificate_id for each in cited.values()],
        "footprint_ids": [each.basis.footprint.id for each in cited.values()],
        "baseline_ids": [each.basis.baseline.id for each in cited.values()],
        "units_micro_each": [each.basis.units_micro_each for each in cited.values()],
        "gtins": [each.gtin for each in cited.values()],
    }
    await run(session, _WRITE_BASES, {"programme_id": programme_id, **parameters})


async def write(session: AsyncSession, programme_id: UUID, activities: Sequence[Recorded], now: datetime) -> None:
    """Insert activities and add them to residents' days."""
    columns: dict[str, object] = {name: [getattr(each, name) for each in activities] for name in _COLUMNS}
    columns["detail"] = [each.detail and orjson.dumps(each.detail).decode() for each in activities]
    times: dict[datetime, int] = {}
    columns["effective_at"] = [times.setdefault(each.effective_at, len(times) + 1) for each in activities]
    columns["times"] = list(times)
    alike: dict[tuple[object, ...], int] = {}
    columns["places"] = [alike.setdefault(_shared(each), len(alike) + 1) for each in activities]
    columns |= dict(zip(_ALIKE, map(list, zip(*alike, strict=True)), strict=True))
    await run(session, _WRITE, {"programme_id": programme_id, "now": now, **columns})


async def activities(session: AsyncSession, programme_id: UUID, activity_ids: Iterable[UUID]) -> dict[UUID, Activity]:
    """Return the activities that exist among `activity_ids`."""
    found = await session.exec(
        select(Activity).where(
            col(Activity.programme_id) == programme_id, col(Activity.activity_id).in_(list(activity_ids))
        )
    )
    return {activity.activity_id: activity for activity in found}
