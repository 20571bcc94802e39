"""The one use case behind every scan and every sale: report, appraise, claim, cap, pay, write. A batch at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_ids
from labels.queries import facts_for
from points import ledger
from points.earning import queries
from points.earning.activities import Evidence, Held, Outcome, Reason, Receipt, Refusal
from points.earning.appraisals import Candidate, Identified, appraise, identify
from points.earning.bases import Bases
from points.earning.claims import Claims, claim_keys, claim_reviewed
from points.earning.clawbacks.revocations import kept_in
from points.earning.crediting import Done, Reported, credit
from points.earning.evidence import unit_claims
from points.earning.evidence.matching import TAKEN, PartOf, open_to, whose
from points.earning.evidence.resales import claim_again
from points.earning.evidence.units import Unit
from points.earning.guards.screening import Stopped, standing
from points.earning.guards.tables import Review
from points.earning.keys import UnitKey
from points.earning.rows import receipt_of
from points.ledger import Claimed, ClaimState
from points.programmes.policy import Rulebook
from points.programmes.queries import rulebook as read_rulebook
from points.residents.queries import present


async def record(
    session: AsyncSession,
    programme_id: UUID,
    activities: Sequence[Evidence],
    *,
    now: datetime,
    unit_secret: bytes | None = None,
    known: Collection[UUID] = (),
) -> list[Outcome]:
    """Credit what is worth a credit, once; return a receipt, a refusal or a hold for each activity, in order.

    `known` are residents of whom the caller has found out a moment ago that they are in the programme.
    `unit_secret` is what serials of label units were made under; without it a serial in a code says nothing. The number
    of statements does not depend on the number of activities. Locks are taken in the ledger's order.

    Raises:
        UnknownProgrammeError: when there is no such programme.
        BudgetsShortError: when an ample budget was emptied while this was written. Try again.
    """
    if not activities:
        return []
    rulebook = await read_rulebook(session, programme_id)
    serials = unit_secret is not None
    identified = [identify(evidence, rulebook.time_zone, serials=serials) for evidence in activities]
    units = await _made(session, identified, unit_secret)
    appraised = await _appraise(session, rulebook, identified, [now] * len(identified), units, known)
    claims = await claim_keys(session, programme_id, identified, appraised)
    await claim_again(session, programme_id, claims, appraised)
    fresh = {
        activity_id: Reported(candidate, activities[place], claims.again.get(place, each.key))
        for activity_id, place in claims.fresh(appraised).items()
        if isinstance(candidate := appraised[place], Candidate) and isinstance(each := identified[place], Identified)
    }
    done = await credit(session, rulebook, fresh, claims, now)
    earlier = await _earlier(session, programme_id, claims, identified, done)
    stopped = {each: it for each, it in done.items() if isinstance(it, Held | Refusal)}
    earlier.stopped.update({each: Stopped(fresh[each].candidate.resident_id, it) for each, it in stopped.items()})
    return [
        _outcome(each, candidate, claimed, done, earlier)
        for each, candidate, claimed in zip(identified, appraised, claims.keys, strict=True)
    ]


async def credit_reviewed(
    session: AsyncSession,
    programme_id: UUID,
    reviewed: Sequence[tuple[Review, Evidence]],
    *,
    now: datetime,
    unit_secret: bytes | None = None,
) -> dict[UUID, Receipt | Refusal]:
    """Credit what was held and then accepted, in the order of the reviews; return a receipt or a refusal for each.

    Each is credited under an id made now, for that tells when it was recorded; the key that led to its review leads to
    it from then on, and the review says which receipt it is. A label unit that is part of a sale by now has that sale's
    receipt, none of its own. `reviewed` are the reviews with what was reported. The caller holds their rows, so that
    each is credited once. Guards do not stop it again, and it was in time when it was held; caps and budgets hold as
    for everybody.

    Raises:
        UnknownProgrammeError: when there is no such programme.
        BudgetsShortError: when an ample budget was emptied while this was written. Try again.
    """
    if not reviewed:
        return {}
    rulebook = await read_rulebook(session, programme_id)
    evidence = [each for _, each in reviewed]
    identified = [identify(each, rulebook.time_zone, serials=unit_secret is not None) for each in evidence]
    units = await _made(session, identified, unit_secret)
    appraised = await _appraise(session, rulebook, identified, [each.effective_at for each in evidence], units)
    reviews = {each: review for each, (review, _) in zip(new_ids(len(reviewed)), reviewed, strict=True)}
    fresh = {
        activity_id: Reported(candidate, each.evidence, review.claim_key or each.key)
        for (activity_id, review), each, candidate in zip(reviews.items(), identified, appraised, strict=True)
        if isinstance(each, Identified) and isinstance(candidate, Candidate)
    }
    claims = await claim_reviewed(session, programme_id, {each: report.candidate for each, report in fresh.items()})
    done = await credit(session, rulebook, fresh, claims, now, accepted=True)
    earlier = await _receipts(session, programme_id, done)
    for activity_id in (each for each, it in done.items() if isinstance(it, Receipt)):
        reviews[activity_id].receipt_id = activity_id
    leads = {
        fresh[each].key: (review.review_id, each) for each, review in reviews.items() if review.receipt_id is not None
    }
    await ledger.lead(session, programme_id, leads)
    outcomes = dict(zip(reviews, appraised, strict=True)) | {each: _credited(it, earlier) for each, it in done.items()}
    return {reviews[each].review_id: it for each, it in outcomes.items() if isinstance(it, Receipt | Refusal)}


async def _made(
    session: AsyncSession, identified: Sequence[Identified | Refusal], secret: bytes | None
) -> dict[UnitKey, str | None]:
    """Return the units that codes name and that were made."""
    named = {each.unit for each in identified if isinstance(each, Identified) and each.unit is not None}
    return await unit_claims.made(session, named, secret=secret) if named and secret is not None else {}


async def _appraise(
    session: AsyncSession,
    rulebook: Rulebook,
    identified: Sequence[Identified | Refusal],
    moments: Sequence[datetime],
    units: Mapping[UnitKey, str | None],
    known: Collection[UUID] = (),
) -> list[Candidate | Refusal]:
    """Return what each is worth, as reported at its moment."""
    found = [each for each in identified if isinstance(each, Identified)]
    bases = Bases(await facts_for(session, {each.gtin for each in found}))
    here = set(known)
    unknown = {each.evidence.resident_id for each in found} - here
    here |= await present(session, rulebook.programme_id, {each for each in unknown if each is not None})
    appraised = [
        each
        if isinstance(each, Refusal)
        else appraise(each, rulebook=rulebook, bases=bases, present=here, units=units, now=moment)
        for each, moment in zip(identified, moments, strict=True)
    ]
    return await kept_in(session, rulebook.programme_id, appraised)


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What stood before: receipts, label units that counted, and what guards stopped."""

    receipts: dict[UUID, Receipt]
    units: dict[UnitKey, Unit]
    stopped: dict[UUID, Stopped]


