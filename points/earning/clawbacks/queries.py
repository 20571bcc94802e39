"""The SQL statements by which an order finds its activities and keeps what becomes of them, a chunk at a time.

Activities are found by going over all of a programme's, by their primary key: an index for what is searched once in a
blue moon would be paid for by every credit.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from labels.tables import Footprint
from points.earning.clawbacks.tables import Clawback
from points.earning.clawbacks.values import AT_WORK, Cause, Counterpart, Figures, Scope, Standing
from points.ledger import AccountKind, Asset
from points.residents.tables import Resident

_CITING: Final = (
    "a.basis_id IN (SELECT basis_id FROM basis WHERE programme_id = :programme_id AND {})"  # of some thousands of rows
)
_MATCH: Final = {
    Cause.CERTIFICATE: f"{_CITING.format('certificate_id = :certificate_id')} AND a.day >= :from_day"
    " AND a.day < coalesce(CAST(:until_day AS date), 'infinity')",
    Cause.RETAILER: "a.retailer_id = :retailer_id AND a.effective_at >= :from_at AND a.effective_at < :until_at",
    Cause.FIGURES: _CITING.format(
        "(footprint_id = ANY(CAST(:footprint_ids AS uuid[])) OR baseline_id = ANY(CAST(:baseline_ids AS uuid[])))"
    ),
    Cause.FRAUD: "a.resident_id = ANY(CAST(:resident_ids AS uuid[]))"
    " AND a.effective_at < coalesce(CAST(:until_at AS timestamptz), 'infinity')",
}
_LISTED: Final = {
    Cause.RETAILER: _MATCH[Cause.RETAILER],
    Cause.FRAUD: "true",
}
_INSERT: Final = """
    INSERT INTO clawback_activity (programme_id, clawback_id, resident_id, activity_id, day, late)
    SELECT a.programme_id, :clawback_id, a.resident_id, a.activity_id, a.day, :late FROM {source} WHERE {match}
    ON CONFLICT DO NOTHING RETURNING activity_id
"""
_SCAN: Final = """
    WITH a AS MATERIALIZED (
        SELECT * FROM activity WHERE programme_id = :programme_id AND activity_id > :after
        ORDER BY activity_id LIMIT :rows
    ), found AS ({insert})
    SELECT (SELECT count(*) FROM a) AS looked_at,
        (SELECT activity_id FROM a ORDER BY activity_id DESC LIMIT 1) AS last,
        (SELECT count(*) FROM found) AS found
"""
_SCANS: Final = {
    cause: text(_SCAN.format(insert=_INSERT.format(source="a", match=match))) for cause, match in _MATCH.items()
}
_NAMED_ROWS: Final = "activity AS a"
_NAMED_MATCH: Final = "a.programme_id = :programme_id AND a.activity_id = ANY(CAST(:activity_ids AS uuid[])) AND {}"
_NAMED: Final = {
    cause: text(_INSERT.format(source=_NAMED_ROWS, match=_NAMED_MATCH.format(match)))
    for cause, match in _LISTED.items()
}

# All that is left of a resident is one chunk's: so a chunk finds their points as if there were no other.
_NEXT: Final = text("""
    SELECT c.activity_id, c.resident_id, b.footprint_id, b.baseline_id
    FROM clawback_activity AS c
    JOIN activity AS a ON a.programme_id = c.programme_id AND a.activity_id = c.activity_id
    JOIN basis AS b ON b.programme_id = c.programme_id AND b.basis_id = a.basis_id
    WHERE c.programme_id = :programme_id AND c.clawback_id = :clawback_id AND c.resident_id > :after
        AND c.resident_id <= (
            SELECT resident_id FROM (
                SELECT resident_id FROM clawback_activity
                WHERE programme_id = :programme_id AND clawback_id = :clawback_id AND resident_id > :after
                    AND (NOT :undone OR (taken_points IS NULL AND refusal IS NULL))
                    AND resident_id <> ALL(CAST(:aside AS uuid[]))
                ORDER BY resident_id, activity_id LIMIT :rows
            ) AS first ORDER BY resident_id DESC LIMIT 1
        )
        AND (NOT :undone OR (c.taken_points IS NULL AND c.refusal IS NULL))
        AND c.resident_id <> ALL(CAST(:aside AS uuid[]))
    ORDER BY c.activity_id
""")
_STANDINGS: Final = text("""
    SELECT owner_id, coalesce(sum(amount) FILTER (WHERE kind = :pending), 0)::bigint AS pending,
        coalesce(sum(amount) FILTER (WHERE kind IN (:resident, :held)), 0)::bigint AS kept,
        coalesce(sum(amount) FILTER (WHERE kind = :owed), 0)::bigint AS owed
    FROM balance
    WHERE programme_id = :programme_id AND owner_id = ANY(CAST(:resident_ids AS uuid[])) AND asset = :points
        AND kind IN (:pending, :resident, :held, :owed)
    GROUP BY owner_id
