"""Giving back what an order took of one resident, wholly or of some receipts: after an appeal, or because it was wrong.

Everything by further entries: each adjustment of the order is undone by one of its own, and afterwards the receipts,
the resident's days and points, and the budgets stand as if the order had never met them. All or nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points import ledger
from points.earning.adjustments.cases import Sources, case_of, sources_of, undone_by, with_corrections
from points.earning.adjustments.keeping import Standing, payments_due
from points.earning.adjustments.queries import NewAdjustment, adjustments_of, write
from points.earning.adjustments.recomputing import worked_out
from points.earning.adjustments.tables import Adjustment
from points.earning.adjustments.values import AdjustmentKind
from points.earning.clawbacks import order_queries
from points.earning.clawbacks.clawbacks import Grounds, find
from points.earning.clawbacks.queries import known_residents
from points.earning.clawbacks.tables import Reinstatement
from points.earning.funding.queries import reopen
from points.earning.guards.needs import TallyKey
from points.earning.guards.queries import free
from points.errors import NotFoundError, StateConflictError
from points.ledger import ClaimState, Reinstated
from points.programmes.expiry import expiry_of
from points.programmes.policy import Rulebook
from points.programmes.queries import rulebook as read_rulebook
from points.residents import notices
from points.residents.notice_queries import NewNotice, Subject
from points.residents.notice_wording import NoticeKind


@dataclass(frozen=True, slots=True)
class Undoing:
    """One adjustment that is undone, as entry `entry_id`."""

    entry_id: UUID
    taken: Adjustment

    @property
    def posted(self) -> bool:
        """Whether the ledger has an entry of it: not where nothing but units went."""
        return bool(self.taken.grams or self.taken.points)


@dataclass(frozen=True, slots=True)
class Room:
    """What is used again: of caps, as (negative) grams to be freed; of budgets, the most that may wait for them."""

    used: dict[TallyKey, int]
    due: dict[tuple[UUID, UUID], int]


async def reinstate(
    session: AsyncSession,
    programme_id: UUID,
    clawback_id: UUID,
    resident_id: UUID,
    *,
    activity_ids: Collection[UUID] | None,
    reason: Grounds,
    actor: str,
    now: datetime,
) -> Reinstatement:
    """Give back what an order took of a resident: all that was not given back yet (None), or of `activity_ids`.

    Raises:
        NotFoundError: when there is no such order, or it took nothing of that resident or of those receipts.
        StateConflictError: when it was given back before, a receipt was changed since, or a budget is short of what it
            has to pay again; the detail says what to do. Nothing was given back.
    """
    await find(session, programme_id, clawback_id)
    if not await known_residents(session, programme_id, [resident_id]):
        raise NotFoundError("No resident of the programme has this id.")
    await ledger.lock(session, programme_id, [resident_id])
    wanted = _wanted(await order_queries.taken_of(session, programme_id, clawback_id, resident_id), activity_ids)
    rules = await read_rulebook(session, programme_id)
    undoings, room = await _sought(session, rules, clawback_id, wanted, every=activity_ids is None)
    await _claim(session, programme_id, clawback_id, undoings)
    await free(session, programme_id, room.used)
    given = await _give(session, rules, resident_id, undoings, now)
    row = _row(programme_id, clawback_id, undoings, given, reason, actor, now)
    await write(session, programme_id, [_adjustment(each, given.get(each.entry_id), row) for each in undoings])
    await reopen(session, programme_id, room.due)
    session.add(row)
    await session.flush()
    await _tell(session, row, ended=sum(each.owed for each in given.values()))
    return row


async def _sought(
    session: AsyncSession, rules: Rulebook, clawback_id: UUID, wanted: Collection[UUID], *, every: bool
) -> tuple[list[Undoing], Room]:
    sources = await sources_of(session, rules, wanted)
    history = await adjustments_of(session, rules.programme_id, sources.rows.keys())
    sources = await with_corrections(session, sources, history)
    undoings = _undoings({each: history.get(each, []) for each in wanted}, clawback_id, every=every)
    return undoings, _room(undoings, history, sources)


def _wanted(taken: Collection[UUID], activity_ids: Collection[UUID] | None) -> set[UUID]:
    if activity_ids is None:
        missing: Collection[UUID] = ()
    else:
        missing = sorted(set(activity_ids) - set(taken))
    if missing or not taken:
        named = f" with the receipt {next(iter(missing))}" if missing else ""
        raise NotFoundError(
            f"The order took nothing of this resident{named}; `GET /v1/clawbacks/{{id}}/activities` lists what it took."
        )
    return set(taken if activity_ids is None else activity_ids)


def _undoings(history: Mapping[UUID, Sequence[Adjustment]], clawback_id: UUID, *, every: bool) -> list[Undoing]:
    """Return what is to be undone; with `every`, receipts that were given back before are left out."""
    found: list[Undoing] = []
    for activity_id, rows in history.items():
        undone = {undone_by(each) for each in rows}
        own = [each for each in rows if each.order_id == clawback_id and (each.grams or each.points or each.units)]
        if any(each.adjustment_id in undone for each in own):
            if not every:
                raise StateConflictError(f"What was taken of receipt {activity_id} was given back before.")
            continue
        found += [Undoing(new_id(), each) for each in own]
    if not found:
        raise StateConflictError("Nothing is left to give back: all that the order took here was given back before.")
    return found


def _room(undoings: Sequence[Undoing], history: Mapping[UUID, Sequence[Adjustment]], sources: Sources) -> Room:
    """Return what is used, and what may wait, once everything is undone.

    Raises:
        StateConflictError: when what a receipt would be worth without the order is not just what the order took more
            than what it is worth now.
    """
    taken: dict[UUID, list[Adjustment]] = {}
    for each in undoings:
        taken.setdefault(each.taken.activity_id, []).append(each.taken)
    room = Room({}, {})
    for activity_id, rows in taken.items():
        row, all_of_it = sources.rows[activity_id], history[activity_id]
        case = case_of(row, all_of_it, sources)
        target = worked_out(row, [each for each in all_of_it if each not in rows], sources)
        if _worth(target) != _worth(case.standing, rows):
            raise StateConflictError(
                f"Receipt {activity_id} was changed again since, by a return or another order; what this order took of "
                "it can not be given back by itself. Give back what came later first, or leave this receipt out."
            )
        for budget_id, points in payments_due(case.credited, target.units, target.grams).items():
            room.due[activity_id, budget_id] = max(0, points - target.payments.get(budget_id, 0))
        for key in case.counted_in:
            room.used[key] = room.used.get(key, 0) + sum(each.grams for each in rows)
    return room


def _worth(standing: Standing, taken: Sequence[Adjustment] = ()) -> tuple[int, int, dict[UUID, int]]:
    """Return units, grams and points by budget of a standing with what was `taken` added again."""
    payments = dict(standing.payments)
    for each in taken:
        for budget_id, points in _payments(each).items():
            payments[budget_id] = payments.get(budget_id, 0) + points
    units = standing.units - sum(each.units for each in taken)
    grams = standing.grams - sum(each.grams for each in taken)
    return units, grams, {budget_id: points for budget_id, points in payments.items() if points}


def _payments(taken: Adjustment) -> dict[UUID, int]:
    """Return what was taken of each budget's award."""
    stored = (taken.detail or {}).get("payments", {})
    return {UUID(budget_id): -points for budget_id, points in stored.items()}


