"""From a row of somebody's list of sales to a line that can be credited, or why it can not be read. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from points.earning.activities import SaleLine

SALE_COLUMNS: Final = {
    "retailer": "optional: the retailer's id or English name; else --retailer",
    "receipt": "the till's number of the receipt",
    "line": "the number of the line on it, from 1: retailer, receipt and line make a sale once",
    "member_code": "the resident's code; empty for a buyer who showed none",
    "code": "the product's number or code as scanned",
    "quantity": "whole units; below 0 for a return",
    "sold_at": "time with its distance from UTC, such as 2026-05-01T08:30:00+08:00",
}
_LONGEST_RECEIPT: Final = 100
_MOST_LINES: Final = 100_000
_MOST_UNITS: Final = 100_000


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


def sale_of(row: Mapping[str, object]) -> ReportedSale | Unreadable:
    """Return the line a row of text or of JSON values holds, or the first thing about it that can not be read."""
    receipt, code = _text(row, "receipt"), _text(row, "code")
    line, quantity = _whole(row, "line"), _whole(row, "quantity")
    sold_at = _moment(row, "sold_at")
    if not receipt or len(receipt) > _LONGEST_RECEIPT or not receipt.isprintable():
        return Unreadable("receipt", f"must have 1 to {_LONGEST_RECEIPT} printable characters.")
    if line is None or not 1 <= line <= _MOST_LINES:
        return Unreadable("line", f"must be a whole number from 1 to {_MOST_LINES}.")
    if quantity is None or abs(quantity) > _MOST_UNITS:
        return Unreadable("quantity", f"must be a whole number of at most {_MOST_UNITS} units.")
    if not code:
        return Unreadable("code", "must not be empty.")
    if sold_at is None:
        return Unreadable("sold_at", "must be a time with its distance from UTC, such as 2026-05-01T08:30:00+08:00.")
    member_code = _text(row, "member_code") or None
    return ReportedSale(_text(row, "retailer"), SaleLine(receipt, line, member_code, code, quantity, sold_at))


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
    return None if moment.tzinfo is None else moment
