"""What is read of orders: lists, totals, and what they take of whom. SQL, and nothing that changes anything."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.earning.adjustments.values import AdjustmentKind
from points.earning.clawbacks.tables import Clawback, ClawbackActivity, ClawbackResident, DebtForgiveness, Reinstatement
from points.earning.clawbacks.values import Cause, Figures, Revocation, Scope, State
from points.ledger import EntryKind

TRIED: Final = 1
TAKEN: Final = 2

_SUMS: Final = """
    count(*) AS residents, coalesce(sum(activities), 0)::bigint AS activities,
    coalesce(sum(grams), 0)::bigint AS grams, coalesce(sum(points), 0)::bigint AS points,
    coalesce(sum(pending), 0)::bigint AS pending, coalesce(sum(available), 0)::bigint AS available,
    coalesce(sum(expired), 0)::bigint AS expired, coalesce(sum(owed), 0)::bigint AS owed,
    coalesce(sum(borne), 0)::bigint AS borne
"""
_TOTALS: Final = text(f"""
    SELECT {_SUMS} FROM clawback_resident
    WHERE programme_id = :programme_id AND clawback_id = :clawback_id AND phase = :phase
""")  # noqa: S608 - its sums are those above
_BY_DISTRICT: Final = text(f"""
    SELECT d.district_id, d.name_zh, d.name_en, t.* FROM (
        SELECT r.district_id AS in_district, {_SUMS}
        FROM clawback_resident AS c
        JOIN resident AS r ON r.programme_id = c.programme_id AND r.resident_id = c.resident_id
        WHERE c.programme_id = :programme_id AND c.clawback_id = :clawback_id AND c.phase = :phase
        GROUP BY r.district_id
    ) AS t LEFT JOIN district AS d ON d.programme_id = :programme_id AND d.district_id = t.in_district
    ORDER BY t.points DESC, d.district_id
""")  # noqa: S608 - as above
_BY_DAY: Final = text("""
    SELECT day, count(*) AS activities,
        coalesce(sum(CASE WHEN :taken THEN taken_grams ELSE grams END), 0)::bigint AS grams,
        coalesce(sum(CASE WHEN :taken THEN taken_points ELSE points END), 0)::bigint AS points
    FROM clawback_activity WHERE programme_id = :programme_id AND clawback_id = :clawback_id
    GROUP BY day ORDER BY day
""")
_PROGRESS: Final = text("""
    SELECT count(*) AS activities, count(*) FILTER (WHERE taken_points IS NOT NULL OR refusal IS NOT NULL) AS done,
        count(*) FILTER (WHERE late) AS late, count(*) FILTER (WHERE refusal IS NOT NULL) AS refused
    FROM clawback_activity WHERE programme_id = :programme_id AND clawback_id = :clawback_id
""")
# The key leads with the resident, and the activity says who that is.
_ACTIVITIES: Final = text("""
    SELECT activity_id, resident_id, day, grams, points, taken_grams, taken_points, adjustment_id, late, refusal
    FROM clawback_activity
    WHERE programme_id = :programme_id AND clawback_id = :clawback_id
        AND (CAST(:resident_id AS uuid) IS NULL OR resident_id = :resident_id)
        AND (CAST(:after AS uuid) IS NULL OR (resident_id, activity_id) > (
            SELECT resident_id, activity_id FROM activity WHERE programme_id = :programme_id AND activity_id = :after
        ))
    ORDER BY resident_id, activity_id LIMIT :limit
""")
# Of one resident's entries, which an index has: nothing else leads from a label to the sale that confirmed it.
_CONFIRMED: Final = text("""
    SELECT CAST(m.id AS uuid) AS label_id, a.activity_id AS sale_id
    FROM entry AS e
    JOIN activity AS a ON a.programme_id = :programme_id AND a.activity_id = e.entry_id AND a.detail ? 'matched'
    CROSS JOIN LATERAL jsonb_array_elements_text(a.detail -> 'matched') AS m (id)
    WHERE e.programme_id = :programme_id AND e.resident_id = :resident_id AND e.kind = :award
        AND CAST(m.id AS uuid) = ANY(CAST(:label_ids AS uuid[]))