async def _claim(session: AsyncSession, programme_id: UUID, clawback_id: UUID, undoings: Sequence[Undoing]) -> None:
    """Claim each adjustment for its undoing, once; the resident is locked, so nobody else is at it."""
    uses = [
        ledger.KeyUse(
            f"reinstate:{clawback_id.hex}:{each.taken.adjustment_id.hex}",
            ledger.input_hash(each.taken.activity_id),
            each.entry_id,
        )
        for each in undoings
    ]
    claimed = await ledger.claim(session, programme_id, uses)
    if any(each.state is not ClaimState.FRESH for each in claimed):
        raise StateConflictError("Some of it was given back before; look at the order's reinstatements.")


async def _give(
    session: AsyncSession, rules: Rulebook, resident_id: UUID, undoings: Sequence[Undoing], now: datetime
) -> dict[UUID, Reinstated]:
    """Give back what the ledger has entries of, once it is sure that the budgets cover it."""
    posted = [each for each in undoings if each.posted]
    residents = {each.taken.adjustment_id: resident_id for each in posted}
    await _covered(session, rules.programme_id, await ledger.recovered(session, rules.programme_id, residents))
    policy = rules.policy_at(now) or rules.policies[-1]
    requests = [
        ledger.Reinstatement(
            entry_id=each.entry_id,
            reversal_id=each.taken.adjustment_id,
            resident_id=resident_id,
            grams=-each.taken.grams,
            lapsed=(each.taken.detail or {}).get("lapsed", 0),
            expires_at=expiry_of(now, policy.terms.expiry_rule, rules.time_zone),
        )
        for each in posted
    ]
    done = await ledger.reinstate(session, rules.programme_id, requests, now=now)
    return {each.entry_id: each for each in done}


