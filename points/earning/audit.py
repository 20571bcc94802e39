"""Proof that every gram and point has a receipt, and every receipt its postings, its day and its claim."""

from typing import Final
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from points.earning.activities import Kind
from points.earning.adjustments.audit import CHECKS
from points.earning.adjustments.values import AdjustmentKind
from points.earning.clawbacks import proofs as proofs_of_clawbacks
from points.earning.funding import audit as funding
from points.earning.guards import proofs as proofs_of_guards
from points.earning.tables import Activity
from points.ledger import AccountKind, Asset, EntryKind, Finding, proofs, prove

_CHECKS: Final = {
    "grams issued equal the sum of receipts": """
        SELECT (SELECT coalesce(sum(amount), 0) FROM posting
                WHERE programme_id = :programme_id AND source_kind = :issued AND asset = :grams)
            <> (SELECT coalesce(sum(grams), 0) FROM activity WHERE programme_id = :programme_id)
            + (SELECT coalesce(sum(grams), 0) FROM adjustment WHERE programme_id = :programme_id AND kind = :reopened)
            AS differs
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
    "receipts and adjustments add up to residents' days": """
        SELECT d.resident_id IS NULL OR a.resident_id IS NULL OR d.grams <> a.grams OR d.points <> a.points
            OR d.activities <> a.activities AS differs
        FROM (SELECT * FROM resident_day WHERE programme_id = :programme_id) AS d
        FULL JOIN (
            SELECT resident_id, day, sum(grams) AS grams, sum(points) AS points, sum(activities) AS activities
            FROM (
                SELECT resident_id, day, grams, points, 1 AS activities
                FROM activity WHERE programme_id = :programme_id
                UNION ALL
                SELECT resident_id, day, grams, points, 0 FROM adjustment WHERE programme_id = :programme_id
            ) AS all_of_it GROUP BY resident_id, day
        ) AS a USING (resident_id, day)
    """,
    "every receipt's basis is there, with everything it names": """
        SELECT s.basis_id IS NULL OR c.id IS NULL OR f.id IS NULL OR l.id IS NULL OR p.gtin IS NULL AS differs
        FROM activity AS a
        LEFT JOIN basis AS s ON s.programme_id = :programme_id AND s.basis_id = a.basis_id
        LEFT JOIN certificate AS c ON c.id = s.certificate_id
        LEFT JOIN footprint AS f ON f.id = s.footprint_id
        LEFT JOIN baseline AS l ON l.id = s.baseline_id
        LEFT JOIN product AS p ON p.gtin = s.gtin
        WHERE a.programme_id = :programme_id
    """,
    "every label unit is credited on its own, sold, brought back, or superseded": """
        WITH matched AS (
            SELECT CAST(jsonb_array_elements_text(detail -> 'matched') AS uuid) AS activity_id FROM activity
            WHERE programme_id = :programme_id AND detail ? 'matched'
        )
        SELECT coalesce(n.times, 0) <> 1 OR a.retailer_id IS NOT NULL AS differs
        FROM activity AS a LEFT JOIN (
            SELECT activity_id, count(*) AS times FROM (
                SELECT activity_id FROM unit_claim WHERE programme_id = :programme_id AND matched_sale_id IS NULL
                UNION ALL
                SELECT activity_id FROM matched
                UNION ALL
                SELECT DISTINCT activity_id FROM adjustment
                WHERE programme_id = :programme_id AND kind = :returned
                    AND activity_id NOT IN (SELECT activity_id FROM matched)
                UNION ALL
                SELECT DISTINCT activity_id FROM adjustment
                WHERE programme_id = :programme_id AND kind = :superseded
            ) AS named GROUP BY activity_id
        ) AS n USING (activity_id)
        WHERE a.programme_id = :programme_id AND a.kind = :unit
    """,
    "every receipt has exactly one claim": """
        SELECT coalesce(c.claims, 0) <> 1 AS differs
        FROM activity AS a LEFT JOIN (
            SELECT entry_id, left(key, 5) AS what, count(*) AS claims FROM claim
            WHERE programme_id = :programme_id AND (key LIKE 'sale:%' OR key LIKE 'scan:%' OR key LIKE 'unit:%')
            GROUP BY 1, 2
        ) AS c ON c.entry_id = a.activity_id
            AND c.what = CASE a.kind WHEN :scan THEN 'scan:' WHEN :unit THEN 'unit:' ELSE 'sale:' END
        WHERE a.programme_id = :programme_id
    """,
}


_AUDIT: Final = proofs(_CHECKS | CHECKS | funding.CHECKS | proofs_of_guards.CHECKS | proofs_of_clawbacks.CHECKS)


async def audit(session: AsyncSession, programme_id: UUID) -> list[Finding]:
    """Compare receipts with postings, days and claims as of one moment; zero differences is the only good answer."""
    parameters: dict[str, object] = {
        "programme_id": programme_id,
        "issued": int(AccountKind.ISSUED),
        "grams": int(Asset.GRAMS),
        "points": int(Asset.POINTS),
        "award": int(EntryKind.AWARD),
        "scan": int(Kind.SCAN),
        "unit": int(Kind.UNIT),
        "superseded": int(AdjustmentKind.SUPERSEDED),
        "reversal": int(EntryKind.REVERSAL),
        "deferred": int(EntryKind.DEFERRED),
        "budget": int(AccountKind.BUDGET),
        "owed": int(AccountKind.OWED),
        "clawback": int(AccountKind.CLAWBACK),
        "funded": int(AdjustmentKind.FUNDED),
        "returned": int(AdjustmentKind.RETURN),
        "reopened": int(AdjustmentKind.REOPENED),
        "taken": int(AdjustmentKind.CLAWBACK),
        "corrected": int(AdjustmentKind.CORRECTION),
        "reinstatement": int(EntryKind.REINSTATEMENT),
    }
    return await prove(session, _AUDIT, parameters)


async def receipt_count(session: AsyncSession, programme_id: UUID) -> int:
    """Return how many receipts a programme has."""
    statement = select(func.count()).select_from(Activity).where(col(Activity.programme_id) == programme_id)
    return (await session.exec(statement)).one()
