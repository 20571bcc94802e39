"""Screening a batch before it is credited: what passes, what is held or refused, and what shared caps leave."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from points.earning.activities import Cut, Evidence, Held, Kind, Reason, Refusal, Sale
from points.earning.appraisals import Candidate
from points.earning.guards import needs, queries, review_queries
from points.earning.guards.allowances import Allowances, CapUse
from points.earning.guards.known import Gathered, gather
from points.earning.guards.needs import BroughtBack, Counted, TallyKey
from points.earning.guards.reported import stored
from points.earning.guards.review_queries import NewReview
from points.earning.guards.rules import as_seen, judge
from points.earning.guards.tables import Review, ReviewState
from points.earning.guards.verdicts import Attempt, Hold, Pass, Stop
from points.earning.guards.wording import found
from points.programmes.guard_terms import Rule
from points.programmes.policy import Rulebook

_WAITING: Final = "An operator looks at it; nothing is to be done."
_APPEAL: Final = "Ask the programme to look again if that is wrong."


@dataclass(frozen=True, slots=True)
class Stopped:
    """What guards stopped: whose it is, and what that resident is told. It is nobody else's affair."""

    resident_id: UUID
    outcome: Held | Refusal


@dataclass(frozen=True, slots=True)
class Screened:
    """What guards say of a batch: the outcome of what they stopped, and the shared caps of what they let through."""

    stopped: Mapping[UUID, Held | Refusal] = field(default_factory=dict)
    caps: Mapping[UUID, tuple[CapUse, ...]] = field(default_factory=dict)
    counters: Mapping[UUID, tuple[TallyKey, ...]] = field(default_factory=dict)

    def allowances(self) -> Allowances:
        """Return what shared caps leave, untouched: one set for each pass over the batch."""
        return Allowances.after(self.caps)


async def screen(
    session: AsyncSession,
    rulebook: Rulebook,
    candidates: Mapping[UUID, Candidate],
    reported: Mapping[UUID, Evidence],
    keys: Mapping[UUID, str],
    *,
    now: datetime,
    accepted: bool = False,
) -> Screened:
    """Judge candidates, each under the id of its entry, and open a review for each that is stopped.

    The residents are locked. `keys` are what was claimed for each. Asks the database nothing unless a policy of the
    batch sets a guard or a shared cap. `accepted` says that an operator has accepted all of these: no rule stops them
    again, and the caps hold.
    """
    terms = {each.policy.version: each.policy.terms for each in candidates.values()}
    if not any(map(needs.asks_anything, terms.values())):
        return Screened()
    attempts = [_attempt(activity_id, each, reported[activity_id]) for activity_id, each in candidates.items()]
    households = await _household_caps(session, rulebook, attempts)
    gathered = await gather(session, rulebook.programme_id, attempts, accepted=accepted)
    stops = {} if accepted else _stops(attempts, gathered)
    if stops:
        opened = [
            _review(each, stops[each.activity_id], reported[each.activity_id], keys[each.activity_id])
            for each in attempts
            if each.activity_id in stops
        ]
        await review_queries.open_reviews(session, rulebook.programme_id, opened, now)
    passed = [each for each in attempts if each.activity_id not in stops]
    return Screened(
        stopped={
            each: _told(each, stop.rule, stop.detail, held=isinstance(stop, Hold)) for each, stop in stops.items()
        },
        caps={
            each.activity_id: (*households.get(each.activity_id, ()), *_retailer_caps(each, gathered))
            for each in passed
        },
        counters={each.activity_id: tuple(key for _, key, _ in _capped(each)) for each in passed},
    )


async def note_granted(
    session: AsyncSession, programme_id: UUID, screened: Screened, grams: Mapping[UUID, int]
) -> None:
    """Count the grams each activity was credited against its retailer's caps. Before `ledger.append`.

    What is taken back later frees the room it used: `free` counts it out again, under the same keys.
    """
    sums: dict[TallyKey, int] = defaultdict(int)
    for activity_id, credited in grams.items():
        for key in screened.counters.get(activity_id, ()):
            sums[key] += credited
    if sums:
        await queries.add_grams(session, programme_id, sums)


