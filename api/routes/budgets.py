"""Staff fund budgets, see what is left and until when, and what they were warned of."""

import asyncio
from functools import partial
from typing import Annotated, Final
from uuid import UUID

import structlog
from fastapi import Path, Query
from kombu.exceptions import OperationalError

from api.audiences import Operator, Staff
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.routing import router as new_router
from api.schemas.budgets import (
    AlertPage,
    Budget,
    BudgetAlert,
    BudgetDetail,
    BudgetPage,
    FundingEntry,
    FundingPage,
    NewFunding,
    NewThresholds,
)
from core.db import after_commit
from core.ids import new_id
from points.budgets import budgets
from workers.app import send

router = new_router(tag="budgets")
_log = structlog.get_logger("api")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_FUNDING_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e20"
_BUDGET: Final = {
    "budget_id": _ID,
    "kind": "base",
    "campaign_id": None,
    "name_zh": "湖州碳普惠",
    "name_en": "Huzhou Carbon Inclusion",
    "points_funded": 1_000_000,
    "points_spent": 640_000,
    "points_left": 360_000,
    "thresholds": [50, 20, 10, 5],
}
_DETAIL: Final = {
    "budget": _BUDGET,
    "waiting_awards": 0,
    "waiting_points": 0,
    "forecast": {
        "runs_out_on": "2026-07-04",
        "because": None,
        "method": "weekday_means",
        "points_left": 360_000,
        "days": [{"day": "2026-06-01", "drawn": 11_400, "returned": 180, "net": 11_220}],
    },
}
_FUNDING: Final = {
    "funding_id": _FUNDING_ID,
    "points": 500_000,
    "funded_at": "2026-06-01T02:00:00Z",
    "points_after": 512_300,
    "reason": "湖财发〔2026〕17号",
    "funded_by_id": "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e30",
}
_ALERT: Final = {
    "alert_id": "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e40",
    "budget_id": _ID,
    "funding_id": _FUNDING_ID,
    "percent_left": 20,
    "points_left": 102_011,
    "points_after": 512_300,
    "raised_at": "2026-06-20T09:31:00Z",
}

BudgetId = Annotated[UUID, Path(examples=[_ID])]


@router.get(
    "/budgets",
    summary="Every budget",
    responses=answers(200, "Budgets, campaigns' among them.", {"budgets": [_BUDGET], "next_cursor": None}),
)
async def list_budgets(
    staff: Staff, session: Session, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> BudgetPage:
    """List the programme's budgets with what was put in, what was spent and what is left just now."""
    found = await budgets.listed(session, staff.programme_id, after=cursor, limit=limit)
    return BudgetPage(
        budgets=[Budget.of(each) for each in found],
        next_cursor=next_cursor([each.budget_id for each in found], limit),
    )


@router.get(
    "/budgets/alerts",
    summary="What was warned of",
    responses=answers(200, "Alerts, latest first.", {"alerts": [_ALERT], "next_cursor": None}),
)
async def list_budget_alerts(
    staff: Staff,
    session: Session,
    budget_id: Annotated[UUID | None, Query(description="Of this budget only.", examples=[_ID])] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> AlertPage:
    """List the alerts of one budget or of all: each threshold once for each time the budget was funded."""
    found = await budgets.alerts(session, staff.programme_id, budget_id, before=cursor, limit=limit)
    return AlertPage(
        alerts=[BudgetAlert.of(each) for each in found],
        next_cursor=next_cursor([each.alert_id for each in found], limit),
    )


@router.get(
    "/budgets/{budget_id}",
    summary="A budget and when it runs out",
    responses=answers(200, "What is left, what waits, and the forecast.", _DETAIL),
)
async def show_budget(budget_id: BudgetId, staff: Staff, session: Session, now: Now) -> BudgetDetail:
    """Show a budget with what waits for it, and on which day it runs out if it is drawn on as it was."""
    return BudgetDetail.of(await budgets.read(session, staff.programme_id, budget_id, now=now))


@router.get(
    "/budgets/{budget_id}/fundings",
    summary="What was put into a budget",
    responses=answers(200, "Fundings, latest first.", {"fundings": [_FUNDING], "next_cursor": None}),
)
async def list_fundings(
    budget_id: BudgetId, staff: Staff, session: Session, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> FundingPage:
    """List what was put into a budget, whoever did it and whichever way."""
    found = await budgets.fundings(session, staff.programme_id, budget_id, before=cursor, limit=limit)
    return FundingPage(
        fundings=[FundingEntry.of(each) for each in found],
        next_cursor=next_cursor([each.funding_id for each in found], limit),
    )


@router.post(
    "/budgets/{budget_id}/fundings",
    status_code=201,
    summary="Fund a budget",
    dependencies=[ONCE],
    openapi_extra=example({"points": 500_000, "reason": "湖财发〔2026〕17号"}),
    responses=answers(201, "The points are in the budget; what waited for it is granted now.", _FUNDING),
)
async def fund_budget(
    budget_id: BudgetId, body: NewFunding, staff: Operator, session: Session, now: Now
) -> FundingEntry:
    """Put newly issued points into a budget. Send an Idempotency-Key: repeated without one, it funds again."""
    made = await budgets.fund(
        session,
        staff.programme_id,
        budget_id,
        body.points,
        key=f"fund:{new_id()}",
        reason=body.reason,
        staff_id=staff.staff_id,
        now=now,
    )
    after_commit(session, partial(_grant_waiting, staff.programme_id))
    return FundingEntry.of(made)


@router.put(
    "/budgets/{budget_id}/thresholds",
    summary="Set when to be warned",
    openapi_extra=example({"thresholds": [50, 25, 10]}),
    responses=answers(200, "The budget with its thresholds.", _BUDGET),
)
async def set_thresholds(budget_id: BudgetId, body: NewThresholds, staff: Operator, session: Session) -> Budget:
    """Set at which shares left alerts are raised; an empty list brings the defaults back."""
    return Budget.of(await budgets.set_thresholds(session, staff.programme_id, budget_id, body.thresholds))


async def _grant_waiting(programme_id: UUID) -> None:
    """Have what waited granted at once. Without a queue the sweep does it as soon as there is one again."""
    try:
        await asyncio.to_thread(send, "budgets.grant_waiting", str(programme_id))
    except OperationalError as error:
        _log.warning("not queued", programme_id=str(programme_id), cause=repr(error))
