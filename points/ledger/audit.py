"""Re-adding everything: the proof that what is kept says the same as what was posted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.ledger.accounts import KEPT, AccountKind, Asset


@dataclass(frozen=True, slots=True)
class Finding:
    """One proof: how many things it looked at, and how many differ. Zero differences is the only good answer."""

    name: str
    checked: int
    differences: int


def proofs(checks: Mapping[str, str]) -> TextClause:
    """Return one statement for all `checks`: one statement sees one moment, whatever is written meanwhile.

    A check is a SELECT whose every row tells in `differs` whether something does.
    """
    return text(
        " UNION ALL ".join(
            f"SELECT '{name.replace(chr(39), chr(39) * 2)}' AS name, count(*) AS checked,"  # noqa: S608 - constants
            f" count(*) FILTER (WHERE differs) AS differences FROM ({check}) AS checked"
            for name, check in checks.items()
        )
    )


_CHECKS: Final = {
    "postings add up to balances": """
        SELECT coalesce(m.amount, 0) <> coalesce(b.amount, 0) AS differs
        FROM (
            SELECT owner_id, kind, asset, CAST(sum(amount) AS bigint) AS amount FROM (
                SELECT source_id AS owner_id, source_kind AS kind, asset, -amount AS amount
                FROM posting WHERE programme_id = :programme_id
                UNION ALL
                SELECT destination_id, destination_kind, asset, amount FROM posting WHERE programme_id = :programme_id
            ) AS moves WHERE kind = ANY(CAST(:kept AS smallint[])) GROUP BY owner_id, kind, asset
        ) AS m
        FULL JOIN (SELECT * FROM balance WHERE programme_id = :programme_id) AS b USING (owner_id, kind, asset)
    """,
    "mature lots add up to residents' points": """
        SELECT coalesce(l.amount, 0) <> coalesce(b.amount, 0) AS differs
        FROM (
            SELECT resident_id AS owner_id, CAST(sum(remaining) AS bigint) AS amount
            FROM lot WHERE programme_id = :programme_id AND mature GROUP BY resident_id
        ) AS l
        FULL JOIN (
            SELECT * FROM balance WHERE programme_id = :programme_id AND kind = :resident AND asset = :points
        ) AS b USING (owner_id)
    """,
    "immature lots add up to pending points": """
        SELECT coalesce(l.amount, 0) <> coalesce(b.amount, 0) AS differs
        FROM (
            SELECT resident_id AS owner_id, CAST(sum(remaining) AS bigint) AS amount
            FROM lot WHERE programme_id = :programme_id AND NOT mature GROUP BY resident_id
        ) AS l
        FULL JOIN (
            SELECT * FROM balance WHERE programme_id = :programme_id AND kind = :pending AND asset = :points
        ) AS b USING (owner_id)
    """,
    "open holds add up to held points": """
        SELECT coalesce(h.amount, 0) <> coalesce(b.amount, 0) AS differs
        FROM (
            SELECT resident_id AS owner_id, CAST(sum(amount) AS bigint) AS amount
            FROM hold WHERE programme_id = :programme_id AND state = 'open' GROUP BY resident_id
        ) AS h
        FULL JOIN (
            SELECT * FROM balance WHERE programme_id = :programme_id AND kind = :held AND asset = :points
        ) AS b USING (owner_id)
    """,
    "every hold names the lots that paid for it": """
        SELECT h.amount <> coalesce(d.amount, 0) AS differs
        FROM hold AS h LEFT JOIN (
            SELECT drawn_by AS hold_id, sum(amount) AS amount
            FROM lot_draw WHERE programme_id = :programme_id GROUP BY drawn_by
        ) AS d USING (hold_id)
        WHERE h.programme_id = :programme_id
    """,
    "every posting belongs to an entry": """
        SELECT e.entry_id IS NULL AS differs
        FROM posting AS p LEFT JOIN entry AS e USING (programme_id, entry_id) WHERE p.programme_id = :programme_id
    """,
    "points in circulation were drawn from funded budgets": """
        SELECT issued <> left_over + paid AS differs FROM (
            SELECT
                coalesce(sum(amount) FILTER (WHERE source_kind = :issued), 0) AS issued,
                coalesce(sum(amount) FILTER (WHERE source_kind = :budget), 0) - coalesce(
                    sum(amount) FILTER (WHERE destination_kind = :budget AND source_kind <> :issued), 0
                ) AS paid,
                (SELECT coalesce(sum(amount), 0) FROM balance
                    WHERE programme_id = :programme_id AND kind = :budget AND asset = :points) AS left_over
            FROM posting WHERE programme_id = :programme_id AND asset = :points
        ) AS totals
    """,
}


_AUDIT: Final = proofs(_CHECKS)


async def audit(session: AsyncSession, programme_id: UUID) -> list[Finding]:
    """Re-add the ledger of a programme, all of it as of one moment."""
    parameters: dict[str, object] = {
        "programme_id": programme_id,
        "kept": sorted(int(kind) for kind in KEPT),
        "points": int(Asset.POINTS),
        **{kind.name.lower(): int(kind) for kind in AccountKind},
    }
    return [Finding(row.name, row.checked, row.differences) for row in await run(session, _AUDIT, parameters)]
