"""What notices say, in Chinese and English, and what to do about them. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class NoticeKind(StrEnum):
    """What a notice is about. Stored."""

    CLAWBACK = "clawback"
    CORRECTION = "correction"
    FORGIVENESS = "forgiveness"
    REINSTATEMENT = "reinstatement"
    REVIEW = "review"


TAKING = frozenset({NoticeKind.CLAWBACK, NoticeKind.CORRECTION})
"""Kinds that tell of something taken, which can be appealed against."""


@dataclass(frozen=True, slots=True)
class Told:
    """Figures a notice names: grams of CO2e, points, and of these what is owed and what nobody is asked for."""

    grams: int
    points: int
    owed: int
    borne: int


@dataclass(frozen=True, slots=True)
class Wording:
    """A notice in words: what happened, and what to do."""

    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    todo_zh: str
    todo_en: str


_REVIEWED = Wording(
    "复核未通过",
    "Not credited after a review",
    "您的一笔购物或扫码经工作人员复核,未予计入。",
    "Staff looked at a purchase or scan of yours that a rule had held, and did not credit it.",
    "您的审核记录中写明是哪条规则;如认为有误,请在该记录下申诉并说明理由。",
    "Your reviews show which rule it was. If you think this is wrong, appeal against that review and say why.",
)


def wording(kind: NoticeKind, told: Told) -> Wording:
    """Return what a notice of `kind` says of `told`; the reason stands beside it."""
    if kind is NoticeKind.REVIEW:
        return _REVIEWED
    if kind is NoticeKind.FORGIVENESS:
        return Wording(
            "欠付积分已免除",
            "Points you owed are let go",
            f"您欠付的 {told.points:,} 积分已免除。",
            f"{told.points:,} points you owed are let go.",
            "无需操作。",
            "You need do nothing.",
        )
    if kind is NoticeKind.REINSTATEMENT:
        return Wording(
            "减排量与积分已恢复",
            "Savings and points were given back",
            f"恢复减排量 {told.grams:,} 克二氧化碳当量、积分 {told.points:,} 分。{_settled_zh(told)}",
            f"{told.grams:,} g of CO2e and {told.points:,} points were given back.{_settled_en(told)}",
            "无需操作。",
            "You need do nothing.",
        )
    corrected = kind is NoticeKind.CORRECTION
    return Wording(
        "减排量与积分已更正" if corrected else "减排量与积分已收回",
        "Savings and points were corrected" if corrected else "Savings and points were taken back",
        f"收回减排量 {told.grams:,} 克二氧化碳当量、积分 {told.points:,} 分。{_spent_zh(told)}",
        f"{told.grams:,} g of CO2e and {told.points:,} points were taken back.{_spent_en(told)}",
        "相关记录见您的明细和小票;如认为有误,请在此通知下提出申诉并说明理由。",
        "Your statement and receipts show each of them. If you think this is wrong, appeal against this notice and say "
        "why.",
    )


def _spent_zh(told: Told) -> str:
    owed = f"其中 {told.owed:,} 积分已使用,将从今后获得的积分中抵扣。" if told.owed else ""
    borne = f"其中 {told.borne:,} 积分已使用,无需您偿还。" if told.borne else ""
    return owed + borne


def _spent_en(told: Told) -> str:
    owed = f" Of these, {told.owed:,} points were spent already; points you earn later pay them." if told.owed else ""
    borne = f" Of these, {told.borne:,} points were spent already; you need not pay them back." if told.borne else ""
    return owed + borne


def _settled_zh(told: Told) -> str:
    owed = f"其中 {told.owed:,} 积分您已使用,不再欠付。" if told.owed else ""
    borne = f"其中 {told.borne:,} 积分您已使用,此前已无需偿还。" if told.borne else ""
    return owed + borne


def _settled_en(told: Told) -> str:
    owed = f" Of these, you had spent {told.owed:,} points; you do not owe them any more." if told.owed else ""
    borne = f" Of these, you had spent {told.borne:,} points, which nobody asked you for." if told.borne else ""
    return owed + borne