async def _covered(session: AsyncSession, programme_id: UUID, parts: Mapping[UUID, Mapping[UUID, int]]) -> None:
    """Lock the budgets that pay again, and refuse where one can not."""
    needed: dict[UUID, int] = {}
    for payments in parts.values():
        for budget_id, points in payments.items():
            needed[budget_id] = needed.get(budget_id, 0) + points
    left = await ledger.lock_budgets(session, programme_id, needed)
    short = [f"{each} lacks {points - left[each]:,}" for each, points in needed.items() if points > left[each]]
    if short:
        raise StateConflictError(
            f"Budgets have to pay again what they had got back, and are short of points: {', '.join(sorted(short))}. "
            "Fund them (POST /v1/budgets/{budget_id}/fundings) and send this again; nothing was given back."
        )


def _row(
    programme_id: UUID,
    clawback_id: UUID,
    undoings: Sequence[Undoing],
    given: Mapping[UUID, Reinstated],
    reason: Grounds,
    actor: str,
    now: datetime,
) -> Reinstatement:
    return Reinstatement(
        programme_id=programme_id,
        reinstatement_id=new_id(),
        clawback_id=clawback_id,
        resident_id=undoings[0].taken.resident_id,
        activities=len({each.taken.activity_id for each in undoings}),
        grams=-sum(each.taken.grams for each in undoings),
        points=-sum(each.taken.points for each in undoings),
        paid=sum(points for each in given.values() for points in each.paid.values()),
        reason_zh=reason.zh,
        reason_en=reason.en,
        given_by=actor,
        given_at=now,
    )


async def _tell(session: AsyncSession, row: Reinstatement, *, ended: int) -> None:
    """Tell the resident: what they have again, and of what was spent how much they do not owe any more."""
    told = NewNotice(row.resident_id, row.grams, row.points, ended, row.points - row.paid - ended)
    subject = Subject(NoticeKind.REINSTATEMENT, row.reinstatement_id, row.reason_zh, row.reason_en)
    await notices.tell(session, row.programme_id, subject, [told], now=row.given_at)


def _adjustment(undoing: Undoing, given: Reinstated | None, row: Reinstatement) -> NewAdjustment:
    taken, paid = undoing.taken, given.paid if given else {}
    detail: dict[str, object] = {"undoes": str(taken.adjustment_id)}
    if taken.points:
        detail["payments"] = {str(budget_id): points for budget_id, points in _payments(taken).items()}
        detail["paid"] = {str(budget_id): points for budget_id, points in paid.items()}
    if "award_id" in (taken.detail or {}):
        detail["award_id"] = (taken.detail or {})["award_id"]
    lost = given.lost if given else 0
    return NewAdjustment(
        adjustment_id=undoing.entry_id,
        activity_id=taken.activity_id,
        resident_id=taken.resident_id,
        order_id=row.reinstatement_id,
        effective_at=row.given_at,
        grams=-taken.grams,
        points=-taken.points,
        owed=-taken.points - sum(paid.values()) - lost,
        borne=lost,
        units=-taken.units,
        day=taken.day,
        kind=int(AdjustmentKind.REOPENED),
        reason=f"{row.reason_zh} / {row.reason_en}",
        detail=detail,
    )
