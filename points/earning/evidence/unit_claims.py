"""Every SQL statement about units of serialised labels, each one for a whole batch and only where a batch names any."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from core.sql import run
from labels.units.verification import verify_units
from points import ledger
from points.earning.activities import Kind
from points.earning.adjustments.values import AdjustmentKind
from points.earning.appraisals import Candidate
from points.earning.claims import unit_use
from points.earning.evidence.matching import SOLD, OpenSale
from points.earning.evidence.units import BROUGHT_BACK, Resale, Unit
from points.earning.keys import UnitKey, unit_key
from points.ledger import EntryKind

# When all of the line came back that named a unit, so did the unit, whether the return named it or not; when some did
# without serials, it may have been among them: whenever that was, where it was a guess. What nobody known bought after
# that is asked of the lines: there may be one that was told before the return was.
_UNIT: Final = """
    SELECT u.gtin, u.serial, u.resident_id, u.activity_id, coalesce(a.saving_grams, 0) AS saving_grams, u.effective_at,
        u.back_at, u.matched_sale_id, u.named, u.named AND EXISTS (
            SELECT FROM activity AS s JOIN adjustment AS r ON r.programme_id = :programme_id
                AND r.activity_id = s.activity_id AND r.kind = :returned
            WHERE s.programme_id = :programme_id AND s.activity_id = u.matched_sale_id
            GROUP BY s.quantity HAVING s.quantity + sum(r.units) <= 0
        ) AS gone, CASE WHEN u.named THEN (
            SELECT min(CASE WHEN r.detail ? 'guessed_until' THEN u.effective_at ELSE r.effective_at END)
            FROM adjustment AS r
            WHERE r.programme_id = :programme_id AND r.activity_id = u.matched_sale_id AND r.kind = :returned
                AND r.units < 0 AND NOT coalesce(r.detail ? 'serial', false)
        ) END AS unsure_at, n.claim_code, n.line, n.sold_at
    FROM {listed} JOIN unit_claim AS u ON u.programme_id = :programme_id AND {condition}
    LEFT JOIN activity AS a ON a.programme_id = :programme_id AND a.activity_id = u.activity_id
    LEFT JOIN LATERAL (
        SELECT s.claim_code, s.line, s.sold_at FROM anonymous_sale AS s
        WHERE s.programme_id = :programme_id AND s.gtin = u.gtin AND s.serial = u.serial AND s.claimed_by IS NULL
            AND s.returned < s.quantity AND s.sold_at >= u.effective_at AND NOT EXISTS (
                SELECT FROM unit_stay AS y WHERE y.programme_id = :programme_id AND y.gtin = u.gtin
                    AND y.serial = u.serial AND y.sold_at = s.sold_at
            )
        ORDER BY s.sold_at DESC, s.claim_code, s.line LIMIT 1
    ) AS n ON u.matched_sale_id IS NOT NULL
"""
_NAMED: Final = text(
    _UNIT.format(
        listed="unnest(CAST(:gtins AS text[]), CAST(:serials AS text[])) AS t (gtin, serial)",
        condition="u.gtin = t.gtin AND u.serial = t.serial",
    )
)
_LOOSE: Final = text(
    _UNIT.format(
        listed="unnest(CAST(:resident_ids AS uuid[]), CAST(:gtins AS text[])) AS t (resident_id, gtin)",
        condition="u.resident_id = t.resident_id AND u.gtin = t.gtin AND u.matched_sale_id IS NULL",
    )
)
_NAMED_BY: Final = text("""
    SELECT matched_sale_id, serial FROM unit_claim
    WHERE programme_id = :programme_id AND matched_sale_id = ANY(CAST(:sale_ids AS uuid[])) AND named
""")
# Whoever sells a unit that was reported before holds this until the commit, in the order of the keys.
_LOCK: Final = text("""
    SELECT key FROM claim WHERE programme_id = :programme_id AND key = ANY(CAST(:keys AS text[]))
    ORDER BY key FOR NO KEY UPDATE
