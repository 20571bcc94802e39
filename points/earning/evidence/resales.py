"""Units that came back and are sold again to nobody known: whoever bought them may scan their labels."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points import ledger
from points.earning.activities import Kind, Refusal
from points.earning.appraisals import Candidate
from points.earning.claims import Claims
from points.earning.evidence import unit_claims
from points.earning.evidence.matching import open_to
from points.earning.evidence.units import Unit
from points.earning.keys import unit_key
from points.ledger import ClaimState, KeyUse


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
    assert unit.resale is not None, "it is open"
    key = unit_key((gtin, f"{serial}@{unit.resale.key}"))  # no serial has such a sign
    return KeyUse(key, ledger.input_hash(gtin, serial), new_id())
