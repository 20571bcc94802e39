"""What residents have to know: they read it, mark it as read, and appeal."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path

from api.audiences import Resident
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.routing import router as new_router
from api.schemas.notices import Notice, NoticePage, NoticesRead
from api.schemas.reviews import Note
from points.residents import notices

router = new_router(tag="me")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
NOTICE_EXAMPLE: Final = {
    "notice_id": _ID,
    "kind": "clawback",
    "about_id": _ID,
    "title_zh": "减排量与积分已收回",
    "title_en": "Savings and points were taken back",
    "text_zh": "收回减排量 3,000 克二氧化碳当量、积分 30 分。其中 10 积分已使用,将从今后获得的积分中抵扣。",
    "text_en": "3,000 g of CO2e and 30 points were taken back. Of these, 10 points were spent already; points you earn "
    "later pay them.",
    "reason_zh": "该产品的认证自 2026 年 5 月 1 日起被撤销。",
    "reason_en": "The product's certificate was withdrawn from 1 May 2026 on.",
    "todo_zh": "相关记录见您的明细和小票;如认为有误,请在此通知下提出申诉并说明理由。",
    "todo_en": "Your statement and receipts show each of them. If you think this is wrong, appeal against this notice "
    "and say why.",
    "grams": 3000,
    "points": 30,
    "owed_points": 10,
    "borne_points": 0,
    "made_at": "2026-05-20T08:30:00Z",
    "read_at": None,
    "appealed_at": None,
    "appealable": True,
}
_APPEALED: Final = {"appealed_at": "2026-05-21T08:30:00Z", "appealable": False}
_NoticeId = Annotated[UUID, Path(examples=[_ID])]


@router.get(
    "/me/notices",
    summary="What do I have to know?",
    responses=answers(200, "A page, newest first.", {"notices": [NOTICE_EXAMPLE], "unread": 1, "next_cursor": None}),
)
async def list_notices(
    resident: Resident, session: Session, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> NoticePage:
    """Show what was taken back, let go, given back or refused after a review, why, and what to do about it."""
    found = await notices.listed(session, resident.programme_id, resident.resident_id, before=cursor, limit=limit)
    return NoticePage(
        notices=[Notice.of(each) for each in found.notices],
        unread=found.unread,
        next_cursor=next_cursor([each.notice_id for each in found.notices], limit),
    )


@router.post(
    "/me/notices/{notice_id}/readings",
    summary="Mark notices as read",
    dependencies=[ONCE],
    responses=answers(200, "Marked.", {"unread": 0}),
)
async def create_notice_reading(notice_id: _NoticeId, resident: Resident, session: Session, now: Now) -> NoticesRead:
    """Mark a notice, and all before it, as read. Again, it changes nothing."""
    left = await notices.read(session, resident.programme_id, resident.resident_id, notice_id, now=now)
    return NoticesRead(unread=left)


@router.post(
    "/me/notices/{notice_id}/appeals",
    status_code=201,
    summary="Say that what was taken was mine",
    dependencies=[ONCE],
    openapi_extra=example({"note": "I bought these myself; I have the receipts."}),
    responses=answers(201, "Noted; staff see it.", NOTICE_EXAMPLE | _APPEALED),
)
async def create_notice_appeal(
    notice_id: _NoticeId, body: Note, resident: Resident, session: Session, now: Now
) -> Notice:
    """Tell the programme's staff why it is wrong. Once for what a notice names; again should more be taken under it."""
    return Notice.of(
        await notices.appeal(session, resident.programme_id, resident.resident_id, notice_id, note=body.note, now=now)
    )
