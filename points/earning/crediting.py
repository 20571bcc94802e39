"""What follows on the claims: locks, guards, matching, caps, budgets and rows, in the ledger's order."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.values import unguarded
from points import ledger
from points.campaigns import queries as campaign_queries
from points.campaigns.rules import OpenCampaign
from points.earning import queries
from points.earning.activities import Evidence, Held, Receipt, Refusal
from points.earning.adjustments.adjustments import adjust
from points.earning.adjustments.values import AdjustmentKind, Change, Nothing
from points.earning.appraisals import Candidate, without
from points.earning.claims import Claims
from points.earning.evidence import unit_claims, unit_stays
from points.earning.evidence.matching import Confirmed, Matching, PartOf
from points.earning.evidence.units import NOBODY
from points.earning.funding.deferrals import note, spoken_for
from points.earning.grants import Credit, Rooms, Used, grant
from points.earning.guards.screening import Screened, note_granted, note_unmatched, screen
from points.earning.rows import draft_of, receipt_of, recorded_of
from points.programmes.policy import Rulebook

_AMPLE: Final = 100
"""Budgets are rows that everybody draws on: to hold them while a batch is written makes batches wait in line. As long
as this many batches more are left in them, they are only looked at, and taken last of all. Else they are taken first,
so that nobody else draws what was granted here.
"""
_SUPERSEDED: Final = "The unit was sold to somebody else: the till's report of its serial says so."


@unguarded
@dataclass(frozen=True, slots=True)
class Reported:
    """A candidate with what was reported, and the key that was claimed for it."""

    candidate: Candidate
    evidence: Evidence
    key: str


Done = Receipt | Refusal | Held | PartOf


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is to be credited, and what was used before; its residents are locked."""

    candidates: dict[UUID, Candidate]
    used: Collection[Used]
    screened: Screened
    superseded: dict[UUID, UUID]


async def credit(
    session: AsyncSession,
    rulebook: Rulebook,
    reported: Mapping[UUID, Reported],
    claims: Claims,
    now: datetime,
    *,
    accepted: bool = False,
) -> dict[UUID, Done]:
    """Credit what was claimed, each under the id its entry gets; the residents' lock comes before anything is read.

    `accepted` says that operators have accepted all of it, so that no guard holds it again.
    """
    if not reported:
        return {}
    programme_id = rulebook.programme_id
    candidates = {activity_id: each.candidate for activity_id, each in reported.items()}
    await _lock(session, programme_id, candidates, claims)
    used, missing = await queries.usage(session, programme_id, candidates.values())
    await queries.write_bases(session, programme_id, candidates.values(), missing)
    evidence = {activity_id: each.evidence for activity_id, each in reported.items()}
    keys = {activity_id: each.key for activity_id, each in reported.items()}
    screened = await screen(session, rulebook, candidates, evidence, keys, now=now, accepted=accepted)
    passed = {each: candidate for each, candidate in candidates.items() if each not in screened.stopped}
    matching = await _matching(session, programme_id, passed, used, claims)
    matches = matching.match(passed)
    await unit_claims.save(session, programme_id, list(matching.changed.values()))
    await unit_stays.move(session, programme_id, matching.settled)
    # What was held keeps its key, whatever comes of it: it leads to the review, or from now on to the receipt.
    refused = {each: passed[each] for each, it in matches.items() if isinstance(it, Refusal) and not accepted}
    unsold = [key for sale_id, key in claims.sold.items() if sale_id in screened.stopped]
    await ledger.unclaim(session, programme_id, [*(reported[each].key for each in refused), *unsold])
    await note_unmatched(session, programme_id, refused, evidence)
    done = {**screened.stopped, **{each: it for each, it in matches.items() if not isinstance(it, Confirmed)}}
    confirmed = {each: it for each, it in matches.items() if isinstance(it, Confirmed)}
    batch = _Batch(
        candidates={each: _confirming(passed[each], confirmed.get(each)) for each in passed if each not in done},
        used=used,
        screened=screened,
        superseded={unit: sale for sale, match in confirmed.items() for unit in match.superseded},
    )
    return done | await _credit(session, rulebook, batch, now)


async def _lock(
    session: AsyncSession, programme_id: UUID, candidates: Mapping[UUID, Candidate], claims: Claims
) -> None:
    """Lock the candidates' residents, and whoever has a unit now that a sale of the batch names."""
    await unit_claims.lock_named(session, programme_id, claims.reported)
    standing = await unit_claims.standing(session, programme_id, claims.reported)
    residents = {each.resident_id for each in candidates.values()}
    owners = {each.resident_id for each in standing.values()} - {NOBODY}
    await ledger.lock(session, programme_id, residents | owners)


