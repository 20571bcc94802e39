"""The resident who asks: what they have, and how it came about."""

from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import Path, Query
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import StreamingResponse

from api.audiences import Resident
from api.boards import note_changes
from api.dependencies import Now, Session
from api.openapi import answers, example
from api.pagination import DEFAULT_LIMIT, Limit
from api.routing import router as new_router
from api.schemas import Moment
from api.schemas.me import (
    Balance,
    BalanceNow,
    ExpiringPoints,
    MaturingPoints,
    Me,
    MyWishes,
    StatementEntry,
    StatementPage,
)
from api.schemas.receipts import (
    ADJUSTMENT_EXAMPLE,
    RECEIPT_EXAMPLE,
    ExplainedReceipt,
    Provenance,
    ReceiptAdjustment,
    ReceiptSummary,
    Step,
)
from api.statement_cursors import Asked, StatementCursor, sealed_cursor, start_at
from api.statement_exports import COLUMNS, export_of
from points import ledger
from points.earning.adjustments.queries import activity_ids_of
from points.earning.receipts import explained
from points.programmes.queries import programme
from points.residents.queries import resident as resident_by_id
from points.residents.residents import Wishes, change
from points.residents.tables import Resident as ResidentRow

router = new_router(tag="me")

RecordedUntil = Annotated[
    Moment | None,
    Query(description="Leave out what was recorded later. Send `+` as `%2B`.", examples=["2026-05-31T23:59:59+08:00"]),
]
EffectiveUntil = Annotated[
    Moment | None,
    Query(description="Leave out what took effect later. Send `+` as `%2B`.", examples=["2026-05-31T23:59:59+08:00"]),
]
_SOON: Final = timedelta(days=60)
_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_BALANCE: Final = {
    "grams": 12_480,
    "available_points": 96,
    "pending_points": 24,
    "held_points": 0,
    "owed_points": 0,
}
_BALANCE_NOW: Final = _BALANCE | {
    "maturing": [{"matures_on": "2026-05-08", "points": 24}],
    "expiring": [{"expires_at": "2026-06-01T00:00:00+08:00", "points": 12}],
}
_ME: Final = {
    "resident_id": _ID,
    "programme": "demo",
    "member_code": "7KQ2MXB4WRTN",
    "nickname": "青柳",
    "district_id": None,
    "ranked": True,
    "joined_at": "2026-04-02T03:10:00Z",
}
_ENTRY: Final = {
    "entry_id": _ID,
    "kind": "award",
    "recorded_at": "2026-05-01T08:30:01Z",
    "effective_at": "2026-05-01T08:30:00Z",
    "subject_id": None,
    "receipt_id": _ID,
    "change": {"grams": 412, "available_points": 0, "pending_points": 9, "held_points": 0, "owed_points": 0},
    "balance": {"grams": 2412, "available_points": 40, "pending_points": 9, "held_points": 0, "owed_points": 0},
}
_EXPORT: Final = (
    f"{','.join(COLUMNS)}\r\n"
    "2026-05-01T08:30:01.123000+00:00,2026-05-01T08:30:00+00:00,award,412,0,9,0,0,96,09521234543213,1,"
    "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f,,019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f\r\n"
)
_EXPLAINED: Final = {
    "receipt": RECEIPT_EXAMPLE,
    "product_name_zh": "示范乌龙茶 33克*30",
    "product_name_en": "Demonstration oolong tea 33 g x 30",
    "provenance": {
        "certificate_id": _ID,
        "certificate_number": "CL-2026-000123",
        "footprint_id": _ID,
        "baseline_id": _ID,
        "policy_version": 1,
        "rate_version": 1,
        "points_per_tonne": 10_000,
        "evidence_bp": 10_000,
    },
    "steps": [
        {
            "key": "floor",
            "name_zh": "向下取整到克",
            "name_en": "Rounded down to whole grams",
            "formula": "floor(412.5 g CO2e)",
            "result": "412 g CO2e",
        }
    ],
    "adjustments": [ADJUSTMENT_EXAMPLE],
    "units_left": 1,
    "grams_left": 206,
    "points_left": 5,
}


@router.get("/me", summary="Who am I?", responses=answers(200, "The resident.", _ME))
async def show_me(resident: Resident, session: Session) -> Me:
    """Show the resident's own record: member code, nickname, district, consent."""
    return await _me(session, await resident_by_id(session, resident.programme_id, resident.resident_id))


@router.patch(
    "/me",
    summary="Change what is mine to decide",
    openapi_extra=example({"nickname": "青柳", "ranked": True}),
    responses=answers(200, "The resident as they are now.", _ME),
)
async def change_me(body: MyWishes, resident: Resident, session: Session) -> Me:
    """Change the nickname, the district, or whether to appear on leaderboards; the boards follow in seconds."""
    wishes = Wishes(body.nickname, body.district_id, body.ranked)
    changed = await change(session, resident.programme_id, resident.resident_id, wishes)
    note_changes(session, resident.programme_id, [resident.resident_id])
    return await _me(session, changed)