""")
_REVOKED: Final = text("""
    SELECT CAST(scope ->> 'retailer_id' AS uuid) AS retailer_id, CAST(scope ->> 'from_at' AS timestamptz) AS from_at,
        CAST(scope ->> 'until_at' AS timestamptz) AS until_at, ordered_at,
        CASE WHEN state = :lifted THEN ended_at END AS lifted_at
    FROM clawback
    WHERE programme_id = :programme_id AND state = ANY(CAST(:states AS text[])) AND cause = :cause
        AND ordered_at IS NOT NULL AND scope -> 'activity_ids' = '[]'
        AND (CAST(:ids AS uuid[]) IS NULL OR CAST(scope ->> 'retailer_id' AS uuid) = ANY(CAST(:ids AS uuid[])))
""")
_LEFT: Final = text("""
    SELECT EXISTS (
        SELECT FROM clawback_activity AS c
        WHERE c.programme_id = :programme_id AND c.clawback_id = :clawback_id
            AND (c.taken_grams > 0 OR c.taken_points > 0) AND NOT EXISTS (
                SELECT FROM adjustment AS u WHERE u.programme_id = :programme_id AND u.activity_id = c.activity_id
                    AND u.kind = :reopened AND u.detail ->> 'undoes' = CAST(c.adjustment_id AS text)
            )
    ) AS left
""")


@dataclass(frozen=True, slots=True)
class DistrictFigures:
    """What an order takes of the residents of one district; none for those who told none."""

    district_id: UUID | None
    name_zh: str | None
    name_en: str | None
    figures: Figures


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What an order takes of the activities of one day."""

    day: date
    activities: int
    grams: int
    points: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How many activities an order is about, how many are done, came in late, and could not be done."""

    activities: int
    done: int
    late: int
    refused: int


async def order(session: AsyncSession, programme_id: UUID, clawback_id: UUID) -> Clawback | None:
    """Return one order."""
    return await session.get(Clawback, (programme_id, clawback_id), populate_existing=True)


async def orders(session: AsyncSession, programme_id: UUID, *, before: UUID | None, limit: int) -> list[Clawback]:
    """Return a programme's orders, newest first."""
    statement = select(Clawback).where(Clawback.programme_id == programme_id)
    if before is not None:
        statement = statement.where(col(Clawback.clawback_id) < before)
    return list((await session.exec(statement.order_by(col(Clawback.clawback_id).desc()).limit(limit))).all())


async def revocations(
    session: AsyncSession, programme_id: UUID, states: Collection[State], retailer_ids: Collection[UUID] | None = None
) -> list[Revocation]:
    """Return the orders in some states that have revoked, or had, all that some retailers, or any, sold at a time."""
    ids = None if retailer_ids is None else list(retailer_ids)
    parameters = {"programme_id": programme_id, "ids": ids, "cause": Cause.RETAILER, "lifted": State.CANCELLED}
    rows = await run(session, _REVOKED, {**parameters, "states": list(states)})
    return [
        Revocation(
            Scope(retailer_id=it.retailer_id, from_at=it.from_at, until_at=it.until_at), it.ordered_at, it.lifted_at
        )
        for it in rows
    ]


async def has_left(session: AsyncSession, order: Clawback) -> bool:
    """Tell whether an order took anything that was not given back."""
    parameters = {"programme_id": order.programme_id, "clawback_id": order.clawback_id}
    [row] = await run(session, _LEFT, {**parameters, "reopened": int(AdjustmentKind.REOPENED)})
    return bool(row.left)


async def totals(session: AsyncSession, programme_id: UUID, clawback_id: UUID, *, phase: int) -> Figures:
    """Return what an order takes over all residents, as tried out or as taken."""
    [row] = await run(session, _TOTALS, _of(programme_id, clawback_id, phase))
    return _figures(row)


async def by_district(
    session: AsyncSession, programme_id: UUID, clawback_id: UUID, *, phase: int
) -> list[DistrictFigures]:
    """Return the totals by district, most points first."""
    rows = await run(session, _BY_DISTRICT, _of(programme_id, clawback_id, phase))
    return [DistrictFigures(row.district_id, row.name_zh, row.name_en, _figures(row)) for row in rows]


