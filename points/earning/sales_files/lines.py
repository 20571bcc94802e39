"""From the rows of a file to lines, and from what became of the lines to a report with a row for each. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar
from uuid import UUID

import orjson

from points.earning.activities import Claimable, Held, Outcome, Receipt
from points.earning.adjustments.return_lines import Returned
from points.earning.imports import Fault, Unreadable
from points.earning.withholding import told_to_tills

REPORT_COLUMNS: Final = ("row", "receipt", "line", "outcome", "grams", "points", "reason", "field", "detail")
"""What the report of a file has for each row. `detail` of a refused line says why, or what to do;
`field` of one that can not be read names every column at fault, with commas between them.
"""
BY_REASON: Final = "reason:"
"""Begins the names of totals that count refused lines by their reason."""

_NO_CODE: Final = "A dry run tells none: the sale is not recorded yet."
_REMEDY: Final = "Correct it and send the row again; the rows that were taken may come along, they count once."

_WHOSE: Final = ("member_code", "receipt")

Row = Sequence[str] | str
ReportLine = list[object]


class Line(Protocol):
    """A line of a till receipt, sold or returned."""

    @property
    def receipt(self) -> str | None:
        """The till's number of the receipt."""
        ...

    @property
    def line(self) -> int | None:
        """The number of the line on it."""
        ...


Taken = TypeVar("Taken", bound=Line)
Parse = Callable[[Mapping[str, object]], Taken | Unreadable]


@dataclass(slots=True)
class ReadLines(Generic[Taken]):
    """The lines of some rows, the number of the row of each, and the rows that say nothing that could be taken."""

    lines: list[Taken] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    unreadable: list[tuple[int, Unreadable]] = field(default_factory=list)
    blank: int = 0


@dataclass(slots=True)
class Told:
    """What became of some rows: counts by name, a line of the report for each row, and who gained or lost."""

    totals: Counter[str] = field(default_factory=Counter)
    report: list[ReportLine] = field(default_factory=list)
    touched: set[UUID] = field(default_factory=set)


def about(header: Sequence[str]) -> Callable[[Row], str]:
    """Return what tells whose a row of such a table is: the code of the member, or the receipt of who showed none.

    Only to keep rows apart: it is no harm where it errs, and a row that can not be read says nothing.
    """
    places = [header.index(name) for name in _WHOSE if name in header]

    def whose(row: Row) -> str:
        if not isinstance(row, str):
            return next((row[place] for place in places if place < len(row) and row[place]), "")
        try:
            value = orjson.loads(row)
        except orjson.JSONDecodeError:
            return ""
        return (
            next((str(found) for name in _WHOSE if (found := value.get(name))), "") if isinstance(value, dict) else ""
        )

    return whose


def read_lines(
    header: Sequence[str], numbers: Sequence[int], rows: Sequence[Row], parse: Parse[Taken]
) -> ReadLines[Taken]:
    """Return the lines that rows with these numbers hold; rows without a cell are passed over.

    A row is the cells of a table with that header, or the text of a JSON object.
    """
    read: ReadLines[Taken] = ReadLines()
    width = len(header)
    for number, row in zip(numbers, rows, strict=True):
        if not row or (not isinstance(row, str) and not any(row)) or (isinstance(row, str) and row.isspace()):
            read.blank += 1
            continue
        found = _parsed(header, width, row, parse)
        if isinstance(found, Unreadable):
            read.unreadable.append((number, found))
        else:
            read.lines.append(found)
            read.numbers.append(number)
    return read


def _parsed(header: Sequence[str], width: int, row: Row, parse: Parse[Taken]) -> Taken | Unreadable:
    if not isinstance(row, str):
        if len(row) > width:
            return _no_row("has more cells than the header has columns.")
        return parse(dict(zip(header, row, strict=False)))
    try:
        value = orjson.loads(row)
    except orjson.JSONDecodeError as error:
        return _no_row(f"is no JSON ({error}).")
    return parse(value) if isinstance(value, dict) else _no_row("must be a JSON object, in braces.")


def _no_row(reason: str) -> Unreadable:
    return Unreadable((Fault("row", reason),))


def tell_outcomes(
    told: Told,
    numbers: Sequence[int],
    lines: Sequence[Line],
    outcomes: Sequence[Outcome | Returned],
    *,
    dry_run: bool = False,
) -> None:
    """Note what became of lines. In the totals grams and points are of now, not of what had been credited before.

    A dry run tells no claim code: whoever printed it would send residents to claim a sale that is not there.
    """
    for number, line, found in zip(numbers, lines, outcomes, strict=True):
        outcome = found if isinstance(found, Returned) else told_to_tills(found)
        if isinstance(outcome, Receipt):
            verdict = "replayed" if outcome.replayed else "credited"
            tell(told, number, line, verdict, outcome.grams, outcome.points, detail=",".join(outcome.cuts))
            if not outcome.replayed:
                told.touched.add(outcome.resident_id)
        elif isinstance(outcome, Returned):
            verdict, known = "replayed" if outcome.replayed else "returned", outcome.told_to_retailer()
            tell(told, number, line, verdict, -known.grams, -known.points)
            told.touched.update(each.resident_id for each in outcome.adjusted if not outcome.replayed)
        elif isinstance(outcome, Held):
            tell(told, number, line, "held", reason=outcome.rule, detail=outcome.detail)
        elif isinstance(outcome, Claimable):
            code = _NO_CODE if dry_run else f"claim_code={outcome.claim_code}"
            detail = f"{outcome.detail} {code}"
            tell(told, number, line, "refused", reason=outcome.reason, detail=detail)
        else:
            tell(told, number, line, "refused", reason=outcome.reason, detail=outcome.detail)


def tell(
    told: Told,
    number: int,
    line: Line,
    verdict: str,
    grams: int = 0,
    points: int = 0,
    *,
    reason: str = "",
    detail: str = "",
) -> None:
    """Note what became of one line."""
    told.totals[verdict] += 1
    if reason:
        told.totals[f"{BY_REASON}{reason}"] += 1
    if verdict != "replayed":
        taken = "_taken_back" if verdict == "returned" else ""
        told.totals[f"grams{taken}"] += abs(grams)
        told.totals[f"points{taken}"] += abs(points)
    told.report.append([number, line.receipt, line.line, verdict, grams, points, str(reason), "", detail])


def tell_unreadable(told: Told, unreadable: Sequence[tuple[int, Unreadable]], blank: int) -> None:
    """Note the rows that could not be read, and bring the report into the order of the rows."""
    for number, found in unreadable:
        where, detail = ",".join(found.fields), f"{found.detail} {_REMEDY}"
        told.report.append([number, found.receipt, found.line or "", "unreadable", 0, 0, "unreadable", where, detail])
    told.totals["unreadable"] += len(unreadable)
    told.totals["blank"] += blank
    if unreadable:
        told.report.sort(key=_number)


def _number(line: ReportLine) -> int:
    return int(str(line[0]))
