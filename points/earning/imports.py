"""From a row of somebody's list of sales to a line that can be credited, or why it can not be read. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from points.earning.activities import SaleLine
from points.earning.adjustments.return_lines import Bought, ReturnLine

SALE_COLUMNS: Final = {
    "retailer": "optional: the retailer's id or English name; else --retailer",
    "receipt": "the till's number of the receipt",
    "line": "the number of the line on it, from 1: retailer, receipt and line make a sale once",
    "member_code": "the resident's code; empty for a buyer who showed none",
    "code": "the product's number or code as scanned",
    "quantity": "whole units; below 0 is a return, which tanhui replay takes and a file of sales does not",
    "sold_at": "time with its distance from UTC, as text, such as 2026-05-01T08:30:00+08:00",
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
}
_LONGEST_RECEIPT: Final = 100
_LONGEST_CODE: Final = 500
_MOST_LINES: Final = 100_000
_MOST_UNITS: Final = 100_000
# Tills write the ends of the calendar where they know no time; no time zone and no period can be added to those.
_EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(3000, 1, 1, tzinfo=UTC)


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


def sale_of(row: Mapping[str, object]) -> ReportedSale | Unreadable:
    """Return the line a row of text or of JSON values holds, or the first thing about it that can not be read."""
    found = _number(row, "receipt", "line") or _goods(row, "sold_at")
    if found is not None:
        return found
    line = SaleLine(
        receipt=_text(row, "receipt"),
        line=_whole(row, "line") or 0,
        member_code=_text(row, "member_code") or None,
        code=_text(row, "code"),
        quantity=_whole(row, "quantity") or 0,
        sold_at=datetime.fromisoformat(_text(row, "sold_at")),
    )
    return ReportedSale(_text(row, "retailer"), line)


def return_of_row(row: Mapping[str, object]) -> ReportedReturn | Unreadable:
    """Return the line of a return a row of text or of JSON values holds, or the first thing that can not be read."""
    found = _number(row, "receipt", "line") or _goods(row, "returned_at")
    bought = None
    if found is None and (_text(row, "bought_receipt") or _text(row, "bought_line")):
        found = _number(row, "bought_receipt", "bought_line")
        bought = Bought(_text(row, "bought_receipt"), _whole(row, "bought_line") or 0)
    if found is not None:
        return found
    line = ReturnLine(
        receipt=_text(row, "receipt"),
        line=_whole(row, "line") or 0,
        bought=bought,
        member_code=_text(row, "member_code") or None,
        code=_text(row, "code"),
        quantity=_whole(row, "quantity") or 0,
        returned_at=datetime.fromisoformat(_text(row, "returned_at")),
    )
    return ReportedReturn(_text(row, "retailer"), line)


def _number(row: Mapping[str, object], receipt: str, line: str) -> Unreadable | None:
    """Return what is wrong with the number of a receipt and that of a line on it."""
    number, place = _text(row, receipt), _whole(row, line)
    if not number or len(number) > _LONGEST_RECEIPT or not number.isprintable():
        return Unreadable(receipt, f"must have 1 to {_LONGEST_RECEIPT} printable characters.")
    if place is None or not 1 <= place <= _MOST_LINES:
        return Unreadable(line, f"must be a whole number from 1 to {_MOST_LINES}.")
    return None


def _goods(row: Mapping[str, object], moment: str) -> Unreadable | None:
    """Return what is wrong with what was sold or came back, how much of it, and when."""
    quantity = _whole(row, "quantity")
    if quantity is None or abs(quantity) > _MOST_UNITS:
        return Unreadable("quantity", f"must be a whole number of at most {_MOST_UNITS} units.")
    code, member_code = _text(row, "code"), _text(row, "member_code")
    if not code or len(code) > _LONGEST_CODE:
        return Unreadable("code", f"must have 1 to {_LONGEST_CODE} characters.")
    if len(member_code) > _LONGEST_CODE:
        return Unreadable("member_code", f"must have at most {_LONGEST_CODE} characters.")
    if _moment(row, moment) is None:
        return Unreadable(
            moment, "must be a time of the years 1900 to 2999 with its distance from UTC: 2026-05-01T08:30:00+08:00."
        )
    return None


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


def _moment(row: Mapping[str, object], name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(row, name))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and _EARLIEST <= moment <= _LATEST else None
