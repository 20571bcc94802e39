"""What each reason nothing was credited, and each cut, means, in Chinese and English. Pure.

What to do about a reason stands in `remedies`, what guards find in `guards.wording`.
"""

from typing import Final

from points.earning.activities import Cut, Reason
from points.earning.remedies import Remedy

REASONS: Final[dict[Reason, tuple[str, str]]] = {
    Reason.INVALID_CODE: ("无法识别该码", "The code can not be read as a product's"),
    Reason.CANNOT_CARRY_LABEL: ("该号段不用于商品", "Numbers of this range belong to nothing that carries a label"),
    Reason.UNKNOWN_PRODUCT: ("该产品尚未登记", "The product is not registered"),
    Reason.NO_CERTIFICATE: ("该产品没有低碳认证", "The product has no certificate"),
    Reason.CERTIFICATE_NOT_VALID: ("购买当日认证无效", "No certificate was valid on the day"),
    Reason.SCHEME_NOT_RECOGNISED: ("本项目不认可该认证制度", "The programme does not recognise the scheme"),
    Reason.CERTIFIER_NOT_RECOGNISED: ("本项目不认可该认证机构", "The programme does not recognise the certifier"),
    Reason.NO_FOOTPRINT: ("该产品没有碳足迹数据", "The product has no footprint"),
    Reason.FOOTPRINT_QUARANTINED: ("该产品的碳足迹正在复核", "The product's footprint waits for review"),
    Reason.NO_BASELINE: ("该品类没有基准线", "The category has no baseline"),
    Reason.NOT_COMPARABLE: ("碳足迹与基准线不可比", "Footprint and baseline can not be compared"),
    Reason.NO_NET_CONTENT: ("该产品的净含量未知", "The content of one unit is not known"),
    Reason.NO_SAVING: ("该产品的碳足迹不低于基准线", "The product's footprint is not below the baseline"),
    Reason.UNKNOWN_MEMBER: ("查无此会员", "Nobody has this member code"),
    Reason.MEMBER_CODE_EXPIRED: ("会员码已过期", "The member code was shown too long ago"),
    Reason.MEMBER_CODE_INVALID: ("会员码无效", "The member code was not issued by this programme, or was misread"),
    Reason.MEMBER_CODE_NOT_TAKEN: ("本项目只接受动态会员码", "The programme takes only member codes that change"),
    Reason.ANONYMOUS: ("这笔消费未出示会员码", "The sale names no member"),
    Reason.IN_FUTURE: ("时间晚于当前时间", "The time lies in the future"),
    Reason.TOO_OLD: ("上报时间过晚", "It was reported too late"),
    Reason.NO_RULES_YET: ("当时项目规则尚未生效", "No rules were in force at the time"),
    Reason.RETURNS_NOT_ACCEPTED: ("销售记录中不能包含退货", "Returns are not taken among sales"),
    Reason.NO_QUANTITY: ("数量无效", "The quantity is below 1"),
    Reason.TOO_MANY_UNITS: ("单行数量过多", "The line has more units than a household buys"),
    Reason.REPORTED_DIFFERENTLY: ("已有内容不同的记录", "It was reported before, and differently"),
    Reason.ALREADY_CREDITED: ("这笔消费已经计入", "The sale was credited already"),
    Reason.UNIT_ALREADY_CLAIMED: ("该单件标签已被他人认领", "Somebody else has claimed this label"),
    Reason.UNIT_NOT_GENUINE: ("该单件标签不是真品", "The label was never issued"),
    Reason.UNIT_REVOKED: ("该单件标签已作废", "The label was revoked"),
    Reason.CLAIM_WINDOW_OVER: ("小票认领期限已过", "The receipt can not be claimed any more"),
    Reason.ALREADY_RETURNED: ("这些商品已经退货", "The units were brought back already"),
    Reason.MORE_THAN_BOUGHT: ("退货数量多于购买数量", "More units came back than were bought"),
    Reason.NO_SUCH_SALE: ("没有对应的销售记录", "No sale of these units is known"),
    Reason.TOO_LATE_TO_RETURN: ("已过退货扣减期限", "The goods came back too late to take anything back"),
    Reason.OTHER_PRODUCT: ("退货商品与销售记录不符", "The sale is of another product"),
    Reason.BEFORE_SALE: ("退货时间早于购买时间", "The goods came back before they were bought"),
    Reason.NO_SUCH_RECEIPT: ("没有该凭据", "There is no such receipt"),
    Reason.SALES_REVOKED: ("该商家当时的销售已被撤销", "What the retailer sold at that time was revoked"),
    Reason.HELD_FOR_REVIEW: ("正在审核", "It is held for review"),
    Reason.REFUSED_BY_GUARD: ("被项目规则拒绝", "A rule of the programme stopped it"),
}
"""Every reason, in Chinese and English."""

_DAY: Final = Remedy("无需操作；明日起重新计算。", "Nothing is to be done; it begins anew tomorrow.")
_MONTH: Final = Remedy("无需操作；下月起重新计算。", "Nothing is to be done; it begins anew next month.")

CUTS: Final[dict[Cut, tuple[str, str, Remedy]]] = {
    Cut.GRAMS_PER_DAY: ("当日减排量已达上限", "The day's cap on grams was reached", _DAY),
    Cut.GRAMS_PER_MONTH: ("当月减排量已达上限", "The month's cap on grams was reached", _MONTH),
    Cut.POINTS_PER_DAY: ("当日积分已达上限", "The day's cap on points was reached", _DAY),
    Cut.POINTS_PER_MONTH: ("当月积分已达上限", "The month's cap on points was reached", _MONTH),
    Cut.DISCOVERIES_PER_DAY: ("当日扫码奖励已达上限", "The day's cap on discovery points was reached", _DAY),
    Cut.HOUSEHOLD_GRAMS_PER_DAY: ("家庭当日减排量已达上限", "The household's cap on grams a day was reached", _DAY),
    Cut.HOUSEHOLD_GRAMS_PER_MONTH: (
        "家庭当月减排量已达上限",
        "The household's cap on grams a month was reached",
        _MONTH,
    ),
    Cut.HOUSEHOLD_POINTS_PER_DAY: ("家庭当日积分已达上限", "The household's cap on points a day was reached", _DAY),
    Cut.HOUSEHOLD_POINTS_PER_MONTH: (
        "家庭当月积分已达上限",
        "The household's cap on points a month was reached",
        _MONTH,
    ),
    Cut.RETAILER_GRAMS_PER_DAY: ("该商家当日减排量已达上限", "The retailer's cap on grams a day was reached", _DAY),
    Cut.RETAILER_GRAMS_PER_MONTH: (
        "该商家当月减排量已达上限",
        "The retailer's cap on grams a month was reached",
        _MONTH,
    ),
    Cut.BUDGET: (
        "积分预算不足",
        "The budget that pays the points was short",
        Remedy(
            "减排量不受影响；如项目规则规定等待拨付，积分将在预算补充后发放。",
            "The grams are not touched; where the programme's rules let points wait, they follow once it is funded.",
        ),
    ),
}
"""Every cut, in Chinese and English, and what to do about it."""