async def note_returned(session: AsyncSession, rulebook: Rulebook, returns: Sequence[BroughtBack]) -> None:
    """Count units that were brought back, where a policy asks for the share of them.

    After everything else, budgets too: these counters are written by returns alone, and so nobody who holds one of them
    ever waits for anything.
    """
    added: dict[TallyKey, Counted] = defaultdict(Counted)
    for each in returns:
        policy = rulebook.policy_at(each.returned_at)
        day = each.returned_at.astimezone(ZoneInfo(rulebook.time_zone)).date()
        for key in needs.counters_of_return(each, policy.terms, day) if policy else ():
            added[key].units += each.units
    if added:
        await queries.count(session, rulebook.programme_id, added)


async def note_given_up(session: AsyncSession, rulebook: Rulebook, claimed: Collection[Sale]) -> None:
    """Count out again what was refused just now and can be claimed by others: it is counted with whoever claims it."""
    attempts = [each for sale in claimed if (each := _attempt_of(sale, rulebook)) is not None]
    await _count_out(session, rulebook.programme_id, attempts)


async def note_unmatched(
    session: AsyncSession, programme_id: UUID, refused: Mapping[UUID, Candidate], reported: Mapping[UUID, Evidence]
) -> None:
    """Count out again what guards let through and matching refused: its key is free, and it may be told again."""
    attempts = [_attempt(activity_id, each, reported[activity_id]) for activity_id, each in refused.items()]
    await _count_out(session, programme_id, attempts)


async def _count_out(session: AsyncSession, programme_id: UUID, attempts: Sequence[Attempt]) -> None:
    """Take attempts from the counters, in the transaction that counted them in and has locked these counters."""
    counted = {key: Counted(-each.lines, -each.units) for key, each in needs.added(attempts).items()}
    if counted:
        await queries.count(session, programme_id, counted)


async def standing(
    session: AsyncSession, programme_id: UUID, entry_ids: Collection[UUID]
) -> tuple[dict[UUID, Stopped], dict[UUID, UUID]]:
    """Return what became of claimed keys that led to a review and not to an activity.

    That is what guards stopped, and the receipts of what was accepted since the keys were read, both by review.
    """
    if not entry_ids:
        return {}, {}
    found = await review_queries.reviews_of(session, programme_id, entry_ids)
    stopped = {
        review_id: Stopped(each.resident_id, outcome_of(each))
        for review_id, each in found.items()
        if each.state != ReviewState.ACCEPTED
    }
    return stopped, {each: it.receipt_id for each, it in found.items() if it.receipt_id is not None}


def outcome_of(review: Review) -> Held | Refusal:
    """Return what whoever reports the activity again is told, while it is not accepted."""
    return _told(review.review_id, review.rule, review.detail, held=review.state == ReviewState.OPEN)


def _told(review_id: UUID, rule: str, detail: str, *, held: bool) -> Held | Refusal:
    told = found(Rule(rule), detail)
    if held:
        return Held(review_id, rule, f"{told} {_WAITING}")
    return Refusal(Reason.REFUSED_BY_GUARD, f"{rule}: {told} {_APPEAL} Its number is {review_id}.")


def _attempt(activity_id: UUID, candidate: Candidate, evidence: Evidence) -> Attempt:
    return Attempt(
        activity_id=activity_id,
        resident_id=candidate.resident_id,
        retailer_id=candidate.retailer_id,
        receipt=getattr(evidence, "receipt", None),
        kind=candidate.kind,
        gtin=candidate.gtin,
        category_id=candidate.category_id,
        quantity=candidate.quantity,
        effective_at=candidate.effective_at,
        day=candidate.day,
        terms=candidate.policy.terms,
    )


