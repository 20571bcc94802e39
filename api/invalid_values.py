"""What is wrong with a value that was sent, in words that say what to send instead and never repeat the value."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from api import idempotency
from api.schemas import CODE_FORM, LINE_FORM

_WITHOUT_SIGN: Final = re.compile(r".*:[0-9]{2}[0-9.:]* [0-9]{2}:?[0-9]{2}")
"""A time of which a query lost the + before its distance from UTC; one that tells none has no blank after its hour."""
_PLUS_LOST: Final = (
    "A bare + in an address means a blank: send it as %2B, 2026-01-31T18:30:00%2B08:00, or the time in UTC with Z, "
    "2026-01-31T10:30:00Z."
)
_TIME: Final = "Write the time out with its distance from UTC: 2026-01-31T18:30:00+08:00, or 2026-01-31T10:30:00Z."
_TIME_KINDS: Final = ("timezone_aware", "datetime_parsing", "datetime_from_date_parsing")
_MEMBER: Final = re.compile(r"<\w+\.\w+: ('[^']*')>")
"""How the validator names one value of an enumeration."""
_DAY: Final = "Send a day of the calendar: 2026-01-31."
_ID: Final = "Send an id as it was given to you, such as 019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f."
_OBJECT: Final = "Send a JSON object, in braces."
_LIST: Final = "Send a JSON array, in square brackets."
_WHOLE: Final = "Send a whole number, such as 20; in JSON without quotation marks."

_REMEDIES: Final = {
    "missing": "This is required; add it.",
    "extra_forbidden": "This is not known here; remove it or check its spelling.",
    **dict.fromkeys(_TIME_KINDS, _TIME),
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "uuid_parsing": _ID,
    "uuid_type": _ID,
    "bool_parsing": "Send true or false.",
    "bool_type": "Send true or false.",
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "string_type": "Send text; in JSON in quotation marks.",
    "list_type": _LIST,
    "tuple_type": _LIST,
    "too_short": "Send at least {min_length} in this array.",
    "too_long": "Send at most {max_length} in this array.",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    **dict.fromkeys(("enum", "literal_error"), "Must be one of: {expected}."),
    "union_tag_not_found": "{discriminator} is required, for it says what else there is; add it.",
    "union_tag_invalid": "{discriminator} must be one of {expected_tags}.",
}
"""What to do about an error of validation by its type; its context is put in."""

_GTIN: Final = "Send the 8, 12, 13 or 14 digits of the product's number and nothing else, such as 9521234543213."
_MEMBER_CODE: Final = (
    "Send what the buyer showed, 4 to 160 letters, digits, blanks and hyphens, such as 7KQ2MXB4WRTN; null for nothing."
)
FORMS: Final[Mapping[str, str]] = {
    LINE_FORM: "Send one line of text that can be seen, without control characters such as line breaks and tabs.",
    CODE_FORM: "Send the code as the scanner saw it, such as 9521234543213, without control characters but GS.",
    r"^[a-z0-9]+([._-][a-z0-9]+)*$": "Send lower-case letters and digits, . _ or - between them, such as drinks.tea.",
    r"^[0-9]+$": _GTIN,
    r"^[0-9]{8,14}$": _GTIN,
    r"^[!-~ ]+$": "Send a mobile number or an e-mail address, such as 13800138000 or ling@example.org.",
    r"^[0-9]{6}$": "Send the six digits of the code that was received, such as 482913.",
    r"^[0-9A-Za-z][0-9A-Za-z -]{3,159}$": _MEMBER_CODE,
    r"^[0-9]{2}-[0-9]{2}$": "Send month and day, such as 12-31.",
    r"^\][A-Za-z][0-9A-Za-z]$": "Send ] and the two characters that the scanner put after it, such as ]Q3; or null.",
    r"^[A-Z]{2,3}(-[A-Z0-9]{1,20})*$": "Send a code of ISO 3166 or of a grid region in capitals, such as CN or CN-ZJ.",
    r"^[a-z0-9_]+(\.[a-z0-9_]+)*$": "Send lower-case words with dots between them, such as generation.coal.",
    idempotency.FORM: idempotency.MUST,
}
"""What a text that must have a certain form is to be, by the pattern of that form."""
_NO_FORM: Final = "This has not the form it must have; the description of the API at /docs shows one that has."


def problem_at(error: Mapping[str, Any], body: object) -> dict[str, str]:
    """Return one entry of `errors`: where it is, and what to do."""
    part, *steps = error["loc"]
    if part == "body":
        steps = _there(steps, body)
    if error["type"] == "json_invalid":
        reason = error.get("ctx", {}).get("error", "")
        return {"in": "body", "pointer": "#", "detail": f"This is not JSON: {reason}."}
    return {"in": str(part), "pointer": _pointer(steps), "detail": _remedy(error)}


def _remedy(error: Mapping[str, Any]) -> str:
    """Return what to do about an error; where the validator's own words are plain, those."""
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return FORMS.get(context["pattern"], _NO_FORM)
    if kind == "value_error":
        said = str(context["error"]).removesuffix(".")
        return f"{said[:1].upper()}{said[1:]}."
    if kind in _TIME_KINDS and error["loc"][0] == "query" and _WITHOUT_SIGN.fullmatch(str(error.get("input"))):
        return _PLUS_LOST
    said = _REMEDIES[kind].format(**context) if kind in _REMEDIES else f"{error['msg']}."
    return _MEMBER.sub(r"\1", said)


def _there(steps: Sequence[str | int], value: object) -> list[str | int]:
    """Return the steps that lead to a place in a value, without those that are the name of its kind.

    Where a field of an object says of which kind it is, the validator steps into that kind by its name.
    """
    led: list[str | int] = []
    for step in steps:
        if isinstance(value, Mapping) and step not in value and step in value.values():
            continue
        led.append(step)
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            value = None
    return led


def _pointer(steps: Sequence[str | int]) -> str:
    """Return a JSON pointer (RFC 6901) as a fragment. A name from outside is cut short."""
    cleaned = (str(step)[:100].replace("~", "~0").replace("/", "~1") for step in steps)
    return "#" + "".join(f"/{step}" for step in cleaned)