""")
_TRIED: Final = text("""
    UPDATE clawback_activity AS c SET grams = t.grams, points = t.points
    FROM unnest(
        CAST(:resident_ids AS uuid[]), CAST(:activity_ids AS uuid[]), CAST(:grams AS bigint[]),
        CAST(:points AS bigint[])
    ) AS t (resident_id, activity_id, grams, points)
    WHERE c.programme_id = :programme_id AND c.clawback_id = :clawback_id AND c.resident_id = t.resident_id
        AND c.activity_id = t.activity_id
""")
_TAKEN: Final = text("""
    UPDATE clawback_activity AS c SET taken_grams = t.grams, taken_points = t.points, refusal = t.refusal,
        adjustment_id = t.adjustment_id
    FROM unnest(
        CAST(:resident_ids AS uuid[]), CAST(:activity_ids AS uuid[]), CAST(:grams AS bigint[]),
        CAST(:points AS bigint[]), CAST(:refusals AS text[]), CAST(:adjustment_ids AS uuid[])
    ) AS t (resident_id, activity_id, grams, points, refusal, adjustment_id)
    WHERE c.programme_id = :programme_id AND c.clawback_id = :clawback_id AND c.resident_id = t.resident_id
        AND c.activity_id = t.activity_id
""")
_FIGURES: Final = ("activities", "grams", "points", "pending", "available", "expired", "owed", "borne")
_RESIDENTS: Final = text(f"""
    INSERT INTO clawback_resident AS r (programme_id, clawback_id, phase, resident_id, {", ".join(_FIGURES)})
    SELECT :programme_id, :clawback_id, :phase, t.* FROM unnest(
        CAST(:resident_ids AS uuid[]), {", ".join(f"CAST(:{name} AS bigint[])" for name in _FIGURES)}
    ) AS t
    ON CONFLICT (programme_id, clawback_id, phase, resident_id) DO UPDATE SET
        {", ".join(f"{name} = r.{name} + excluded.{name}" for name in _FIGURES)}
""")  # noqa: S608 - the names are those above
_FORGET: Final = text("""
    WITH activities AS (
        DELETE FROM clawback_activity WHERE programme_id = :programme_id AND clawback_id = :clawback_id
    )
    DELETE FROM clawback_resident WHERE programme_id = :programme_id AND clawback_id = :clawback_id
""")
_ALONE: Final = text("SELECT pg_try_advisory_xact_lock(hashtextextended('clawback ' || :clawback_id, 0)) AS alone")


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look over some activities came to: how many, the last of them, how many of them were new matches."""

    looked_at: int
    last: UUID | None
    found: int


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one activity: grams and points, or why nothing could be done."""

    credit: Counterpart
    grams: int | None
    points: int | None
    adjustment_id: UUID | None
    refusal: str | None


async def alone(session: AsyncSession, clawback_id: UUID) -> bool:
    """Tell whether no other worker is doing a chunk of an order; if so, none does until the commit."""
    [row] = await run(session, _ALONE, {"clawback_id": str(clawback_id)})
    return bool(row.alone)


async def locked(
    session: AsyncSession, programme_id: UUID, clawback_id: UUID, *, skip: bool = False
) -> Clawback | None:
    """Return an order, locked until the commit; None where there is none, or with `skip` where another holds it."""
    statement = select(Clawback).where(Clawback.programme_id == programme_id, Clawback.clawback_id == clawback_id)
    statement = statement.with_for_update(skip_locked=skip).execution_options(populate_existing=True)
    return (await session.exec(statement)).one_or_none()


async def forgotten(session: AsyncSession, programme_id: UUID, *, before: datetime) -> list[UUID]:
    """Return orders that have something to do and have not come forward since `before`."""
    statement = select(Clawback.clawback_id).where(
        Clawback.programme_id == programme_id, col(Clawback.state).in_(AT_WORK), Clawback.touched_at < before
    )
    return list((await session.exec(statement)).all())


async def scan(session: AsyncSession, order: Clawback, scope: Scope, after: UUID, *, rows: int, late: bool) -> Seen:
    """Look over the next activities after one and add those the order is about and does not have yet."""
    cause = Cause(order.cause)
    parameters = {"after": after, "rows": rows, **_parameters(order, scope, cause, late=late)}
    [row] = await run(session, _SCANS[cause], parameters)
    return Seen(row.looked_at, row.last, row.found)


async def add_named(session: AsyncSession, order: Clawback, scope: Scope, *, late: bool) -> int:
    """Add the activities the order names, and does not have yet; return how many."""
    cause = Cause(order.cause)
    return len(await run(session, _NAMED[cause], _parameters(order, scope, cause, late=late)))


async def matches_after(session: AsyncSession, order: Clawback, scope: Scope, after: UUID, *, rows: int) -> Seen:
    """Tell how many of the next activities after one the order is about; it adds none."""
    savepoint = await session.begin_nested()
    try:
        return await scan(session, order, scope, after, rows=rows, late=True)
    finally:
        await savepoint.rollback()


async def next_credits(
    session: AsyncSession, order: Clawback, after: UUID, *, rows: int, undone: bool, aside: Collection[UUID] = ()
) -> list[Counterpart]:
    """Return about so many of the order's activities, all of the next residents after one, in activities' order.

    With `undone`, only those that nothing was done about yet; nothing of residents who are left `aside`.
    """
    parameters = {
        "programme_id": order.programme_id,
        "clawback_id": order.clawback_id,
        "after": after,
        "rows": rows,
        "undone": undone,
        "aside": list(aside),
    }
    found = await run(session, _NEXT, parameters)
    return [Counterpart(each.activity_id, each.resident_id, each.footprint_id, each.baseline_id) for each in found]


async def known_residents(session: AsyncSession, programme_id: UUID, resident_ids: Collection[UUID]) -> set[UUID]:
    """Return those of `resident_ids` who are in the programme, or were."""
    statement = select(Resident.resident_id).where(
        Resident.programme_id == programme_id, col(Resident.resident_id).in_(list(resident_ids))
    )
    return set((await session.exec(statement)).all())


async def gtins_of(session: AsyncSession, footprint_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return whose footprints they are."""
    statement = select(Footprint.id, Footprint.gtin).where(col(Footprint.id).in_(list(footprint_ids)))
    return dict((await session.exec(statement)).all())


