"""From a scanned serial to what it is: a genuine unit, one of a revoked series, or nothing that was ever made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.queries import run
from labels.units.serials import code_of, key_id, series_key

_SERIES: Final = text("""
    SELECT code, id, gtin, count, key_id, ordered_at, revoked_at, revoked_reason FROM unit_series
    WHERE code = ANY(CAST(:codes AS varchar[]))
""")


class UnitState(StrEnum):
    """What a serial is worth."""

    GENUINE = "genuine"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit whose serial was made here; only a genuine one is evidence of anything."""

    series_id: UUID
    gtin: str
    serial: str
    number: int
    state: UnitState
    ordered_at: datetime
    revoked_at: datetime | None
    revoked_reason: str | None


async def verify_units(
    session: AsyncSession, scanned: Sequence[tuple[str, str]], *, secret: bytes
) -> list[Unit | None]:
    """Return the unit behind each pair of 14-digit GTIN and serial, or None where none was made; in one statement.

    A serial that was made for another product, beyond the count of its series, or under another secret is none.
    """
    codes = sorted({code for _, serial in scanned if (code := code_of(serial)) is not None})
    series = {row[0]: row for row in await run(session, _SERIES, {"codes": codes})} if codes else {}
    known = key_id(secret)
    found: list[Unit | None] = []
    for gtin, serial in scanned:
        row = series.get(code_of(serial) or "")
        if row is None or row[2] != gtin or row[4] != known:
            found.append(None)
            continue
        number = series_key(secret, row[0], gtin).number(serial)
        state = UnitState.GENUINE if row[6] is None else UnitState.REVOKED
        made = number is not None and number <= row[3]
        found.append(Unit(row[1], gtin, serial, number or 0, state, *row[5:]) if made else None)
    return found
