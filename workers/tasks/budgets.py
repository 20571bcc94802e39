"""What happens to one programme's budgets without anybody asking: alerts, days counted, what waited is granted."""

from typing import Final
from uuid import UUID

import structlog

from core import clock
from core.db import transaction
from points.budgets import budgets
from points.earning.funding import deferrals
from workers.app import task

CHUNK: Final = 1000

_log = structlog.get_logger("budgets")


@task("budgets.watch")
async def watch(programme_id: str) -> None:
    """Raise the alerts that are due, and say so in the log."""
    await _watch(UUID(programme_id))


async def _watch(programme_id: UUID) -> None:
    async with transaction() as session:
        raised = await budgets.watch(session, programme_id, now=clock.now())
    for alert in raised:
        _log.warning(
            "a budget runs low",
            programme_id=str(programme_id),
            budget_id=str(alert.budget_id),
            percent_left=alert.percent_left,
            points_left=alert.points_left,
            points_after=alert.points_after,
        )


@task("budgets.count_days")
async def count_days(programme_id: str) -> None:
    """Count what was drawn on the whole days that are not counted yet, each in a transaction of its own."""
    await _count_days(UUID(programme_id))


async def _count_days(programme_id: UUID) -> None:
    counted = True
    while counted:
        async with transaction() as session:
            counted = await budgets.count_next_day(session, programme_id, now=clock.now()) is not None


@task("budgets.grant_waiting")
async def grant_waiting(programme_id: str) -> None:
    """Grant what waited and can be paid now, oldest first, until a budget is empty or its queue is."""
    await _grant_waiting(UUID(programme_id))


async def _grant_waiting(programme_id: UUID) -> None:
    done = 1
    while done:
        async with transaction() as session:
            done = await deferrals.grant(session, programme_id, now=clock.now(), limit=CHUNK)


@task("budgets.lapse_waiting")
async def lapse_waiting(programme_id: str) -> None:
    """Close what waited until its points would have been past their time."""
    await _lapse_waiting(UUID(programme_id))


async def _lapse_waiting(programme_id: UUID) -> None:
    done = CHUNK
    while done == CHUNK:
        async with transaction() as session:
            done = await deferrals.lapse(session, programme_id, now=clock.now(), limit=CHUNK)