async def _me(session: AsyncSession, found: ResidentRow) -> Me:
    slug = (await programme(session, found.programme_id)).slug
    return Me(
        resident_id=found.resident_id,
        programme=slug,
        member_code=found.member_code,
        nickname=found.nickname,
        district_id=found.district_id,
        ranked=found.ranked,
        joined_at=found.joined_at,
    )


@router.get("/me/balance", summary="What do I have?", responses=answers(200, "The balance.", _BALANCE_NOW))
async def show_balance(resident: Resident, session: Session, now: Now) -> BalanceNow:
    """Show grams saved and points: to spend, pending with their days, held, owed, and what lapses within 60 days."""
    programme_id, resident_id = resident.programme_id, resident.resident_id
    held = await ledger.holdings(session, programme_id, resident_id, now=now)
    zone = (await programme(session, programme_id)).time_zone
    maturing = await ledger.maturing(session, programme_id, resident_id, time_zone=zone)
    expiring = await ledger.expiring(session, programme_id, resident_id, now=now, until=now + _SOON)
    return BalanceNow(
        **dict(Balance.of(held)),
        maturing=[MaturingPoints.model_validate(each) for each in maturing],
        expiring=[ExpiringPoints.model_validate(each) for each in expiring],
    )


@router.get(
    "/me/balance/as-of",
    summary="What did I have?",
    responses=answers(200, "What the entries until then come to.", _BALANCE),
)
async def show_balance_as_of(
    resident: Resident, session: Session, recorded_until: RecordedUntil = None, effective_until: EffectiveUntil = None
) -> Balance:
    """Show what all entries come to that were recorded, and took effect, until these times; left out, all of them.

    By the book: what lapsed is in it until the entry that says so. As in effect, a number may be below zero.
    """
    held = await ledger.holdings_as_of(
        session,
        resident.programme_id,
        resident.resident_id,
        recorded_until=recorded_until,
        effective_until=effective_until,
    )
    return Balance.of(held)


@router.get(
    "/me/statement",
    summary="How did it come about?",
    responses=answers(200, "A page of entries, newest first.", {"entries": [_ENTRY], "next_cursor": None}),
)
async def list_statement(
    resident: Resident,
    session: Session,
    cursor: StatementCursor = None,
    limit: Limit = DEFAULT_LIMIT,
    recorded_until: RecordedUntil = None,
    effective_until: EffectiveUntil = None,
) -> StatementPage:
    """Show the entries that changed what the resident has, as known at a time, or as in effect at one.

    The balance of the first entry is what they all come to: what the resident had then.
    """
    asked = Asked(resident.resident_id, recorded_until, effective_until)
    page = await ledger.statement_page(
        session,
        resident.programme_id,
        resident.resident_id,
        after=start_at(cursor, asked),
        recorded_until=recorded_until,
        effective_until=effective_until,
        limit=limit,
    )
    receipts = await activity_ids_of(session, resident.programme_id, [line.about_id for line in page.lines])
    return StatementPage(
        entries=[StatementEntry.of(line, resident.resident_id, receipts.get(line.about_id)) for line in page.lines],
        next_cursor=None if page.rest is None else sealed_cursor(page.rest, asked),
    )


@router.get(
    "/me/statement.csv",
    summary="Take my statement with me",
    response_class=StreamingResponse,
    responses={200: {"description": "Every entry, newest first.", "content": {"text/csv": {"example": _EXPORT}}}},
)
async def export_statement(resident: Resident) -> StreamingResponse:
    """Stream every entry of the resident: what it changed, what could be spent after it, and what product it is of.

    `quantity` is of a credit: what came of it later, such as a return, may be of some of its units, and has none.
    """
    headers = {"Content-Disposition": 'attachment; filename="tanhui-statement.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(export_of(resident), media_type="text/csv", headers=headers)


@router.get(
    "/me/receipts/{receipt_id}",
    summary="Why did I get this?",
    responses=answers(200, "The receipt with every step.", _EXPLAINED),
)
async def show_receipt(
    receipt_id: Annotated[UUID, Path(examples=[_ID])], resident: Resident, session: Session
) -> ExplainedReceipt:
    """Show what an activity was credited, every step of how it was worked out, and what became of it since."""
    found = await explained(session, resident.programme_id, resident.resident_id, receipt_id)
    return ExplainedReceipt(
        receipt=ReceiptSummary.of(found.receipt),
        product_name_zh=found.product_name_zh,
        product_name_en=found.product_name_en,
        provenance=Provenance.model_validate(found.provenance),
        steps=[Step.model_validate(step) for step in found.steps],
        adjustments=[ReceiptAdjustment.of(each) for each in found.adjustments],
        units_left=found.left.units,
        grams_left=found.left.grams,
        points_left=found.left.points,
    )
