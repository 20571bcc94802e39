"""Proof that every gram and point has a receipt, and every receipt its postings, its day and its claim."""

from typing import Final
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.earning.tables import Activity
from points.ledger import AccountKind, Asset, EntryKind, Finding, proofs

_CHECKS: Final = {
    "grams issued equal the sum of receipts": """
        SELECT (SELECT coalesce(sum(amount), 0) FROM posting
                WHERE programme_id = :programme_id AND source_kind = :issued AND asset = :grams)
            <> (SELECT coalesce(sum(grams), 0) FROM activity WHERE programme_id = :programme_id) AS differs
    """,
    "each receipt equals the postings of its entry": """
        SELECT e.entry_id IS NULL OR a.activity_id IS NULL OR a.grams <> coalesce(p.grams, 0)
            OR a.points <> coalesce(p.points, 0) AS differs
        FROM (SELECT * FROM activity WHERE programme_id = :programme_id) AS a
        FULL JOIN (SELECT * FROM entry WHERE programme_id = :programme_id AND kind = :award) AS e
            ON e.entry_id = a.activity_id
        LEFT JOIN (
            SELECT entry_id, sum(amount) FILTER (WHERE asset = :grams) AS grams,
                sum(amount) FILTER (WHERE asset = :points) AS points
            FROM posting WHERE programme_id = :programme_id GROUP BY entry_id
        ) AS p ON p.entry_id = a.activity_id
    """,
    "receipts add up to residents' days": """
        SELECT d.resident_id IS NULL OR a.resident_id IS NULL OR d.grams <> a.grams OR d.points <> a.points
            OR d.activities <> a.activities AS differs
        FROM (SELECT * FROM resident_day WHERE programme_id = :programme_id) AS d
        FULL JOIN (
            SELECT resident_id, day, sum(grams) AS grams, sum(points) AS points, count(*) AS activities
            FROM activity WHERE programme_id = :programme_id GROUP BY resident_id, day
        ) AS a USING (resident_id, day)
    """,
    "every receipt has exactly one claim": """
        SELECT coalesce(c.claims, 0) <> 1 AS differs
        FROM activity AS a LEFT JOIN (
            SELECT entry_id, count(*) AS claims FROM claim
            WHERE programme_id = :programme_id AND (key LIKE 'sale:%' OR key LIKE 'scan:%') GROUP BY entry_id
        ) AS c ON c.entry_id = a.activity_id
        WHERE a.programme_id = :programme_id
    """,
}


_AUDIT: Final = proofs(_CHECKS)


async def audit(session: AsyncSession, programme_id: UUID) -> list[Finding]:
    """Compare receipts with postings, days and claims as of one moment; zero differences is the only good answer."""
    parameters: dict[str, object] = {
        "programme_id": programme_id,
        "issued": int(AccountKind.ISSUED),
        "grams": int(Asset.GRAMS),
        "points": int(Asset.POINTS),
        "award": int(EntryKind.AWARD),
    }
    return [Finding(row.name, row.checked, row.differences) for row in await run(session, _AUDIT, parameters)]


async def receipt_count(session: AsyncSession, programme_id: UUID) -> int:
    """Return how many receipts a programme has."""
    statement = select(func.count()).select_from(Activity).where(col(Activity.programme_id) == programme_id)
    return (await session.exec(statement)).one()
