"""Proof that every gram and point has a receipt, and that every receipt recomputes to its own numbers."""

from typing import Final
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from labels.queries import CitedFacts, facts_by_ids
from labels.savings import Basis, Saving, saving
from points.earning.activities import Kind
from points.earning.rows import receipt_of
from points.earning.tables import Activity
from points.ledger import AccountKind, Asset, EntryKind, Finding, proofs
from points.programmes.policy import Rulebook
from points.programmes.queries import rulebook as read_rulebook

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


async def recompute(
    session: AsyncSession, programme_id: UUID, *, after: UUID, limit: int
) -> tuple[list[UUID], list[UUID]]:
    """Work the next `limit` receipts after `after` out again; return the ids checked and those that differ."""
    statement = (
        select(Activity)
        .where(col(Activity.programme_id) == programme_id, col(Activity.activity_id) > after)
        .order_by(col(Activity.activity_id))
        .limit(limit)
    )
    found = (await session.exec(statement)).all()
    cited = await facts_by_ids(
        session,
        {each.footprint_id for each in found},
        {each.baseline_id for each in found},
        {each.certificate_id for each in found},
    )
    rules = await read_rulebook(session, programme_id)
    checked = [each.activity_id for each in found]
    return checked, [each.activity_id for each in found if _differs(each, cited, rules)]


def _differs(activity: Activity, cited: CitedFacts, rules: Rulebook) -> bool:
    footprint, baseline = cited.footprints.get(activity.footprint_id), cited.baselines.get(activity.baseline_id)
    certificate = cited.certificates.get(activity.certificate_id)
    rate = {each.version: each for each in rules.rates}.get(activity.rate_version)
    terms = {each.version: each.terms for each in rules.policies}.get(activity.policy_version)
    if footprint is None or baseline is None or certificate is None or rate is None or terms is None:
        return True
    basis = Basis(
        activity.certificate_id, certificate.number, footprint, baseline, activity.units_micro // activity.quantity
    )
    saved = saving(basis, quantity=activity.quantity, evidence_bp=activity.evidence_bp)
    if not isinstance(saved, Saving) or saved.grams != activity.saving_grams:
        return True
    receipt = receipt_of(activity)
    discovery = receipt.kind is Kind.SCAN and terms.scan_evidence_bp == 0
    due = terms.discovery_points if discovery else rate.points_for(receipt.grams)
    whole = receipt.grams == saved.grams and receipt.base_points == due
    fits = receipt.grams <= saved.grams and receipt.base_points <= due
    return not (fits if receipt.cuts else whole)