async def standings(session: AsyncSession, programme_id: UUID, resident_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Return what residents have: points pending, points that can be spent or are held, and points they owe."""
    kinds = (AccountKind.PENDING, AccountKind.RESIDENT, AccountKind.HELD, AccountKind.OWED)
    parameters = {kind.name.lower(): int(kind) for kind in kinds} | {"points": int(Asset.POINTS)}
    found = await run(
        session, _STANDINGS, {"programme_id": programme_id, "resident_ids": list(resident_ids), **parameters}
    )
    return {row.owner_id: Standing(row.pending, row.kept, row.owed) for row in found}


async def keep_results(session: AsyncSession, order: Clawback, results: Sequence[Result], *, taken: bool) -> None:
    """Write down what would become of activities, or what became of them."""
    parameters: dict[str, object] = {
        "programme_id": order.programme_id,
        "clawback_id": order.clawback_id,
        "resident_ids": [each.credit.resident_id for each in results],
        "activity_ids": [each.credit.activity_id for each in results],
        "grams": [each.grams for each in results],
        "points": [each.points for each in results],
    }
    if taken:
        parameters["refusals"] = [each.refusal for each in results]
        parameters["adjustment_ids"] = [each.adjustment_id for each in results]
    await run(session, _TAKEN if taken else _TRIED, parameters)


async def keep_figures(session: AsyncSession, order: Clawback, figures: Mapping[UUID, Figures], *, taken: bool) -> None:
    """Write down what would be taken of residents, or add what was."""
    columns: dict[str, object] = {name: [getattr(each, name) for each in figures.values()] for name in _FIGURES}
    parameters = {
        "programme_id": order.programme_id,
        "clawback_id": order.clawback_id,
        "phase": 2 if taken else 1,
        "resident_ids": list(figures),
    }
    await run(session, _RESIDENTS, parameters | columns)


async def forget_preview(session: AsyncSession, programme_id: UUID, clawback_id: UUID) -> None:
    """Forget what an order is about and what was tried out, to find it anew."""
    await run(session, _FORGET, {"programme_id": programme_id, "clawback_id": clawback_id})


def _parameters(order: Clawback, scope: Scope, cause: Cause, *, late: bool) -> dict[str, Any]:
    """Return everything that any of the statements asks for."""
    return {
        "programme_id": order.programme_id,
        "clawback_id": order.clawback_id,
        "late": late,
        "certificate_id": scope.certificate_id,
        "from_day": scope.from_day,
        "until_day": scope.until_day,
        "retailer_id": scope.retailer_id,
        "from_at": scope.from_at,
        "until_at": scope.until_at,
        "resident_ids": list(scope.resident_ids),
        "activity_ids": list(scope.activity_ids),
        "footprint_ids": list(scope.footprints),
        "baseline_ids": list(scope.baselines),
        "cause": cause,
    }
