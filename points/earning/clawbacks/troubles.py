"""Where an order is stuck: whoever's turn fails is left aside and tried again, later and later, then by an operator.

What fails takes nothing, since a turn is one database transaction. The other residents' turns go on meanwhile. An order
whose looking or trying out fails waits as a whole, since a preview of a part would tell too little.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from points.earning.clawbacks import queries
from points.earning.clawbacks.tables import Clawback, ClawbackTrouble
from points.earning.clawbacks.values import AT_WORK, State
from points.errors import NotFoundError, PointsError, StateConflictError

NOBODY: Final = UUID(int=0)
"""Stands for the order itself, where it is no resident's turn that fails."""
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 32))
"""How long somebody is left aside after each failure; after one more, an operator has to have it tried again."""
ASIDE: Final = 100
"""When so many residents are left aside, it is no single one's trouble, and the order goes no further by itself."""


def problem_of(error: Exception) -> str:
    """Return what an operator is told of an error: nothing of anybody's, which the texts of some errors quote."""
    match error:
        case PointsError():
            return str(error)
        case TimeoutError():
            return "It took too long."
        case DBAPIError():
            return f"The database did not do it ({type(error.orig).__name__})."
        case _:
            return f"It failed ({type(error).__name__})."


async def set_aside(
    session: AsyncSession, programme_id: UUID, clawback_id: UUID, *, problem: str, now: datetime
) -> bool:
    """Leave aside whose turn it was and failed; return whether there is something to go on with.

    Whose turn it was is found as the turn had found it, which the failure left as it was. Where somebody else holds the
    order by now, nobody is left aside: the turn comes again.
    """
    order = await queries.locked(session, programme_id, clawback_id, skip=True)
    if order is None:
        return True
    if order.state not in AT_WORK:
        return False
    who = NOBODY
    if order.state == State.TAKING:
        left = await aside(session, order, now)
        found = await queries.next_credits(session, order, order.cursor or NOBODY, rows=1, undone=True, aside=left)
        who = order.cursor = found[0].resident_id if found else NOBODY
    trouble = await session.get(ClawbackTrouble, (programme_id, clawback_id, who))
    if trouble is None:
        key = {"programme_id": programme_id, "clawback_id": clawback_id, "resident_id": who}
        trouble = ClawbackTrouble(**key, since=now, tried_at=now, next_at=None, attempts=0, problem=problem)
    trouble.attempts, trouble.tried_at, trouble.problem = trouble.attempts + 1, now, problem
    trouble.next_at = now + PAUSES[trouble.attempts - 1] if trouble.attempts <= len(PAUSES) else None
    order.stuck_since, order.touched_at = order.stuck_since or now, now
    session.add(trouble)
    await session.flush()
    return who != NOBODY


async def aside(session: AsyncSession, order: Clawback, now: datetime) -> set[UUID]:
    """Return who is left aside at the moment; NOBODY among them: the order itself."""
    if order.stuck_since is None:
        return set()
    found = await of(session, order.programme_id, order.clawback_id)
    return {each.resident_id for each in found if each.next_at is None or each.next_at > now}


async def of(session: AsyncSession, programme_id: UUID, clawback_id: UUID) -> Sequence[ClawbackTrouble]:
    """Return where an order is stuck, longest first."""
    statement = select(ClawbackTrouble).where(
        ClawbackTrouble.programme_id == programme_id, ClawbackTrouble.clawback_id == clawback_id
    )
    statement = statement.order_by(col(ClawbackTrouble.since), col(ClawbackTrouble.resident_id))
    return (await session.exec(statement.execution_options(populate_existing=True))).all()


async def over(session: AsyncSession, order: Clawback, resident_ids: Collection[UUID] = ()) -> None:
    """Note that the turns of residents, and of the order itself, came off; costs nothing where nothing was stuck."""
    if order.stuck_since is not None:
        await _forget(session, order, col(ClawbackTrouble.resident_id).in_([*resident_ids, NOBODY]))


async def over_but(session: AsyncSession, order: Clawback, aside: Collection[UUID] = ()) -> None:
    """Note that everything came off but of those who are left aside."""
    if order.stuck_since is not None:
        await _forget(session, order, col(ClawbackTrouble.resident_id).not_in(list(aside)))


async def _forget(session: AsyncSession, order: Clawback, which: ColumnElement[bool]) -> None:
    statement = delete(ClawbackTrouble).where(
        col(ClawbackTrouble.programme_id) == order.programme_id,
        col(ClawbackTrouble.clawback_id) == order.clawback_id,
        which,
    )
    await session.exec(statement)
    if not await of(session, order.programme_id, order.clawback_id):
        order.stuck_since = None


async def resume(session: AsyncSession, programme_id: UUID, clawback_id: UUID, *, now: datetime) -> Clawback:
    """Have everything that is left aside tried again now, with as much patience as at first.

    Raises:
        NotFoundError: when the programme has no such order.
        StateConflictError: when nothing of it is stuck.
    """
    order = await queries.locked(session, programme_id, clawback_id)
    if order is None:
        raise NotFoundError("The programme has no order of this id.")
    found = await of(session, programme_id, clawback_id)
    if order.state not in AT_WORK or not found:
        raise StateConflictError("Nothing of this order is stuck; there is nothing to try again.")
    for each in found:
        each.attempts, each.next_at = 0, now
        session.add(each)
    if order.state == State.TAKING:
        order.cursor = None
    order.touched_at = now
    await session.flush()
    return order