async def _earlier(
    session: AsyncSession,
    programme_id: UUID,
    claims: Claims,
    identified: Sequence[Identified | Refusal],
    done: Mapping[UUID, Done],
) -> _Earlier:
    """Return what keys that were used before led to, and the receipts of sales that scanned units are part of."""
    replayed = {
        place: each.entry_id
        for place, each in enumerate(claims.keys)
        if each is not None and each.entry_id is not None and each.state is ClaimState.REPLAYED
    }
    named = [each.unit for place in replayed if isinstance(each := identified[place], Identified) and each.is_unit]
    units = await unit_claims.standing(session, programme_id, [each for each in named if each is not None])
    wanted = {*replayed.values(), *(each.activity_id for each in units.values())}
    receipts = await _receipts(session, programme_id, done, wanted)
    stopped, accepted = await standing(session, programme_id, wanted - done.keys() - receipts.keys())
    # What was accepted after the keys were read, and so led to the review.
    since = await _receipts(session, programme_id, {}, accepted.values())
    receipts |= {review_id: since[receipt_id] for review_id, receipt_id in accepted.items() if receipt_id in since}
    return _Earlier(receipts, units, stopped)


async def _receipts(
    session: AsyncSession, programme_id: UUID, done: Mapping[UUID, Done], wanted: Collection[UUID] = ()
) -> dict[UUID, Receipt]:
    """Return the receipts of `wanted` and of everything that `done` is part of, as replayed."""
    whole = {each.activity_id for each in done.values() if isinstance(each, PartOf)}
    here = {
        each: replace(receipt, replayed=True)
        for each in {*wanted, *whole}
        if isinstance(receipt := done.get(each), Receipt)
    }
    named = (set(wanted) - done.keys()) | (whole - here.keys())
    if not named:
        return here
    rows = await queries.activities(session, programme_id, named)
    return here | {activity_id: receipt_of(row, replayed=True) for activity_id, row in rows.items()}


def _outcome(
    identified: Identified | Refusal,
    appraised: Candidate | Refusal,
    claimed: Claimed | None,
    done: Mapping[UUID, Done],
    earlier: _Earlier,
) -> Outcome:
    if claimed is None or claimed.entry_id is None or isinstance(identified, Refusal):
        return appraised if isinstance(appraised, Refusal) else _conflict()
    potential = appraised.saving.full_grams if isinstance(appraised, Candidate) else None
    if claimed.state is ClaimState.FRESH:
        found = _credited(done[claimed.entry_id], earlier.receipts)
    elif claimed.state is ClaimState.CONFLICT:
        return appraised if isinstance(appraised, Refusal) else _conflict()
    elif identified.is_unit:
        found = _scanned_again(identified, claimed.entry_id, earlier)
        if isinstance(found, Refusal) and isinstance(appraised, Refusal):
            return appraised
    else:
        found = _again(claimed.entry_id, done, earlier)
    return replace(found, potential_grams=potential) if isinstance(found, Receipt) and found.replayed else found


def _credited(done: Done, receipts: Mapping[UUID, Receipt]) -> Outcome:
    return receipts[done.activity_id] if isinstance(done, PartOf) else done


def _again(entry_id: UUID, done: Mapping[UUID, Done], earlier: _Earlier) -> Outcome:
    """Return what a key led to, here or before."""
    if entry_id in earlier.receipts:
        return earlier.receipts[entry_id]
    return _credited(done[entry_id], earlier.receipts) if entry_id in done else earlier.stopped[entry_id].outcome


def _scanned_again(identified: Identified, entry_id: UUID, earlier: _Earlier) -> Outcome:
    """Return what a resident is told of a unit that was reported before: their own receipt, or that it is taken."""
    resident_id, unit = identified.evidence.resident_id, earlier.units.get(identified.unit or ("", ""))
    own = earlier.receipts.get(entry_id)
    if unit is not None and resident_id is not None and not open_to(unit, resident_id):
        told = whose(unit, resident_id)
        if isinstance(told, PartOf):
            return earlier.receipts[told.activity_id]
        return own if own is not None and own.resident_id == resident_id else told
    if unit is None and own is not None and own.resident_id == resident_id:
        return own  # accepted after the units were read
    stopped = earlier.stopped.get(entry_id)
    return stopped.outcome if stopped is not None and stopped.resident_id == resident_id else TAKEN


def _conflict() -> Refusal:
    detail = "This was reported before, for another resident or with another quantity or time; the first report stands."
    return Refusal(Reason.REPORTED_DIFFERENTLY, detail)