async def _matching(
    session: AsyncSession, programme_id: UUID, passed: Mapping[UUID, Candidate], used: Collection[Used], claims: Claims
) -> Matching:
    """Return the units and sales that candidates may be matched with; asks only where there are any."""
    named = await unit_claims.standing(session, programme_id, claims.reported)
    scanning = {each.resident_id for each in used if each.has_units} | {each.resident_id for each in named.values()}
    shelves = {(each.resident_id, each.gtin) for each in passed.values() if each.resident_id in scanning}
    shelves |= {(each.resident_id, each.key[0]) for each in named.values()}
    loose = await unit_claims.loose(session, programme_id, shelves) if shelves else []
    stays = await unit_stays.stays(
        session, programme_id, [key for key, unit in named.items() if unit.is_back or unit.back_at]
    )
    return Matching.of(named.values(), stays, loose, await unit_claims.sales(session, programme_id, passed.values()))


def _confirming(candidate: Candidate, match: Confirmed | None) -> Candidate:
    """Return a sale without units that came back before it was told, and what those it confirms were credited."""
    if match is None:
        return candidate
    candidate = without(candidate, match.back) if match.back else candidate
    if not match.units:
        return candidate
    grams = max(0, candidate.saving.grams - sum(unit.saving_grams for unit in match.units))
    matched = tuple(unit.activity_id for unit in match.units)
    return replace(candidate, saving=replace(candidate.saving, grams=grams), matched=matched)


async def _credit(session: AsyncSession, rulebook: Rulebook, batch: _Batch, now: datetime) -> dict[UUID, Receipt]:
    """Cap, pay and write; budgets last of all."""
    candidates, programme_id = batch.candidates, rulebook.programme_id
    if not candidates:
        return {}
    campaigns = await _campaigns(session, programme_id, candidates.values())
    budget_ids = {rulebook.base_budget_id, rulebook.engagement_budget_id, *(each.budget_id for each in campaigns)}
    days = {(each.resident_id, each.day) for each in candidates.values()}
    spoken = await spoken_for(session, rulebook, budget_ids, days)

    def granted(budgets: dict[UUID, int]) -> list[Credit]:
        rooms, allowances = Rooms.after(batch.used, spoken.days), batch.screened.allowances()
        return [
            Credit(activity_id, each, grant(each, campaigns, rulebook, budgets, room))
            for activity_id, each in candidates.items()
            for room in [rooms.of(each.resident_id, each.day, allowances.of(activity_id))]
        ]

    if batch.superseded:
        # What is taken back fills budgets before the rest is drawn from some: all that may be are locked at once.
        budget_ids |= await campaign_queries.budgets(session, programme_id)
        credited = granted(spoken.open(await ledger.lock_budgets(session, programme_id, budget_ids)))
        return await _write(session, rulebook, batch, credited, now)
    looked = spoken.open(await ledger.budgets_left(session, programme_id, budget_ids))
    left = dict(looked)
    credited = granted(left)
    if any(left[budget_id] < _AMPLE * (looked.get(budget_id, 0) - left[budget_id]) for budget_id in left):
        credited = granted(spoken.open(await ledger.lock_budgets(session, programme_id, budget_ids)))
    return await _write(session, rulebook, batch, credited, now)


async def _write(
    session: AsyncSession, rulebook: Rulebook, batch: _Batch, credited: list[Credit], now: datetime
) -> dict[UUID, Receipt]:
    """Write activities and their residents' days, then the entries that draw on budgets."""
    programme_id = rulebook.programme_id
    rows = [recorded_of(each) for each in credited]
    await queries.write(session, programme_id, rows, now)
    await note(session, rulebook, credited)
    await note_granted(session, programme_id, batch.screened, {each.activity_id: each.grant.grams for each in credited})
    owing = {each.resident_id for each in batch.used if each.owes}
    await adjust(session, programme_id, [_supersession(*each, now) for each in batch.superseded.items()], now=now)
    drafts = [draft_of(each, rulebook, now, owes=each.candidate.resident_id in owing) for each in credited]
    await ledger.append(session, programme_id, drafts)
    return {
        row.activity_id: receipt_of(row, potential_grams=each.candidate.saving.full_grams, awards=each.grant.awards)
        for row, each in zip(rows, credited, strict=True)
    }


def _supersession(unit_activity_id: UUID, sale_id: UUID, now: datetime) -> Change:
    return Change(
        key=f"superseded:{unit_activity_id}",
        activity_id=unit_activity_id,
        kind=AdjustmentKind.SUPERSEDED,
        keep=Nothing(),
        reason=_SUPERSEDED,
        order_id=sale_id,
        effective_at=now,
    )


async def _campaigns(
    session: AsyncSession, programme_id: UUID, candidates: Collection[Candidate]
) -> list[OpenCampaign]:
    times = [each.effective_at for each in candidates]
    return await campaign_queries.open_campaigns(session, programme_id, min(times), max(times))