async def by_day(session: AsyncSession, programme_id: UUID, clawback_id: UUID, *, phase: int) -> list[DayFigures]:
    """Return the totals by the activities' days."""
    parameters = {"programme_id": programme_id, "clawback_id": clawback_id, "taken": phase == TAKEN}
    rows = await run(session, _BY_DAY, parameters)
    return [DayFigures(row.day, row.activities, row.grams, row.points) for row in rows]


async def progress(session: AsyncSession, programme_id: UUID, clawback_id: UUID) -> Progress:
    """Return how far an order has come."""
    [row] = await run(session, _PROGRESS, {"programme_id": programme_id, "clawback_id": clawback_id})
    return Progress(row.activities, row.done, row.late, row.refused)


async def residents(
    session: AsyncSession, programme_id: UUID, clawback_id: UUID, *, phase: int, after: UUID | None, limit: int
) -> list[ClawbackResident]:
    """Return what an order takes of each resident, by their ids."""
    statement = select(ClawbackResident).where(
        ClawbackResident.programme_id == programme_id,
        ClawbackResident.clawback_id == clawback_id,
        ClawbackResident.phase == phase,
    )
    if after is not None:
        statement = statement.where(col(ClawbackResident.resident_id) > after)
    return list((await session.exec(statement.order_by(col(ClawbackResident.resident_id)).limit(limit))).all())


async def activities(
    session: AsyncSession,
    programme_id: UUID,
    clawback_id: UUID,
    *,
    resident_id: UUID | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Return what an order takes of each activity, by resident."""
    parameters = {"programme_id": programme_id, "clawback_id": clawback_id, "resident_id": resident_id}
    return await run(session, _ACTIVITIES, parameters | {"after": after, "limit": limit})


async def taken_of(session: AsyncSession, programme_id: UUID, clawback_id: UUID, resident_id: UUID) -> set[UUID]:
    """Return the activities of a resident that an order took something of."""
    statement = select(ClawbackActivity.activity_id).where(
        ClawbackActivity.programme_id == programme_id,
        ClawbackActivity.clawback_id == clawback_id,
        ClawbackActivity.resident_id == resident_id,
        col(ClawbackActivity.taken_points).is_not(None),
    )
    return set((await session.exec(statement)).all())


async def confirmed_by(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, label_ids: Collection[UUID]
) -> dict[UUID, UUID]:
    """Return by which sales label units of a resident were confirmed, by the units' activities."""
    parameters = {"programme_id": programme_id, "resident_id": resident_id, "label_ids": list(label_ids)}
    rows = await run(session, _CONFIRMED, parameters | {"award": int(EntryKind.AWARD)})
    return {row.label_id: row.sale_id for row in rows}


async def reinstatements(
    session: AsyncSession, programme_id: UUID, clawback_id: UUID, *, before: UUID | None, limit: int
) -> list[Reinstatement]:
    """Return what was given back of what an order took, newest first."""
    statement = select(Reinstatement).where(
        Reinstatement.programme_id == programme_id, Reinstatement.clawback_id == clawback_id
    )
    if before is not None:
        statement = statement.where(col(Reinstatement.reinstatement_id) < before)
    return list((await session.exec(statement.order_by(col(Reinstatement.reinstatement_id).desc()).limit(limit))).all())


async def forgivenesses(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, *, before: UUID | None, limit: int
) -> list[DebtForgiveness]:
    """Return the debts of a resident that were forgiven, newest first."""
    statement = select(DebtForgiveness).where(
        DebtForgiveness.programme_id == programme_id, DebtForgiveness.resident_id == resident_id
    )
    if before is not None:
        statement = statement.where(col(DebtForgiveness.entry_id) < before)
    return list((await session.exec(statement.order_by(col(DebtForgiveness.entry_id).desc()).limit(limit))).all())


def _of(programme_id: UUID, clawback_id: UUID, phase: int) -> dict[str, object]:
    return {"programme_id": programme_id, "clawback_id": clawback_id, "phase": phase}


def _figures(row: Row[Any]) -> Figures:
    return Figures(
        residents=row.residents,
        activities=row.activities,
        grams=row.grams,
        points=row.points,
        pending=row.pending,
        available=row.available,
        expired=row.expired,
        owed=row.owed,
        borne=row.borne,
    )