""")
# A unit that is known to have come back is of its sale no more, and yet was one of it.
# An entry's id tells when it was recorded, which is not before it took place, but for the skew of clocks.
_SALES: Final = text("""
    SELECT a.activity_id, a.resident_id, b.gtin, a.effective_at, greatest(0, a.quantity - (
        SELECT count(*) FROM unit_claim AS u WHERE u.programme_id = :programme_id AND u.matched_sale_id = a.activity_id
    ) - (
        SELECT count(*) FROM adjustment AS r WHERE r.programme_id = :programme_id AND r.activity_id = a.activity_id
            AND r.detail ? 'serial'
    )) AS left_over
    FROM unnest(
        CAST(:resident_ids AS uuid[]), CAST(:gtins AS text[]), CAST(:first_ids AS uuid[]),
        CAST(:sinces AS timestamptz[]), CAST(:untils AS timestamptz[])
    ) AS t (resident_id, gtin, first_id, since, until)
    JOIN entry AS e ON e.programme_id = :programme_id AND e.resident_id = t.resident_id AND e.entry_id >= t.first_id
        AND e.kind = :award
    JOIN activity AS a ON a.programme_id = :programme_id AND a.activity_id = e.entry_id
        AND a.kind = ANY(CAST(:sold AS smallint[])) AND a.effective_at BETWEEN t.since AND t.until
    JOIN basis AS b ON b.programme_id = :programme_id AND b.basis_id = a.basis_id AND b.gtin = t.gtin
""")
_SAVE: Final = text("""
    INSERT INTO unit_claim AS u (
        programme_id, gtin, serial, resident_id, activity_id, matched_sale_id, named, effective_at, back_at
    )
    SELECT :programme_id, * FROM unnest(
        CAST(:gtins AS text[]), CAST(:serials AS text[]), CAST(:resident_ids AS uuid[]),
        CAST(:activity_ids AS uuid[]), CAST(:sale_ids AS uuid[]), CAST(:nameds AS boolean[]),
        CAST(:effective_ats AS timestamptz[]), CAST(:back_ats AS timestamptz[])
    )
    ON CONFLICT (programme_id, gtin, serial) DO UPDATE SET resident_id = excluded.resident_id,
        activity_id = excluded.activity_id, matched_sale_id = excluded.matched_sale_id, named = excluded.named,
        effective_at = excluded.effective_at, back_at = excluded.back_at
""")


_RETURNED: Final = {"returned": int(AdjustmentKind.RETURN)}


async def made(session: AsyncSession, named: Collection[UnitKey], *, secret: bytes) -> dict[UnitKey, str | None]:
    """Return those of the units that were made, each with the reason for which its series was revoked, if it was."""
    wanted = sorted(set(named))
    units = await verify_units(session, wanted, secret=secret) if wanted else []
    found = [(key, unit) for key, unit in zip(wanted, units, strict=True) if unit is not None]
    return {key: None if unit.revoked_at is None else unit.revoked_reason or "" for key, unit in found}


async def standing(session: AsyncSession, programme_id: UUID, named: Collection[UnitKey]) -> dict[UnitKey, Unit]:
    """Return those of the units that counted, or came back, before."""
    if not named:
        return {}
    wanted = sorted(set(named))
    parameters = {"gtins": [gtin for gtin, _ in wanted], "serials": [serial for _, serial in wanted]}
    rows = await run(session, _NAMED, {"programme_id": programme_id, **_RETURNED, **parameters})
    return {(row.gtin, row.serial): _unit(row) for row in rows}


async def claim_returned(session: AsyncSession, programme_id: UUID, named: Collection[UnitKey]) -> set[UnitKey]:
    """Have nobody else scan or sell units that come back, until the commit; return those nobody had claimed.

    Comes before any resident is locked. Where nothing comes of it, what was claimed now is to be given back.
    """
    if not named:
        return set()
    uses = {unit: unit_use(unit, new_id()) for unit in named}
    found = dict(zip(uses, await ledger.claim(session, programme_id, list(uses.values())), strict=True))
    fresh = {unit for unit, each in found.items() if each.state is ledger.ClaimState.FRESH}
    await lock_named(session, programme_id, set(named) - fresh)
    return fresh


async def named_by(session: AsyncSession, programme_id: UUID, sale_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the serials that sales named, of units that no return named since."""
    parameters = {"programme_id": programme_id, "sale_ids": sorted(set(sale_ids))}
    rows = await run(session, _NAMED_BY, parameters) if sale_ids else ()
    return {row.matched_sale_id: row.serial for row in rows}


