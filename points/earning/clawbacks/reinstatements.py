"""Giving back what an order took of one resident, wholly or of some receipts: after an appeal, or because it was wrong.

Everything by further entries: each adjustment of the order is undone by one of its own, and afterwards the receipts,
the resident's days and points, and the budgets stand as if the order had never met them. All or nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points import ledger
from points.earning.adjustments.queries import NewAdjustment, write
from points.earning.adjustments.values import AdjustmentKind
from points.earning.clawbacks import order_queries
from points.earning.clawbacks.clawbacks import Grounds, end_if_undone, locked
from points.earning.clawbacks.queries import known_residents
from points.earning.clawbacks.tables import Reinstatement
from points.earning.clawbacks.undoings import Undoing, payments_of, sought
from points.earning.funding.queries import reopen
from points.earning.guards.queries import free
from points.errors import NotFoundError, StateConflictError
from points.ledger import ClaimState, Reinstated
from points.programmes.expiry import expiry_of
from points.programmes.policy import Rulebook
from points.programmes.queries import rulebook as read_rulebook
from points.residents import notices
from points.residents.notice_queries import NewNotice, Subject
from points.residents.notice_wording import NoticeKind


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

    Once nothing is left of what an order took that keeps a retailer's sales out, it ends, and they count again.

    Raises:
        NotFoundError: when there is no such order, or it took nothing of that resident or of those receipts.
        StateConflictError: when it was given back before, a receipt was changed since, or a budget is short of what it
            has to pay again; the detail says what to do. Nothing was given back.
    """
    order = await locked(session, programme_id, clawback_id)
    if not await known_residents(session, programme_id, [resident_id]):
        raise NotFoundError("No resident of the programme has this id.")
    await ledger.lock(session, programme_id, [resident_id])
    wanted = _wanted(await order_queries.taken_of(session, programme_id, clawback_id, resident_id), activity_ids)
    rules = await read_rulebook(session, programme_id)
    undoings, room = await sought(session, rules, clawback_id, wanted, every=activity_ids is None)
    await _claim(session, programme_id, clawback_id, undoings)
    await free(session, programme_id, room.used)
    given = await _give(session, rules, resident_id, undoings, now)
    row = _row(programme_id, clawback_id, undoings, given, reason, actor, now)
    await write(session, programme_id, [_adjustment(each, given.get(each.entry_id), row) for each in undoings])
    await reopen(session, programme_id, room.due)
    session.add(row)
    await session.flush()
    await _tell(session, row, ended=sum(each.owed for each in given.values()))
    await end_if_undone(session, order, now)
    return row


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
    """Tell the resident: what they have again, and of what was spent how much they do not owe any more.

    Not where nothing but figures went: of those they had not been told either.
    """
    if not (row.grams or row.points):
        return
    told = NewNotice(row.resident_id, row.grams, row.points, ended, row.points - row.paid - ended)
    subject = Subject(NoticeKind.REINSTATEMENT, row.reinstatement_id, row.reason_zh, row.reason_en)
    await notices.tell(session, row.programme_id, subject, [told], now=row.given_at)


def _adjustment(undoing: Undoing, given: Reinstated | None, row: Reinstatement) -> NewAdjustment:
    taken, paid = undoing.taken, given.paid if given else {}
    detail: dict[str, object] = {"undoes": str(taken.adjustment_id)}
    if taken.points:
        detail["payments"] = {str(budget_id): points for budget_id, points in payments_of(taken).items()}
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
