"""Orders to take credits back: prepared, previewed, ordered, cancelled. A worker does the rest, in chunks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.earning.clawbacks import order_queries, queries, troubles
from points.earning.clawbacks.order_queries import DayFigures, DistrictFigures, Progress
from points.earning.clawbacks.revocations import stands
from points.earning.clawbacks.scopes import OfCertificate, OfFigures, OfFraud, OfRetailer, Wanted, scope_of
from points.earning.clawbacks.tables import Clawback, ClawbackTrouble
from points.earning.clawbacks.values import ENDED, FIGURES, SCOPE, Cause, Figures, State
from points.errors import NotFoundError, StateConflictError
from points.programmes.policy import SpentPoints

_CAUSES: Final = {
    OfCertificate: Cause.CERTIFICATE,
    OfRetailer: Cause.RETAILER,
    OfFigures: Cause.FIGURES,
    OfFraud: Cause.FRAUD,
}
_LOOKED_AT_ONCE: Final = 200_000
"""Activities that came in after a preview and are looked over while somebody waits for the answer."""
_FIRST: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why, in Chinese and English; residents read it."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Overview:
    """An order with what its preview found, what it has taken so far, and either of them by district and day.

    `by_district` and `by_day` are of what was taken once there is any, before that of the preview. `troubles` is where
    it is stuck, longest first.
    """

    order: Clawback
    previewed: Figures | None
    taken: Figures
    progress: Progress
    by_district: list[DistrictFigures]
    by_day: list[DayFigures]
    troubles: Sequence[ClawbackTrouble]


async def prepare(
    session: AsyncSession,
    programme_id: UUID,
    wanted: Wanted,
    reason: Grounds,
    *,
    spent: SpentPoints | None,
    actor: str,
    now: datetime,
) -> Clawback:
    """Prepare an order. Nothing is looked for yet, and nothing changes until it is ordered.

    Raises:
        InvalidInputError: when something named is not there or does not fit.
    """
    scope = await scope_of(session, programme_id, wanted)
    order = Clawback(
        programme_id=programme_id,
        clawback_id=new_id(),
        cause=_CAUSES[type(wanted)],
        scope=SCOPE.dump_python(scope, mode="json"),
        spent_points=spent,
        reason_zh=reason.zh,
        reason_en=reason.en,
        state=State.DRAFT,
        prepared_by=actor,
        prepared_at=now,
        touched_at=now,
    )
    session.add(order)
    await session.flush()
    return order


async def preview(session: AsyncSession, programme_id: UUID, clawback_id: UUID, *, now: datetime) -> Clawback:
    """Have a worker find what an order is about and try it out, from the start.

    Raises:
        NotFoundError: when the programme has no such order.
        StateConflictError: when it was ordered already, ended, or is being previewed.
    """
    order = await locked(session, programme_id, clawback_id)
    if order.state not in {State.DRAFT, State.PREVIEWED}:
        raise StateConflictError(f"The order is {_told(order)}; only a draft or a previewed one can be previewed.")
    await queries.forget_preview(session, programme_id, clawback_id)
    await troubles.over_but(session, order)
    order.previewed, order.previewed_at, order.cursor, order.scanned_until = None, None, None, None
    return await _to(session, order, State.FINDING, now)


async def place(session: AsyncSession, programme_id: UUID, clawback_id: UUID, *, actor: str, now: datetime) -> Clawback:
    """Order what was previewed; a worker carries it out.

    Raises:
        NotFoundError: when the programme has no such order.
        StateConflictError: when it has no preview, or something came in since that the preview does not know of.
    """
    order = await locked(session, programme_id, clawback_id)
    if order.state != State.PREVIEWED:
        remedy = " Preview it first." if order.state == State.DRAFT else ""
        raise StateConflictError(f"The order is {_told(order)}; only a previewed one can be ordered.{remedy}")
    scope = SCOPE.validate_python(order.scope)
    if scope.scans(Cause(order.cause)):
        after = order.scanned_until or _FIRST
        seen = await queries.matches_after(session, order, scope, after, rows=_LOOKED_AT_ONCE)
        if seen.found or seen.looked_at == _LOOKED_AT_ONCE:
            found = f"{seen.found:,} activities" if seen.found else "Very many activities"
            raise StateConflictError(f"{found} came in since the preview; preview it again, then order it.")
    order.ordered_by, order.ordered_at = actor, now
    return await _to(session, order, State.ORDERED, now)


async def cancel(
    session: AsyncSession, programme_id: UUID, clawback_id: UUID, *, note: str, actor: str, now: datetime
) -> Clawback:
    """Stop an order. What it has taken stays taken; its figures say how much. What it keeps out, it does no more.

    Raises:
        NotFoundError: when the programme has no such order.
        StateConflictError: when it is cancelled, or done and keeps nothing out.
    """
    order = await locked(session, programme_id, clawback_id)
    if order.state in ENDED and not stands(order):
        raise StateConflictError(f"The order is {_told(order)}; it can not be cancelled.")
    await troubles.over_but(session, order)
    return await _end(session, order, note=note, actor=actor, now=now)


async def end_if_undone(session: AsyncSession, order: Clawback, now: datetime) -> None:
    """End an order that is done, keeps sales out, and of which the last was given back, while it ran or now.

    It is locked. Whoever gave back the last has ended it.
    """
    if order.state != State.DONE or not stands(order):
        return
    given = await order_queries.reinstatements(session, order.programme_id, order.clawback_id, before=None, limit=1)
    if given and not await order_queries.has_left(session, order):
        note = f"{given[0].reason_zh} / {given[0].reason_en}"
        await _end(session, order, note=note, actor=given[0].given_by, now=now)


async def _end(session: AsyncSession, order: Clawback, *, note: str, actor: str, now: datetime) -> Clawback:
    """End an order that is locked, and what it keeps out."""
    order.cancelled_by, order.note, order.ended_at = actor, note, now
    return await _to(session, order, State.CANCELLED, now)


async def show(session: AsyncSession, programme_id: UUID, clawback_id: UUID) -> Overview:
    """Return an order with its totals.

    Raises:
        NotFoundError: when the programme has no such order.
    """
    order = await find(session, programme_id, clawback_id)
    taken = await order_queries.totals(session, programme_id, clawback_id, phase=order_queries.TAKEN)
    phase = order_queries.TAKEN if taken.residents else order_queries.TRIED
    return Overview(
        order=order,
        previewed=FIGURES.validate_python(order.previewed) if order.previewed else None,
        taken=taken,
        progress=await order_queries.progress(session, programme_id, clawback_id),
        by_district=await order_queries.by_district(session, programme_id, clawback_id, phase=phase),
        by_day=await order_queries.by_day(session, programme_id, clawback_id, phase=phase),
        troubles=await troubles.of(session, programme_id, clawback_id) if order.stuck_since is not None else (),
    )


async def find(session: AsyncSession, programme_id: UUID, clawback_id: UUID) -> Clawback:
    """Return an order.

    Raises:
        NotFoundError: when the programme has no such order.
    """
    order = await order_queries.order(session, programme_id, clawback_id)
    if order is None:
        raise NotFoundError("No clawback has this id.")
    return order


async def locked(session: AsyncSession, programme_id: UUID, clawback_id: UUID) -> Clawback:
    """Return an order, locked until the commit.

    Raises:
        NotFoundError: when the programme has no such order.
    """
    order = await queries.locked(session, programme_id, clawback_id)
    if order is None:
        raise NotFoundError("No clawback has this id.")
    return order


async def _to(session: AsyncSession, order: Clawback, state: State, now: datetime) -> Clawback:
    order.state, order.touched_at = state, now
    session.add(order)
    await session.flush()
    return order


def _told(order: Clawback) -> str:
    at_work = {State.FINDING: "being previewed", State.TRYING: "being previewed", State.TAKING: "running"}
    return at_work.get(State(order.state), "running" if order.state == State.LOOKING else order.state)