async def lock_named(session: AsyncSession, programme_id: UUID, named: Collection[UnitKey]) -> None:
    """Have nobody else sell these units until the commit. Comes with the claims, before any resident is locked."""
    if named:
        keys = sorted({unit_key(unit) for unit in named})
        await run(session, _LOCK, {"programme_id": programme_id, "keys": keys})


async def loose(session: AsyncSession, programme_id: UUID, shelves: Iterable[tuple[UUID, str]]) -> list[Unit]:
    """Return residents' units of products that no sale was matched with yet. The residents are locked."""
    wanted = sorted(set(shelves))
    parameters = {"resident_ids": [each for each, _ in wanted], "gtins": [gtin for _, gtin in wanted]}
    rows = await run(session, _LOOSE, {"programme_id": programme_id, **_RETURNED, **parameters})
    return [_unit(row) for row in rows]


async def sales(
    session: AsyncSession, programme_id: UUID, scanned: Iterable[Candidate]
) -> list[tuple[tuple[UUID, str], OpenSale]]:
    """Return the sales that scanned units may be part of. The residents are locked."""
    wanted = [each for each in scanned if each.kind is Kind.UNIT]
    if not wanted:
        return []
    windows = [timedelta(days=each.policy.terms.matching_days) for each in wanted]
    sinces = [each.effective_at - window for each, window in zip(wanted, windows, strict=True)]
    parameters = {
        "resident_ids": [each.resident_id for each in wanted],
        "gtins": [each.gtin for each in wanted],
        "first_ids": [_first_id(since) for since in sinces],
        "sinces": sinces,
        "untils": [each.effective_at + window for each, window in zip(wanted, windows, strict=True)],
        "sold": sorted(int(kind) for kind in SOLD),
        "award": int(EntryKind.AWARD),
    }
    rows = await run(session, _SALES, {"programme_id": programme_id, **parameters})
    found = {row.activity_id: row for row in rows}.values()
    return [((row.resident_id, row.gtin), OpenSale(row.activity_id, row.effective_at, row.left_over)) for row in found]


async def save(session: AsyncSession, programme_id: UUID, changed: Collection[Unit]) -> None:
    """Write units as they stand now."""
    if not changed:
        return
    parameters = {
        "gtins": [unit.key[0] for unit in changed],
        "serials": [unit.key[1] for unit in changed],
        "resident_ids": [unit.resident_id for unit in changed],
        "activity_ids": [unit.activity_id for unit in changed],
        "sale_ids": [unit.sale_id for unit in changed],
        "nameds": [unit.named for unit in changed],
        "effective_ats": [unit.effective_at for unit in changed],
        "back_ats": [unit.back_at for unit in changed],
    }
    await run(session, _SAVE, {"programme_id": programme_id, **parameters})


def _unit(row: Row[Any]) -> Unit:
    back = row.gone or row.matched_sale_id == BROUGHT_BACK
    return Unit(
        key=(row.gtin, row.serial),
        resident_id=row.resident_id,
        activity_id=row.activity_id,
        saving_grams=row.saving_grams,
        effective_at=row.effective_at,
        sale_id=row.matched_sale_id,
        named=row.named,
        back_at=row.back_at,
        gone=row.gone,
        unsure_at=row.unsure_at,
        resale=Resale(f"{row.claim_code}/{row.line}", row.sold_at) if back and row.line is not None else None,
    )


def _first_id(since: datetime) -> UUID:
    """Return the least UUIDv7 of what was recorded a day before `since` or later."""
    return UUID(int=max(0, int((since - timedelta(days=1)).timestamp() * 1000)) << 80)