def _attempt_of(sale: Sale, rulebook: Rulebook) -> Attempt | None:
    """Return a claimed sale as far as counters ask: whatever its id and its product."""
    policy = rulebook.policy_at(sale.effective_at)
    if policy is None or sale.resident_id is None:
        return None
    return Attempt(
        activity_id=UUID(int=0),
        resident_id=sale.resident_id,
        retailer_id=sale.retailer_id,
        receipt=sale.receipt,
        kind=Kind.CLAIMED,
        gtin="",
        category_id=None,
        quantity=sale.quantity,
        effective_at=sale.effective_at,
        day=sale.effective_at.astimezone(ZoneInfo(rulebook.time_zone)).date(),
        terms=policy.terms,
    )


def _stops(attempts: Sequence[Attempt], gathered: Gathered) -> dict[UUID, Stop]:
    """Judge one after the other: each sees those that passed before it."""
    stops: dict[UUID, Stop] = {}
    for attempt in attempts:
        verdict = judge(attempt, gathered.known(attempt))
        if isinstance(verdict, Pass):
            gathered.seen.setdefault(attempt.resident_id, []).append(as_seen(attempt))
        else:
            stops[attempt.activity_id] = verdict
    return stops


def _review(attempt: Attempt, stop: Stop, evidence: Evidence, key: str) -> NewReview:
    return NewReview(
        review_id=attempt.activity_id,
        resident_id=attempt.resident_id,
        retailer_id=attempt.retailer_id,
        state=ReviewState.OPEN if isinstance(stop, Hold) else ReviewState.REFUSED,
        rule=stop.rule,
        detail=stop.detail,
        facts=dict(stop.facts),
        evidence=stored(evidence),
        gtin=attempt.gtin,
        quantity=attempt.quantity,
        effective_at=attempt.effective_at,
        claim_key=key,
    )


def _capped(attempt: Attempt) -> list[tuple[Cut, TallyKey, int]]:
    """Return the retailer's caps with the counter of each."""
    return needs.capped(attempt.retailer_id, attempt.day, attempt.terms.caps)


def _retailer_caps(attempt: Attempt, gathered: Gathered) -> list[CapUse]:
    if attempt.retailer_id is None:
        return []
    return [
        CapUse(cut, attempt.retailer_id, key.period, max(0, cap - gathered.grams_before(key)))
        for cut, key, cap in _capped(attempt)
    ]


async def _household_caps(
    session: AsyncSession, rulebook: Rulebook, attempts: Sequence[Attempt]
) -> dict[UUID, list[CapUse]]:
    """Lock the households of residents whose policy caps them, and return what each activity's household has left."""
    capped = [each for each in attempts if needs.caps_households(each.terms.caps)]
    if not capped:
        return {}
    residents = {each.resident_id for each in capped}
    household_ids = await queries.lock_households(session, rulebook.programme_id, residents)
    if not household_ids:
        return {}
    days = {(each.resident_id, each.day) for each in capped}
    rows = await queries.household_usage(
        session, rulebook.programme_id, household_ids, days, time_zone=rulebook.time_zone
    )
    usage: dict[tuple[UUID, date], Row[Any]] = {(row.resident_id, row.day): row for row in rows}
    return {
        each.activity_id: _household_uses(each, usage[each.resident_id, each.day])
        for each in capped
        if (each.resident_id, each.day) in usage
    }


def _household_uses(attempt: Attempt, used: Row[Any]) -> list[CapUse]:
    caps, whose = attempt.terms.caps, used.household_id
    day, month = attempt.day.toordinal(), needs.month_number(attempt.day)
    wanted = (
        (Cut.HOUSEHOLD_GRAMS_PER_DAY, day, caps.household_grams_per_day, used.day_grams, False),
        (Cut.HOUSEHOLD_GRAMS_PER_MONTH, month, caps.household_grams_per_month, used.month_grams, False),
        (Cut.HOUSEHOLD_POINTS_PER_DAY, day, caps.household_points_per_day, used.day_points, True),
        (Cut.HOUSEHOLD_POINTS_PER_MONTH, month, caps.household_points_per_month, used.month_points, True),
    )
    return [
        CapUse(cut, whose, period, max(0, cap - before), of_points)
        for cut, period, cap, before, of_points in wanted
        if cap is not None
    ]
