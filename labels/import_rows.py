"""The rows of a table somebody hands in, a batch at a time: what is sound, what is refused, how to mend it. Pure.

Rows are numbered as a spreadsheet shows them: the header is row 1.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from labels.errors import UnreadableTableError
from labels.product_imports import Cells, names_of
from labels.registrations import Registered, Rejected, Result, Unchanged

Item = TypeVar("Item")
Parse = Callable[[Cells], Item | list[Rejected]]

FIRST_ROW: Final = 2
_LONGEST_VALUE: Final = 200
_QUARANTINED: Final = "quarantined"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one row, and what to do about it."""

    row: int
    field: str
    value: str
    reason: str
    remedy: str


@dataclass(slots=True)
class Counts:
    """What became of the rows so far."""

    registered: int = 0
    unchanged: int = 0
    quarantined: int = 0
    refused: int = 0

    def add(self, other: "Counts") -> None:
        """Add what became of further rows."""
        self.registered += other.registered
        self.unchanged += other.unchanged
        self.quarantined += other.quarantined
        self.refused += other.refused


@dataclass(slots=True)
class ParsedRows(Generic[Item]):
    """A batch of rows: `items` are the sound ones, `numbers` the numbers of those; `cells` are those of every row."""

    header: Sequence[str]
    columns: Mapping[str, str]
    items: list[Item] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    cells: list[Cells] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    first: int = FIRST_ROW
    size: int = 0
    blank: int = 0

    def refuse(self, number: int, cells: Cells, faults: Iterable[Rejected]) -> None:
        """Note everything that is wrong with a row."""
        for fault in faults:
            value = self._value(cells, fault.field)[:_LONGEST_VALUE]
            self.problems.append(Problem(number, fault.field, value, *self._told(fault)))

    def _value(self, cells: Cells, name: str) -> str:
        places = (self.header.index(each) for each in names_of(name) if each in self.header)
        return next((value for place in places if place < len(cells) and (value := cells[place].strip())), "")

    def _told(self, fault: Rejected) -> tuple[str, str]:
        """Return reason and remedy: what a reason recommends after its semicolon, or else what its column holds."""
        reason, semicolon, remedy = fault.reason.partition("; ")
        if semicolon:
            return f"{reason}.", remedy[:1].upper() + remedy[1:]
        holds = next((what for names, what in self.columns.items() if fault.field in names.split(", ")), "")
        return fault.reason, f"Correct {fault.field}{f' ({holds})' if holds else ''} and send the row again."


def require_columns(header: Sequence[str], needed: Iterable[Sequence[str]]) -> None:
    """See that the header has a column of each of `needed`, whose members are its possible names, and none twice.

    Raises:
        UnreadableTableError: it has not.
    """
    for names in needed:
        if not set(names) & set(header):
            raise UnreadableTableError(
                f"The file has no column {' or '.join(names)}; its header is: {', '.join(header)[:500]}."
            )
    twice = [name for name, count in Counter(header).items() if name and count > 1]
    if twice:
        raise UnreadableTableError(f"The column {twice[0][:100]} is there twice; which one counts would be guesswork.")


def parse_rows(
    rows: Iterable[Cells], first: int, header: Sequence[str], columns: Mapping[str, str], parse: Parse[Item]
) -> ParsedRows[Item]:
    """Return a batch of rows, the first of which has the number `first`.

    Cells that are missing at a row's end are empty, and a row without any is passed over.
    """
    given = list(rows)
    parsed: ParsedRows[Item] = ParsedRows(header, columns, size=len(given))
    width = len(header)
    if set(map(len, given)) <= {width}:  # as a table should be; then no row has to be looked at for its length
        found: list[Item | list[Rejected]] = [parse(cells) for cells in given]
    else:
        given = [[*cells, *[""] * (width - len(cells))] for cells in given]
        found = [_parsed(cells, width, parse) for cells in given]
    for number, item in enumerate(found, start=first):
        if not isinstance(item, list):
            parsed.items.append(item)
            parsed.numbers.append(number)
        elif any(given[number - first]):
            parsed.refuse(number, given[number - first], item)
        else:
            parsed.blank += 1
    parsed.cells, parsed.first = given, first
    return parsed


def _parsed(cells: Cells, width: int, parse: Parse[Item]) -> Item | list[Rejected]:
    if len(cells) > width:
        return [Rejected("row", "has more cells than the header has columns.")]
    return parse(cells)


def settle(parsed: ParsedRows[Item], results: Sequence[Result]) -> tuple[Counts, list[Problem]]:
    """Return what became of a batch, given what the registry answered to its items, and its problems by row."""
    kinds = Counter(map(type, results))
    counts = Counts(
        registered=kinds[Registered],
        unchanged=kinds[Unchanged],
        refused=parsed.size - parsed.blank - kinds[Registered] - kinds[Unchanged],
        quarantined=[each.status for each in results if isinstance(each, Registered)].count(_QUARANTINED),
    )
    counts.registered -= counts.quarantined
    if kinds[Rejected]:
        for place, result in enumerate(results):
            if isinstance(result, Rejected):
                number = parsed.numbers[place]
                parsed.refuse(number, parsed.cells[number - parsed.first], [result])
    return counts, sorted(parsed.problems, key=lambda problem: problem.row)
