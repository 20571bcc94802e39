"""From a row of somebody's list of sales to a line that can be credited, or why it can not be read. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
_SALE_NAMES: Final = tuple(SALE_COLUMNS)
_RETURN_NAMES: Final = tuple(name for names in RETURN_COLUMNS for name in names.split(", "))
_LONGEST_RECEIPT: Final = 100
_LONGEST_CODE: Final = 500
_MOST_LINES: Final = 100_000
_MOST_UNITS: Final = 100_000
# A spreadsheet takes a number of more than eleven digits for one to be cut, and zeros before any number for nothing.
_CUT: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
# So it writes them; numbers of receipts may have an E of their own. Cut alike, many receipts would be one.
_SURELY_CUT: Final = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,}")
# Codes of products have separators (GS) in them, as they are scanned.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_EDGES: Final = " \t\r\n"
_AS_NUMBER: Final = re.compile(r"([0-9]+)[.,]0+")
_NO_VALUE: Final = "must be text without control characters, or a number; no list, no object, neither true nor false."
_LOST_ZEROS: Final = (9, 10, 11)
_UPC_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Fault:
    """The value of a column is not what it must be."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that says nothing that could be credited or refused: all its faults, and what of it names it."""

    faults: tuple[Fault, ...]
    receipt: str = ""
    line: int | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the columns at fault."""
        return tuple(each.field for each in self.faults)

    @property
    def detail(self) -> str:
        """Return what each of them must be."""
        return " ".join(f"{each.field} {each.reason}" for each in self.faults)


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


def sale_of(
    row: Mapping[str, object], zone: ZoneInfo | None = None, *, only: str | None = None
) -> ReportedSale | Unreadable:
    """Return the line a row of text or of JSON values holds, or everything about it that can not be read.

    `zone` is that of a spreadsheet's own times, whose rows name none; `only` the retailer that a row may name, if any.
    """
    faults = [*_values(row, _SALE_NAMES), *_retailer(row, only), *_number(row, "receipt", "line"), *_goods(row)]
    sold_at = _moment(row, "sold_at", zone)
    if faults or isinstance(sold_at, Fault):
        return _unreadable(row, faults, sold_at)
    line = SaleLine(
        receipt=_text(row, "receipt"),
        line=_whole(row, "line") or 0,
        member_code=_text(row, "member_code") or None,
        code=_code(row),
        quantity=_whole(row, "quantity") or 0,
        sold_at=sold_at,
    )
    return ReportedSale(_text(row, "retailer"), line)


def return_of_row(
    row: Mapping[str, object], zone: ZoneInfo | None = None, *, only: str | None = None
) -> ReportedReturn | Unreadable:
    """Return the line of a return a row of text or of JSON values holds, or everything that can not be read.

    `zone` is that of a spreadsheet's own times, whose rows name none; `only` the retailer that a row may name, if any.
    """
    faults = [*_values(row, _RETURN_NAMES), *_retailer(row, only), *_number(row, "receipt", "line"), *_goods(row)]
    bought = None
    if _text(row, "bought_receipt") or _text(row, "bought_line"):
        faults += _number(row, "bought_receipt", "bought_line")
        bought = Bought(_text(row, "bought_receipt"), _whole(row, "bought_line") or 0)
    returned_at = _moment(row, "returned_at", zone)
    if faults or isinstance(returned_at, Fault):
        return _unreadable(row, faults, returned_at)
    line = ReturnLine(
        receipt=_text(row, "receipt"),
        line=_whole(row, "line") or 0,
        bought=bought,
        member_code=_text(row, "member_code") or None,
        code=_code(row),
        quantity=_whole(row, "quantity") or 0,
        returned_at=returned_at,
    )
    return ReportedReturn(_text(row, "retailer"), line)


def _unreadable(row: Mapping[str, object], faults: Sequence[Fault], moment: datetime | Fault) -> Unreadable:
    """Return a row's first fault of each column, with its receipt's number and the line on it, if those are none."""
    first: dict[str, Fault] = {}
    for each in (*faults, *([moment] if isinstance(moment, Fault) else ())):
        first.setdefault(each.field, each)
    found = Unreadable(tuple(first.values()))
    return replace(
        found,
        receipt="" if "receipt" in found.fields else _text(row, "receipt"),
        line=None if "line" in found.fields else _whole(row, "line"),
    )


def _values(row: Mapping[str, object], names: Iterable[str]) -> Iterator[Fault]:
    """Yield which values of the columns are no text and no number: their spelling, or nothing, would be taken."""
    for name in names:
        value = row.get(name)
        if isinstance(value, bool | list | dict) or (isinstance(value, str) and _has_control(name, value)):
            yield Fault(name, _NO_VALUE)


def _has_control(name: str, text: str) -> bool:
    if text.isprintable():
        return False
    return "\0" in text if name == "code" else _CONTROL.search(text.strip(_EDGES)) is not None


def _retailer(row: Mapping[str, object], only: str | None) -> Iterator[Fault]:
    """Yield what is wrong with whom a row names as its retailer, where only one may be named."""
    if only is not None and _text(row, "retailer") not in {"", only}:
        yield Fault("retailer", "must be empty or the id of the organization that hands the file in.")


def _number(row: Mapping[str, object], receipt: str, line: str) -> Iterator[Fault]:
    """Yield what is wrong with the number of a receipt and that of a line on it."""
    number, place = _text(row, receipt), _whole(row, line)
    if not number or len(number) > _LONGEST_RECEIPT or not number.isprintable():
        yield Fault(receipt, f"must have 1 to {_LONGEST_RECEIPT} printable characters.")
    elif _SURELY_CUT.fullmatch(number):
        yield Fault(receipt, _is_cut(number))
    if place is None or not 1 <= place <= _MOST_LINES:
        yield Fault(line, f"must be a whole number from 1 to {_MOST_LINES}.")


def _goods(row: Mapping[str, object]) -> Iterator[Fault]:
    """Yield what is wrong with what was sold or came back, how much of it, and to whom."""
    quantity = _whole(row, "quantity")
    if quantity is None or abs(quantity) > _MOST_UNITS:
        yield Fault("quantity", f"must be a whole number of at most {_MOST_UNITS} units.")
    code, member_code = _text(row, "code"), _text(row, "member_code")
    if not code or len(code) > _LONGEST_CODE:
        yield Fault("code", f"must have 1 to {_LONGEST_CODE} characters.")
    elif _CUT.fullmatch(code):
        yield Fault("code", _is_cut(code))
    if _SURELY_CUT.fullmatch(member_code):
        yield Fault("member_code", _is_cut(member_code))
    elif len(member_code) > _LONGEST_CODE:
        yield Fault("member_code", f"must have at most {_LONGEST_CODE} characters.")


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
    return "" if value is None else str(value).strip()


def _whole(row: Mapping[str, object], name: str) -> int | None:
    text = _text(row, name)
    sign, digits = text[:1] in {"-", "+"}, text.lstrip("+-")
    if not digits.isascii() or not digits.isdigit() or len(text) - len(digits) > sign:
        return None
    return int(text) if len(digits) <= 12 else None  # noqa: PLR2004 - far beyond any line or quantity


def _moment(row: Mapping[str, object], name: str, zone: ZoneInfo | None) -> datetime | Fault:
    """Return when something happened, in its own zone, that of the row, or else in `zone` if a spreadsheet tells it."""
    text, named = _text(row, name), _text(row, "time_zone")
    meant = zone_of(named) if named else zone if text.endswith(LOCAL) else None
    if isinstance(meant, str):
        return Fault("time_zone", meant)
    moment = told_at(text, meant)
    return Fault(name, moment) if isinstance(moment, str) else moment
