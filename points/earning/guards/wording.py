"""What each rule is called and what a resident can do about it, in Chinese and English. Pure."""

from dataclasses import dataclass
from typing import Final

from points.programmes.guard_terms import Rule


@dataclass(frozen=True, slots=True)
class Wording:
    """A rule in words: what it found, and what to do."""

    found_zh: str
    found_en: str
    todo_zh: str
    todo_en: str


_WAIT_ZH: Final = "无需操作，工作人员会核对；如有购物小票，请保留备查。"
_WAIT_EN: Final = "You need do nothing: staff will check it. Keep the till's receipt if you have one."
_PACE_ZH: Final = "请只为自己的购物出示会员码。" + _WAIT_ZH
_PACE_EN: Final = "Show your member code for your own purchases only. " + _WAIT_EN
_SHOP_ZH: Final = "这与您本人无关，是商家的记录异常。" + _WAIT_ZH
_SHOP_EN: Final = "This is about the retailer's reports, not about you. " + _WAIT_EN
_APPEAL_ZH: Final = "如确为本人家庭的购物，请申诉并说明情况，工作人员会重新核对。"
_APPEAL_EN: Final = "If it was for your own household, appeal and say so; staff will look again."

WORDINGS: Final[dict[Rule, Wording]] = {
    Rule.VISITS_PER_MINUTE: Wording(
        "一分钟内的购物或扫码次数异常", "Unusually many purchases or scans within a minute", _PACE_ZH, _PACE_EN
    ),
    Rule.VISITS_PER_HOUR: Wording(
        "一小时内的购物或扫码次数异常", "Unusually many purchases or scans within an hour", _PACE_ZH, _PACE_EN
    ),
    Rule.TWO_RETAILERS_AT_ONCE: Wording(
        "几乎同一时间在两家商家购物", "Purchases at two retailers at nearly the same time", _PACE_ZH, _PACE_EN
    ),
    Rule.TILL_BURST: Wording(
        "该收银台一分钟内的记录异常多", "The till reported unusually many lines in a minute", _SHOP_ZH, _SHOP_EN
    ),
    Rule.RETAILER_BURST: Wording(
        "该商家当日的记录远多于平时", "The retailer reported far more than it usually does", _SHOP_ZH, _SHOP_EN
    ),
    Rule.RESIDENT_RETURNS: Wording(
        "近期退货比例异常", "An unusual share of your recent purchases was brought back", _WAIT_ZH, _WAIT_EN
    ),
    Rule.RETAILER_RETURNS: Wording(
        "该商家近期退货比例异常", "An unusual share of the retailer's sales was brought back", _SHOP_ZH, _SHOP_EN
    ),
    Rule.STAFF_CLAIM: Wording(
        "商家员工不能认领本商家的匿名小票",
        "Who works for a retailer can not claim anonymous receipts of that retailer",
        "如您已不在该商家工作，请申诉并说明情况。",
        "If you do not work there any more, appeal and say so.",
    ),
    Rule.STAFF_SALES: Wording(
        "商家员工当日在本商家的记录异常多",
        "Unusually many lines in a day at the retailer you work for",
        _PACE_ZH,
        _PACE_EN,
    ),
    Rule.CLAIMS_AT_RETAILER: Wording(
        "认领同一商家的匿名小票过多",
        "Unusually many anonymous receipts of one retailer were claimed",
        "请只认领自己的购物小票，结账时可出示会员码。" + _WAIT_ZH,
        "Claim only receipts of your own, or show your member code at the till. " + _WAIT_EN,
    ),
    Rule.UNITS_PER_GTIN_DAY: Wording(
        "当日购买同一产品的数量超过上限", "More units of one product in a day than count", _APPEAL_ZH, _APPEAL_EN
    ),
    Rule.UNITS_PER_GTIN_MONTH: Wording(
        "当月购买同一产品的数量超过上限", "More units of one product in a month than count", _APPEAL_ZH, _APPEAL_EN
    ),
    Rule.UNITS_PER_CATEGORY_MONTH: Wording(
        "当月购买同类产品的数量超过上限",
        "More units of one kind of product in a month than count",
        _APPEAL_ZH,
        _APPEAL_EN,
    ),
}
"""A text for every rule: the app shows it to the resident."""
_PUBLISHED: Final = frozenset({Rule.UNITS_PER_GTIN_DAY, Rule.UNITS_PER_GTIN_MONTH, Rule.UNITS_PER_CATEGORY_MONTH})


def todo(rule: Rule, state: str) -> tuple[str, str]:
    """Return what the resident can do now, in Chinese and English; `state` is open, accepted or refused."""
    wording = WORDINGS[rule]
    if state == "accepted":
        return "已入账，请查看凭据。", "It was credited; see its receipt."
    if state == "refused" and wording.todo_zh.endswith((_WAIT_ZH, _APPEAL_ZH)):
        return _APPEAL_ZH, _APPEAL_EN
    return wording.todo_zh, wording.todo_en


def found(rule: Rule, detail: str) -> str:
    """Return what a resident is told that a rule found; `detail` is what staff read.

    That names the threshold, and figures of tills and retailers. Who knows a threshold stays just below, so only that
    of caps is told, which are published.
    """
    return detail if rule in _PUBLISHED else f"{WORDINGS[rule].found_en}."
