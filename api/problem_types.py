"""The catalogue of problems: what each one means and what to do about it, in Chinese and English. Pure."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One row of the catalogue. `slug` is stable: clients branch on it."""

    slug: str
    status: int
    title_en: str
    title_zh: str
    remedy_en: str
    remedy_zh: str

    @property
    def uri(self) -> str:
        """The reference that stands in a problem's `type`, and the address of its catalogue page."""
        return f"/problems/{self.slug}"


MALFORMED: Final = ProblemType(
    "malformed-request",
    400,
    "Malformed request",
    "请求格式错误",
    "Check that the request is well-formed HTTP, without NUL characters, and send it again.",
    "请检查请求是否符合 HTTP 规范且不含空字符(NUL),然后重新发送。",
)
NOT_AUTHENTICATED: Final = ProblemType(
    "not-authenticated",
    401,
    "Not authenticated",
    "身份未验证",
    "Send `Authorization: Bearer <token or key>`. Residents and staff get a token from `/v1/residents/tokens` and "
    "`/v1/staff/tokens`; partners use the API key they were given. Tokens expire: ask for a new one.",
    "请发送 `Authorization: Bearer <令牌或密钥>`。居民和工作人员通过 `/v1/residents/tokens` 与 `/v1/staff/tokens` "
    "获取令牌;合作方使用其 API 密钥。令牌会过期,请重新获取。",
)
FORBIDDEN: Final = ProblemType(
    "forbidden",
    403,
    "Not for this identity",
    "无权访问",
    "The token or key is valid, but of the wrong kind, role or scope; the detail says which one is needed.",
    "令牌或密钥有效,但其类型、角色或权限范围不符;详情说明需要哪一种。",
)
NOT_FOUND: Final = ProblemType(
    "not-found",
    404,
    "Not found",
    "未找到",
    "Check the address and the id. What belongs to somebody else is not found either.",
    "请检查地址和编号。属于他人的内容同样显示为未找到。",
)
METHOD_NOT_ALLOWED: Final = ProblemType(
    "method-not-allowed",
    405,
    "Method not allowed",
    "不支持该请求方法",
    "The `Allow` header lists the methods of this address.",
    "`Allow` 响应头列出了该地址支持的方法。",
)
CONFLICT: Final = ProblemType(
    "conflict",
    409,
    "State conflict",
    "状态冲突",
    "The thing is in a state that does not allow this; read it again, then do what the detail says.",
    "对象当前的状态不允许该操作;请重新读取后按详情说明处理。",
)
NO_LABEL: Final = ProblemType(
    "no-label",
    409,
    "No label may be shown",
    "该产品目前不能使用标签",
    "A label needs a certificate valid today that carries an accepted footprint; the detail says what is missing.",
    "标签须有当日有效且附有已接受碳足迹的证书;详情中说明了所缺内容。",
)
FONT_MISSING: Final = ProblemType(
    "font-missing",
    503,
    "No font for labels",
    "缺少标签字体",
    "Ask for SVG instead of PNG. Operators: install Noto Sans CJK (Debian: fonts-noto-cjk), or set TANHUI_FONT_DIR to "
    "a folder that holds it.",
    "请改用 SVG。运维人员:请安装 Noto Sans CJK 字体(Debian:fonts-noto-cjk),或将 TANHUI_FONT_DIR 设为该字体所在文件夹。",
)
UNPRINTABLE: Final = ProblemType(
    "unprintable-characters",
    409,
    "Characters that can not be drawn",
    "含有无法绘制的字符",
    "The detail names the characters; a label with empty boxes is never drawn. Ask for SVG, or register a name without "
    "them.",
    "详情中列出了相关字符;系统不会绘制带空框的标签。请改用 SVG,或登记不含这些字符的名称。",
)
DUPLICATE: Final = ProblemType(
    "duplicate",
    409,
    "Registered already",
    "已经登记",
    "A record with the same identity but other values exists. Read it; to correct a figure, register a new version.",
    "已存在相同标识但内容不同的记录。请先查询;如需更正数据,请登记新版本。",
)
IN_PROGRESS: Final = ProblemType(
    "request-in-progress",
    409,
    "Still running",
    "请求处理中",
    "The first request with this Idempotency-Key has not finished. Send the same request again in a moment.",
    "使用该 Idempotency-Key 的首个请求尚未完成。请稍后以相同内容重试。",
)
SOLD_OUT: Final = ProblemType(
    "sold-out",
    409,
    "Sold out",
    "已兑完",
    "None of this reward is left, and no points were taken. Choose another one, or ask again when it is restocked.",
    "该奖励已兑完,积分未被扣除。请选择其他奖励,或待补货后再试。",
)
NOT_ENOUGH_POINTS: Final = ProblemType(
    "not-enough-points",
    409,
    "Not enough points",
    "积分不足",
    "No points were taken. `/v1/me/balance` says how many can be spent now and how many are still pending.",
    "积分未被扣除。可通过 `/v1/me/balance` 查询当前可用积分和待到账积分。",
)
REWARD_CLOSED: Final = ProblemType(
    "reward-closed",
    409,
    "Not to be had now",
    "当前不可兑换",
    "The reward has not opened yet or is gone; no points were taken. `/v1/rewards` lists what can be had now.",
    "该奖励尚未开放或已结束,积分未被扣除。可通过 `/v1/rewards` 查询当前可兑换的奖励。",
)
RESERVATION_LAPSED: Final = ProblemType(
    "reservation-lapsed",
    409,
    "Not finished in time",
    "兑换未及时完成",
    "Points and voucher went back to where they came from. Ask again with a new Idempotency-Key.",
    "积分和券码均已退回。请使用新的 Idempotency-Key 重新兑换。",
)
RECEIPT_ALREADY_CLAIMED: Final = ProblemType(
    "receipt-already-claimed",
    409,
    "Claimed by somebody else",
    "小票已被他人认领",
    "A receipt can be claimed once. Nothing was credited to you; the retailer can say who was given the receipt.",
    "每张小票只能认领一次,本次未计入任何减排量或积分。如有疑问,请持购物凭证联系零售商。",
)
TOO_LARGE: Final = ProblemType(
    "body-too-large",
    413,
    "Body too large",
    "请求体过大",
    "Split the body into several requests.",
    "请将内容拆分为多个请求。",
)
UNSUPPORTED_MEDIA_TYPE: Final = ProblemType(
    "unsupported-media-type",
    415,
    "Body is not JSON",
    "请求体不是 JSON",
    "Send the body as UTF-8 JSON with `Content-Type: application/json`.",
    "请以 UTF-8 编码的 JSON 发送请求体,并设置 `Content-Type: application/json`。",
)
INVALID: Final = ProblemType(
    "invalid-request",
    422,
    "Invalid request",
    "请求内容无效",
    "Each entry of `errors` points at one value, with a JSON pointer into the part of the request that `in` names "
    "(body, query, path or header), and says what it must be.",
    "`errors` 中每一项以 JSON 指针指出一个值,`in` 说明它位于请求的哪一部分"
    "(body、query、path 或 header),并说明应满足的条件。",
)
INVALID_CODE: Final = ProblemType(
    "invalid-code",
    422,
    "Not a product code",
    "商品码无效",
    "Send what the scanner saw: a GTIN with a right check digit, a GS1 element string or a GS1 Digital Link.",
    "请发送扫描得到的原始内容:校验位正确的 GTIN、GS1 元素串或 GS1 数字链接。",
)
KEY_REUSED: Final = ProblemType(
    "idempotency-key-reused",
    422,
    "Idempotency-Key reused",
    "幂等键被重复使用",
    "This Idempotency-Key came before with another request. Use a new key for a new request.",
    "该 Idempotency-Key 已用于另一请求。请为新请求使用新的键。",
)
TOO_MANY_REQUESTS: Final = ProblemType(
    "too-many-requests",
    429,
    "Too many requests",
    "请求过于频繁",
    "Wait as many seconds as `Retry-After` says.",
    "请等待 `Retry-After` 所示的秒数后再试。",
)
INTERNAL: Final = ProblemType(
    "internal-error",
    500,
    "Internal error",
    "服务器内部错误",
    "This is our fault. Report the request id; sending the same request again, with the same Idempotency-Key, is safe.",
    "这是我们的问题。请反馈请求编号;使用相同的 Idempotency-Key 重新发送是安全的。",
)
UNAVAILABLE: Final = ProblemType(
    "unavailable",
    503,
    "Try again in a moment",
    "暂时不可用",
    "Wait as many seconds as `Retry-After` says, then send the same request again with the same Idempotency-Key.",
    "请等待 `Retry-After` 所示的秒数,然后使用相同的 Idempotency-Key 重新发送。",
)

CATALOGUE: Final = {
    row.slug: row
    for row in (
        MALFORMED,
        NOT_AUTHENTICATED,
        FORBIDDEN,
        NOT_FOUND,
        METHOD_NOT_ALLOWED,
        CONFLICT,
        NO_LABEL,
        FONT_MISSING,
        UNPRINTABLE,
        DUPLICATE,
        IN_PROGRESS,
        SOLD_OUT,
        NOT_ENOUGH_POINTS,
        REWARD_CLOSED,
        RESERVATION_LAPSED,
        RECEIPT_ALREADY_CLAIMED,
        TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        INVALID,
        INVALID_CODE,
        KEY_REUSED,
        TOO_MANY_REQUESTS,
        INTERNAL,
        UNAVAILABLE,
    )
}
