"""From a row of somebody's list of sales to a line that can be credited, or why it can not be read. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from labels.gtin import bare_key
from points.earning.activities import SaleLine
from points.earning.adjustments.return_lines import Bought, ReturnLine
from points.earning.times import LOCAL, told_at, zone_of

SALE_COLUMNS: Final = {
    "retailer": "optional: tanhui replay takes an id or English name, else --retailer; a file of sales its sender's id",
    "receipt": "the till's number of the receipt",
    "line": "the number of the line on it, from 1: retailer, receipt and line make a sale once",
    "member_code": "the resident's code; empty for a buyer who showed none",
    "code": "the product's number or code as scanned",
    "quantity": "whole units; below 0 is a return, which tanhui replay takes and a file of sales does not",
    "sold_at": "time with its distance from UTC, such as 2026-05-01T08:30:00+08:00",
    "time_zone": "optional: the zone of a time that tells no distance from UTC, such as Asia/Shanghai",
}
RETURN_COLUMNS: Final = {
    "retailer": "optional: the retailer's id",
    "receipt": "the retailer's number of the return",
    "line": "the number of the line on it, from 1: retailer, receipt and line make a return once",
    "bought_receipt, bought_line": "optional: receipt and line of the sale; else the member's latest sales are meant",
    "member_code": "the code of who brings the goods back; may be empty where the sale is named",
    "code": "the product's number or code as scanned",
    "quantity": "whole units that came back, from 1",
    "returned_at": "time with its distance from UTC, such as 2026-05-03T11:05:00+08:00",
    "time_zone": "optional: the zone of a time that tells no distance from UTC, such as Asia/Shanghai",
}
_LONGEST_RECEIPT: Final = 100
_LONGEST_CODE: Final = 500
_MOST_LINES: Final = 100_000
_MOST_UNITS: Final = 100_000
# A spreadsheet takes a number of more than eleven digits for one to be cut, and zeros before any number for nothing.
_CUT: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
# So it writes them; numbers of receipts may have an E of their own. Cut alike, many receipts would be one.
_SURELY_CUT: Final = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,}")
_AS_NUMBER: Final = re.compile(r"([0-9]+)[.,]0+")
_LOST_ZEROS: Final = (9, 10, 11)
_UPC_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that says nothing that could be credited or refused: `field` is not what it must be."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReportedSale:
    """A line and the retailer it names, as an id or a name; empty where the row names none."""

    retailer: str
    line: SaleLine


@dataclass(frozen=True, slots=True)
class ReportedReturn:
    """A line of a return and the retailer it names; empty where the row names none."""

    retailer: str
    line: ReturnLine


def sale_of(row: Mapping[str, object], zone: ZoneInfo | None = None) -> ReportedSale | Unreadable:
    """Return the line a row of text or of JSON values holds, or the first thing about it that can not be read.

    `zone` is that of a spreadsheet's own times, whose rows name none.
    """
    found = _number(row, "receipt", "line") or _goods(row) or _moment(row, "sold_at", zone)
    if isinstance(found, Unreadable):
        return found
    line = SaleLine(
        receipt=_text(row, "receipt"),
        line=_whole(row, "line") or 0,
        member_code=_text(row, "member_code") or None,
        code=_code(row),
        quantity=_whole(row, "quantity") or 0,
        sold_at=found,
    )
    return ReportedSale(_text(row, "retailer"), line)


def return_of_row(row: Mapping[str, object], zone: ZoneInfo | None = None) -> ReportedReturn | Unreadable:
    """Return the line of a return a row of text or of JSON values holds, or the first thing that can not be read.

    `zone` is that of a spreadsheet's own times, whose rows name none.
    """
    found, bought = _number(row, "receipt", "line") or _goods(row) or _moment(row, "returned_at", zone), None
    if not isinstance(found, Unreadable) and (_text(row, "bought_receipt") or _text(row, "bought_line")):
        found = _number(row, "bought_receipt", "bought_line") or found
        bought = Bought(_text(row, "bought_receipt"), _whole(row, "bought_line") or 0)
    if isinstance(found, Unreadable):
        return found
    line = ReturnLine(
        receipt=_text(row, "receipt"),
        line=_whole(row, "line") or 0,
        bought=bought,
        member_code=_text(row, "member_code") or None,
        code=_code(row),
        quantity=_whole(row, "quantity") or 0,
        returned_at=found,
    )
    return ReportedReturn(_text(row, "retailer"), line)


def _number(row: Mapping[str, object], receipt: str, line: str) -> Unreadable | None:
    """Return what is wrong with the number of a receipt and that of a line on it."""
    number, place = _text(row, receipt), _whole(row, line)
    if not number or len(number) > _LONGEST_RECEIPT or not number.isprintable():
        return Unreadable(receipt, f"must have 1 to {_LONGEST_RECEIPT} printable characters.")
    if _SURELY_CUT.fullmatch(number):
        return Unreadable(receipt, _is_cut(number))
    if place is None or not 1 <= place <= _MOST_LINES:
        return Unreadable(line, f"must be a whole number from 1 to {_MOST_LINES}.")
    return None


def _goods(row: Mapping[str, object]) -> Unreadable | None:
    """Return what is wrong with what was sold or came back, and how much of it."""
    quantity = _whole(row, "quantity")
    if quantity is None or abs(quantity) > _MOST_UNITS:
        return Unreadable("quantity", f"must be a whole number of at most {_MOST_UNITS} units.")
    code, member_code = _text(row, "code"), _text(row, "member_code")
    if not code or len(code) > _LONGEST_CODE:
        return Unreadable("code", f"must have 1 to {_LONGEST_CODE} characters.")
    if _CUT.fullmatch(code):
        return Unreadable("code", _is_cut(code))
    if _SURELY_CUT.fullmatch(member_code):
        return Unreadable("member_code", _is_cut(member_code))
    if len(member_code) > _LONGEST_CODE:
        return Unreadable("member_code", f"must have at most {_LONGEST_CODE} characters.")
    return None


def _is_cut(number: str) -> str:
    return f"is a number that a spreadsheet has cut ({number}); give its column the form of text."


def _code(row: Mapping[str, object]) -> str:
    """Return a code; that of a product is given back the zeros that a spreadsheet took, and loses those it added."""
    code = _text(row, "code")
    if (number := _AS_NUMBER.fullmatch(code)) is not None:
        code = number[1]
    whole = code.zfill(_UPC_DIGITS)
    return whole if len(code) in _LOST_ZEROS and bare_key(whole) is not None else code


def _text(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    text = "" if value is None or isinstance(value, bool) else str(value).strip()
    return "" if "\0" in text else text


def _whole(row: Mapping[str, object], name: str) -> int | None:
    text = _text(row, name)
    sign, digits = text[:1] in {"-", "+"}, text.lstrip("+-")
    if not digits.isascii() or not digits.isdigit() or len(text) - len(digits) > sign:
        return None
    return int(text) if len(digits) <= 12 else None  # noqa: PLR2004 - far beyond any line or quantity


def _moment(row: Mapping[str, object], name: str, zone: ZoneInfo | None) -> datetime | Unreadable:
    """Return when something happened, in its own zone, that of the row, or else in `zone` if a spreadsheet tells it."""
    text, named = _text(row, name), _text(row, "time_zone")
    meant = zone_of(named) if named else zone if text.endswith(LOCAL) else None
    if isinstance(meant, str):
        return Unreadable("time_zone", meant)
    moment = told_at(text, meant)
    return Unreadable(name, moment) if isinstance(moment, str) else moment
