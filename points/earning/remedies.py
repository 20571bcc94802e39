"""What whoever is refused can do about it, for every reason, in Chinese and English. Pure."""

from dataclasses import dataclass
from typing import Final

from points.earning.activities import Reason


@dataclass(frozen=True, slots=True)
class Remedy:
    """What can be done about a refusal; the same words for the resident's app and the retailer's till."""

    zh: str
    en: str


_RESCAN: Final = Remedy("请重新扫描包装上的条码或二维码。", "Scan the code on the package again.")
_NOT_YET: Final = Remedy(
    "该产品目前不能计入减排量；可选择带有效低碳标识的产品，或请厂商联系认证机构。",
    "This product earns nothing as it is registered now; choose one with a valid label, or ask its maker to mend that.",
)
_STAFF: Final = Remedy(
    "无需操作；数据核实后，再次提交即可。",
    "Nothing is wrong with what you did; report it again once staff have mended it.",
)
_SHOW_AGAIN: Final = Remedy(
    "请在手机上刷新会员码，再让收银台扫描。", "Refresh the member code in the app, and have the till scan it again."
)
_STANDS: Final = Remedy(
    "以第一次的记录为准；如有错误，请携小票联系商家。",
    "The first report stands. If that is wrong, take the till's receipt to the retailer.",
)
_ASK_SHOP: Final = Remedy(
    "请保留购物小票，并请商家上报这笔销售。", "Keep the till's receipt, and ask the retailer to report the sale."
)
_ON_TIME: Final = Remedy(
    "已超过期限，无法补录；下次请及时扫码，或在结账时出示会员码。",
    "It is too late for this one; next time scan at once, or show your member code at the till.",
)
_CHECK_RETURN: Final = Remedy(
    "请核对退货单上的销售小票号、行号、商品与数量后重新提交。",
    "Compare the return's receipt, line, product and quantity with the sale, and send it again.",
)
_CLOCK: Final = Remedy("请校准设备时间后重新提交。", "Set the device's clock, and report it again.")

REMEDIES: Final[dict[Reason, Remedy]] = {
    Reason.INVALID_CODE: _RESCAN,
    Reason.CANNOT_CARRY_LABEL: _RESCAN,
    Reason.UNKNOWN_PRODUCT: _NOT_YET,
    Reason.NO_CERTIFICATE: _NOT_YET,
    Reason.CERTIFICATE_NOT_VALID: _NOT_YET,
    Reason.SCHEME_NOT_RECOGNISED: _NOT_YET,
    Reason.CERTIFIER_NOT_RECOGNISED: _NOT_YET,
    Reason.NO_FOOTPRINT: _NOT_YET,
    Reason.FOOTPRINT_QUARANTINED: _STAFF,
    Reason.NO_BASELINE: _STAFF,
    Reason.NOT_COMPARABLE: _STAFF,
    Reason.NO_NET_CONTENT: _STAFF,
    Reason.NO_SAVING: Remedy(
        "该产品不比同类产品更低碳；请选择碳足迹更低的产品。",
        "It saves nothing against the usual product; choose one with a smaller footprint.",
    ),
    Reason.UNKNOWN_MEMBER: Remedy(
        "请核对会员码，或先在应用中关联该商家的会员号。",
        "Check the member code, or link the retailer's loyalty number in the app first.",
    ),
    Reason.MEMBER_CODE_EXPIRED: _SHOW_AGAIN,
    Reason.MEMBER_CODE_INVALID: _SHOW_AGAIN,
    Reason.MEMBER_CODE_NOT_TAKEN: _SHOW_AGAIN,
    Reason.ANONYMOUS: Remedy(
        "凭小票上的认领码，可在期限内认领这笔消费。", "Claim the sale in time, by the claim code on the till's receipt."
    ),
    Reason.IN_FUTURE: _CLOCK,
    Reason.TOO_OLD: _ON_TIME,
    Reason.NO_RULES_YET: Remedy(
        "当时项目尚未开始；之后的消费可以计入。", "The programme had not begun; what is bought from then on counts."
    ),
    Reason.RETURNS_NOT_ACCEPTED: Remedy("请通过 /v1/returns 提交退货。", "Send what came back to /v1/returns."),
    Reason.NO_QUANTITY: Remedy("数量至少为 1，请更正后重新提交。", "Send it again with a quantity of at least 1."),
    Reason.TOO_MANY_UNITS: Remedy(
        "单行数量超过家庭合理用量；如属实，请按每笔消费分别提交。",
        "No household buys as many at once; if several did, send each purchase under its own receipt.",
    ),
    Reason.REPORTED_DIFFERENTLY: _STANDS,
    Reason.ALREADY_CREDITED: _STANDS,
    Reason.UNIT_ALREADY_CLAIMED: _ASK_SHOP,
    Reason.UNIT_NOT_GENUINE: _ASK_SHOP,
    Reason.UNIT_REVOKED: _ASK_SHOP,
    Reason.CLAIM_WINDOW_OVER: _ON_TIME,
    Reason.ALREADY_RETURNED: Remedy(
        "无需操作；如系退货之后购买，请凭小票上的认领码认领，或请商家上报。",
        "Nothing is to be done. If you bought it after it was brought back, claim the sale by the code on the till's "
        "receipt, or ask the retailer to report it.",
    ),
    Reason.MORE_THAN_BOUGHT: _CHECK_RETURN,
    Reason.NO_SUCH_SALE: _CHECK_RETURN,
    Reason.TOO_LATE_TO_RETURN: Remedy(
        "已超过退货扣减期限，积分保持不变。", "It is too late to take anything back; the points stay as they are."
    ),
    Reason.OTHER_PRODUCT: _CHECK_RETURN,
    Reason.BEFORE_SALE: _CLOCK,
    Reason.NO_SUCH_RECEIPT: _CHECK_RETURN,
    Reason.SALES_REVOKED: Remedy(
        "请保留小票；如确有购买，请联系项目方。撤销解除后，可再次认领或提交。",
        "Keep the till's receipt; tell the programme if you did buy it. Claim or send it again once that is lifted.",
    ),
    Reason.HELD_FOR_REVIEW: Remedy(
        "正在核对，请在处理完成后重新提交。", "It is being looked at; send it again once it is decided."
    ),
    Reason.REFUSED_BY_GUARD: Remedy(
        "如确为本人家庭的购物，请在应用中对该记录提出申诉。",
        "If it was for your own household, appeal against it in the app, by its number.",
    ),
}
"""A text for every reason."""
