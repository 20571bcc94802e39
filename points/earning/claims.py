"""Claiming the keys of a batch: first those of sales and scans, then those of units, so that all are in one order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_ids
from points import ledger
from points.earning.activities import Kind, Refusal
from points.earning.appraisals import Candidate, Identified
from points.earning.keys import UnitKey, unit_key
from points.ledger import Claimed, ClaimState, KeyUse


@dataclass(slots=True)
class Claims:
    """What stands under the key of each activity of a batch, None where nothing does.

    `sold` are the keys of units that fresh sales name, by the sale's id; `reported` those of them that were reported
    before, which are looked up and locked. `again` are keys of scanned units that were sold again after they had come
    back, by their places.
    """

    keys: list[Claimed | None]
    sold: dict[UUID, str] = field(default_factory=dict)
    reported: set[UnitKey] = field(default_factory=set)
    again: dict[int, str] = field(default_factory=dict)

    def fresh(self, appraised: Sequence[Candidate | Refusal]) -> dict[UUID, int]:
        """Return the places of candidates that are to be credited, by the id their entries get."""
        return {
            claimed.entry_id: place
            for place, (claimed, candidate) in enumerate(zip(self.keys, appraised, strict=True))
            if isinstance(candidate, Candidate)
            and claimed is not None
            and claimed.entry_id is not None
            and claimed.state is ClaimState.FRESH
        }


async def claim_keys(
    session: AsyncSession,
    programme_id: UUID,
    identified: Sequence[Identified | Refusal],
    appraised: Sequence[Candidate | Refusal],
) -> Claims:
    """Claim the keys of candidates; of what is refused today, find out whether it was credited earlier."""
    uses = {
        place: KeyUse(each.key, _told_apart(*each.told_apart_by()), entry_id)
        for place, (each, entry_id) in enumerate(zip(identified, new_ids(len(identified)), strict=True))
        if isinstance(each, Identified)
    }
    wanted, units, others = _sorted(uses, appraised)
    claimed = dict(zip(wanted, await ledger.claim(session, programme_id, list(wanted.values())), strict=True))
    standing = dict(zip(others, await ledger.find(session, programme_id, list(others.values())), strict=True))
    claims = Claims([claimed.get(place) or standing.get(place) for place in range(len(identified))])
    sold = await _claim_units(session, programme_id, claims, _named(claims, appraised), list(units.values()))
    for place, found in zip(units, sold, strict=True):
        claims.keys[place] = found
    return claims


async def claim_reviewed(session: AsyncSession, programme_id: UUID, candidates: Mapping[UUID, Candidate]) -> Claims:
    """Claim the keys of units that held sales name. Their own keys were claimed when they were held."""
    claims = Claims([])
    sold = {each: candidate.unit for each, candidate in candidates.items() if candidate.kind is not Kind.UNIT}
    await _claim_units(session, programme_id, claims, {each: unit for each, unit in sold.items() if unit}, [])
    claims.reported |= {each.unit for each in candidates.values() if each.kind is Kind.UNIT and each.unit is not None}
    return claims


async def _claim_units(
    session: AsyncSession, programme_id: UUID, claims: Claims, named: Mapping[UUID, UnitKey], scanned: list[KeyUse]
) -> list[Claimed]:
    """Claim the keys of units that sales name, and of scanned ones; return what stands under those of the scanned."""
    if not named and not scanned:
        return []
    sold = [unit_use(unit, sale_id) for sale_id, unit in named.items()]
    found = await ledger.claim(session, programme_id, [*sold, *scanned])
    for use, (sale_id, unit), claimed in zip(sold, named.items(), found, strict=False):
        if claimed.state is ClaimState.FRESH:
            claims.sold[sale_id] = use.key
        else:
            claims.reported.add(unit)
    return found[len(sold) :]


def unit_use(unit: UnitKey, entry_id: UUID) -> KeyUse:
    """Return the claim of a label unit: the same whoever scans it, sells it or brings it back."""
    return KeyUse(unit_key(unit), _told_apart(*unit), entry_id)


def held_use(identified: Identified, review_id: UUID) -> KeyUse:
    """Return the claim that a held activity has under its own key: what led to its review, until it is accepted."""
    return KeyUse(identified.key, _told_apart(*identified.told_apart_by()), review_id)


def _told_apart(*parts: object) -> bytes:
    """Return 8 bytes: there is one for every activity, and who reports a line twice deceives nobody but themselves."""
    return ledger.input_hash(*parts)[:8]


def _sorted(
    uses: dict[int, KeyUse], appraised: Sequence[Candidate | Refusal]
) -> tuple[dict[int, KeyUse], dict[int, KeyUse], dict[int, KeyUse]]:
    """Return the keys to be claimed, those of units, and those to be looked up, each by its place."""
    wanted: dict[int, KeyUse] = {}
    units: dict[int, KeyUse] = {}
    others: dict[int, KeyUse] = {}
    for place, use in uses.items():
        match appraised[place]:
            case Refusal():
                others[place] = use
            case Candidate(kind=Kind.UNIT):
                units[place] = use
            case Candidate():
                wanted[place] = use
    return wanted, units, others


def _named(claims: Claims, appraised: Sequence[Candidate | Refusal]) -> dict[UUID, UnitKey]:
    """Return the units that fresh sales name, by the sale's id."""
    named: dict[UUID, UnitKey] = {}
    for activity_id, place in claims.fresh(appraised).items():
        candidate = appraised[place]
        if isinstance(candidate, Candidate) and candidate.unit is not None:
            named[activity_id] = candidate.unit
    return named
