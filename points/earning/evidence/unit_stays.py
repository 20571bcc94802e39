"""Every SQL statement about the time units were with buyers who brought them back, each one for a whole batch."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.earning.evidence.units import Stay
from points.earning.keys import UnitKey

_STAYS: Final = text("""
    SELECT y.gtin, y.serial, y.sold_at, y.back_at, y.retailer_id, y.resident_id, y.guessed,
        y.settled
    FROM unnest(CAST(:gtins AS text[]), CAST(:serials AS text[])) AS t (gtin, serial)
    JOIN unit_stay AS y ON y.programme_id = :programme_id AND y.gtin = t.gtin AND y.serial = t.serial
    ORDER BY y.sold_at
""")
_SAVE: Final = text("""
    INSERT INTO unit_stay (programme_id, gtin, serial, sold_at, back_at, retailer_id, resident_id, guessed, settled)
    SELECT :programme_id, * FROM unnest(
        CAST(:gtins AS text[]), CAST(:serials AS text[]), CAST(:sold_ats AS timestamptz[]),
        CAST(:back_ats AS timestamptz[]), CAST(:retailer_ids AS uuid[]), CAST(:resident_ids AS uuid[]),
        CAST(:guesseds AS boolean[]), CAST(:settleds AS boolean[])
    )
""")
_MOVE: Final = text("""
    UPDATE unit_stay AS y SET sold_at = t.sold_at, settled = t.settled
    FROM unnest(
        CAST(:gtins AS text[]), CAST(:serials AS text[]), CAST(:guessed_ats AS timestamptz[]),
        CAST(:sold_ats AS timestamptz[]), CAST(:settleds AS boolean[])
    ) AS t (gtin, serial, guessed_at, sold_at, settled)
    WHERE y.programme_id = :programme_id AND y.gtin = t.gtin AND y.serial = t.serial AND y.sold_at = t.guessed_at
""")


async def stays(
    session: AsyncSession, programme_id: UUID, units: Collection[UnitKey]
) -> dict[UnitKey, tuple[Stay, ...]]:
    """Return the stays of units, in their order; none of units that never came back. Their keys are locked."""
    wanted = sorted(set(units))
    found: dict[UnitKey, list[Stay]] = defaultdict(list)
    parameters = {"gtins": [gtin for gtin, _ in wanted], "serials": [serial for _, serial in wanted]}
    for row in await run(session, _STAYS, {"programme_id": programme_id, **parameters}) if wanted else ():
        stay = Stay(row.sold_at, row.back_at, row.retailer_id, row.resident_id, row.guessed, row.settled)
        found[row.gtin, row.serial].append(stay)
    return {unit: tuple(each) for unit, each in found.items()}


async def save(session: AsyncSession, programme_id: UUID, ended: Mapping[UnitKey, Stay]) -> None:
    """Write down stays that ended with a return."""
    if not ended:
        return
    parameters = {
        "gtins": [gtin for gtin, _ in ended],
        "serials": [serial for _, serial in ended],
        "sold_ats": [each.sold_at for each in ended.values()],
        "back_ats": [each.back_at for each in ended.values()],
        "retailer_ids": [each.retailer_id for each in ended.values()],
        "resident_ids": [each.resident_id for each in ended.values()],
        "guesseds": [each.guessed for each in ended.values()],
        "settleds": [each.settled for each in ended.values()],
    }
    await run(session, _SAVE, {"programme_id": programme_id, **parameters})


async def move(session: AsyncSession, programme_id: UUID, moved: Mapping[tuple[UnitKey, datetime], Stay]) -> None:
    """Write down of which sale guessed stays turned out to be: by unit and the moment guessed, as they are now."""
    if not moved:
        return
    parameters = {
        "gtins": [gtin for (gtin, _), _ in moved],
        "serials": [serial for (_, serial), _ in moved],
        "guessed_ats": [guessed_at for _, guessed_at in moved],
        "sold_ats": [each.sold_at for each in moved.values()],
        "settleds": [each.settled for each in moved.values()],
    }
    await run(session, _MOVE, {"programme_id": programme_id, **parameters})
