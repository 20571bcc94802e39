"""What residents have to know, as they read it."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import Field

from api.schemas import Schema
from points.residents.notice_wording import TAKING, NoticeKind, Told, wording
from points.residents.tables import Notice as NoticeRow


class Notice(Schema):
    """Something I have to know: what happened, why, and what I can do."""

    notice_id: UUID
    kind: Literal["clawback", "correction", "forgiveness", "reinstatement", "review"]
    about_id: UUID = Field(
        description="What it is about: the `order_id` of adjustments on receipts, an entry, or a refused review."
    )
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    reason_zh: str
    reason_en: str
    todo_zh: str
    todo_en: str
    grams: int = Field(description="Grams of CO2e taken back, or given back.")
    points: int = Field(description="Points taken back; let go, of a forgiveness; given back, of a reinstatement.")
    owed_points: int = Field(
        description="Of the points taken, those spent already: later points pay them. Of those given back, those spent "
        "and not owed any more."
    )
    borne_points: int = Field(description="Of the points, those spent already that nobody is asked for.")
    made_at: datetime
    read_at: datetime | None
    appealed_at: datetime | None = Field(description="When I last appealed against it.")
    appealable: bool = Field(description="Whether it names anything taken that I have not appealed against yet.")

    @classmethod
    def of(cls, notice: NoticeRow) -> Self:
        """Return a notice as its resident reads it."""
        kind = NoticeKind(notice.kind)
        words = wording(kind, Told(notice.grams, notice.points, notice.owed, notice.borne))
        return cls(
            notice_id=notice.notice_id,
            kind=kind.value,
            about_id=notice.about_id,
            title_zh=words.title_zh,
            title_en=words.title_en,
            text_zh=words.text_zh,
            text_en=words.text_en,
            reason_zh=notice.reason_zh,
            reason_en=notice.reason_en,
            todo_zh=words.todo_zh,
            todo_en=words.todo_en,
            grams=notice.grams,
            points=notice.points,
            owed_points=notice.owed,
            borne_points=notice.borne,
            made_at=notice.made_at,
            read_at=notice.read_at,
            appealed_at=notice.appealed_at,
            appealable=kind in TAKING and notice.appealable,
        )


class NoticePage(Schema):
    """My notices, newest first."""

    notices: list[Notice]
    unread: int = Field(description="How many I have not read, on all pages.")
    next_cursor: str | None = Field(description="Where the next page starts; null when this is the last.")


class NoticesRead(Schema):
    """Marked as read."""

    unread: int = Field(description="How many are left.")


class EarlierAppeal(Schema):
    """What a resident said before more was taken, with what the notice named by then."""

    appeal: str
    appealed_at: datetime
    grams: int
    points: int
    owed: int


class ClawbackAppeal(Schema):
    """What a resident says against an order, last and before; the figures are all that it took of them."""

    resident_id: UUID
    appeal: str
    appealed_at: datetime
    grams: int
    points: int
    owed: int
    earlier_appeals: list[EarlierAppeal] = Field(description="Oldest first.")

    @classmethod
    def of(cls, notice: NoticeRow) -> Self:
        """Return an appeal as staff read it."""
        return cls.model_validate(notice)


class ClawbackAppealPage(Schema):
    """Appeals against an order, by resident."""

    appeals: list[ClawbackAppeal]
    next_cursor: str | None = Field(description="Where the next page starts; null when this is the last.")
