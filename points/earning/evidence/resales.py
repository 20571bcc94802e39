"""Units that came back and are sold again to nobody known: whoever bought them may scan their labels."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from core.sql import run
from points import ledger
from points.earning.activities import Kind, Refusal
from points.earning.appraisals import Candidate, UnitKey, unit_key
from points.earning.claims import Claims
from points.earning.evidence import unit_claims
from points.earning.evidence.matching import open_to
from points.earning.evidence.units import SOLD_AGAIN, Unit
from points.errors import StateConflictError
from points.ledger import ClaimState, KeyUse

# The residents of the batch are locked by now, and units come before residents: nobody is waited for here.
_HOLD: Final = text("""
    SELECT key FROM claim WHERE programme_id = :programme_id AND key = ANY(CAST(:keys AS text[]))
    ORDER BY key FOR NO KEY UPDATE SKIP LOCKED
""")


async def sell_again(session: AsyncSession, programme_id: UUID, sold: Mapping[UnitKey, datetime]) -> None:
    """Let units that came back before an anonymous sale named them be scanned once more, by others than had them.

    Raises:
        StateConflictError: when one of them comes back or is sold at this very moment. Try again.
    """
    before = await unit_claims.standing(session, programme_id, sold.keys())
    back = {key: unit for key, unit in before.items() if unit.is_back and unit.effective_at <= sold[key]}
    if not back:
        return
    keys = [unit_key(key) for key in back]
    held = await run(session, _HOLD, {"programme_id": programme_id, "keys": keys})
    standing = await unit_claims.standing(session, programme_id, back.keys())
    if len(held) != len(keys) or standing != back:
        raise StateConflictError("A label's unit was brought back or sold at this very moment; send the sale again.")
    again = [
        replace(unit, activity_id=new_id(), sale_id=SOLD_AGAIN, named=False, effective_at=sold[key], back_at=sold[key])
        for key, unit in back.items()
    ]
    await unit_claims.save(session, programme_id, again)


async def claim_again(
    session: AsyncSession, programme_id: UUID, claims: Claims, appraised: Sequence[Candidate | Refusal]
) -> None:
    """Claim scanned units that were sold again, each under a key of that sale; asks only where some counted before."""
    scanned = {
        place: (candidate, candidate.unit)
        for place, candidate in enumerate(appraised)
        if isinstance(candidate, Candidate) and candidate.kind is Kind.UNIT and candidate.unit is not None
        if (claimed := claims.keys[place]) is not None and claimed.state is ClaimState.REPLAYED
    }
    found = await unit_claims.standing(session, programme_id, {unit for _, unit in scanned.values()})
    uses = {
        place: _use(found[unit])
        for place, (candidate, unit) in scanned.items()
        if unit in found and open_to(found[unit], candidate.resident_id)
    }
    claimed_now = await ledger.claim(session, programme_id, list(uses.values()))
    for (place, use), claimed in zip(uses.items(), claimed_now, strict=True):
        claims.keys[place], claims.again[place] = claimed, use.key
        claims.reported.add(scanned[place][1])


def _use(unit: Unit) -> KeyUse:
    gtin, serial = unit.key
    key = unit_key((gtin, f"{serial}@{unit.activity_id}"))  # no serial has such a sign
    return KeyUse(key, ledger.input_hash(gtin, serial), new_id())
