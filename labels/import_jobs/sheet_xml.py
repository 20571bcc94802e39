"""What stands in the two large parts of a workbook: the cells of a sheet, and the texts they share. Pure.

A reader that builds an object of every cell takes some times as long, so here the parser's events are taken as they
come and nothing is kept but the row that is being read. Texts that are shared are kept in one block of bytes, since
there may be millions of them.
"""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable
from typing import Final
from xml.parsers import expat

from openpyxl.utils import column_index_from_string
from openpyxl.xml.constants import SHEET_MAIN_NS

LONGEST_TEXT: Final = 1_000_000
"""Characters of one cell; a spreadsheet holds 32,767."""
INLINE: Final = "inlineStr"
SHARED: Final = "s"
_SPACE: Final = f"{SHEET_MAIN_NS} "
_ROW, _CELL, _VALUE, _STRING = (_SPACE + name for name in ("row", "c", "v", "si"))
_TEXT, _PHONETIC = (_SPACE + name for name in ("t", "rPh"))
_DIGITS: Final = "0123456789"

TextOf = Callable[[str, int, str], str]
"""From a cell's type, the number of its style and what is written in it to what it says."""


class _Part(ABC):
    """A part of a workbook, fed piece by piece. Texts come in runs; how they are pronounced is no part of them."""

    def __init__(self) -> None:
        """Begin; a part that declares entities is refused, for they multiply."""
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.EntityDeclHandler = _refuse_entity
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._runs: list[str] = []
        self._length = 0
        self._aside = False

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Take a piece.

        Raises:
            expat.ExpatError: it is no XML.
            ValueError: it is not what a workbook has.
        """
        self._parser.Parse(piece, last)

    def _listen(self, *, on: bool) -> None:
        self._parser.CharacterDataHandler = self._say if on and not self._aside else None

    def _say(self, data: str) -> None:
        self._length += len(data)
        if self._length > LONGEST_TEXT:
            raise ValueError("A cell holds more than any spreadsheet writes.")
        self._runs.append(data)

    def _said(self) -> str:
        said = "".join(self._runs)
        self._runs.clear()
        self._length = 0
        return said

    @abstractmethod
    def _begin(self, name: str, attributes: dict[str, str]) -> None: ...

    @abstractmethod
    def _end(self, name: str) -> None: ...


class SharedTexts(_Part):
    """The texts that cells share, by their number."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self._block = bytearray()
        self._ends = array("Q", [0])

    def __getitem__(self, number: int) -> str:
        """Return a text.

        Raises:
            IndexError: there is none with this number.
        """
        if number < 0:
            raise IndexError(number)
        return self._block[self._ends[number] : self._ends[number + 1]].decode()

    def _begin(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - texts have none that matter
        if name == _TEXT:
            self._listen(on=True)
        elif name == _PHONETIC:
            self._aside = True

    def _end(self, name: str) -> None:
        if name == _TEXT:
            self._listen(on=False)
        elif name == _PHONETIC:
            self._aside = False
        elif name == _STRING:
            self._block += self._said().replace("x005F_", "").encode()  # how a spreadsheet writes an underscore
            self._ends.append(len(self._block))


class SheetRows(_Part):
    """The rows of a sheet, each with its number; what is written in the first `passed` of them is not looked at."""

    def __init__(self, text_of: TextOf, *, columns: int, passed: int) -> None:
        """Begin before the first row; cells beyond so many columns are left out."""
        super().__init__()
        self._text_of, self._columns, self._passed = text_of, columns, passed
        self._ready: list[tuple[int, list[str]]] = []
        self._letters: dict[str, int] = {}
        self._number = self._column = 0
        self._cells: list[str] = []
        self._kind, self._style = "n", 0

    def take(self) -> list[tuple[int, list[str]]]:
        """Return the rows that were read since this was last asked."""
        ready, self._ready = self._ready, []
        return ready

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if self._number <= self._passed and name != _ROW:
            return
        if name == _CELL:
            self._kind, self._style = attributes.get("t", "n"), int(attributes.get("s", 0))
            place = attributes.get("r")
            self._column = self._column + 1 if place is None else self._column_of(place)
        elif name == (_TEXT if self._kind == INLINE else _VALUE):
            self._listen(on=self._column <= self._columns)
        elif name == _ROW:
            self._number = self._number + 1 if "r" not in attributes else _row_number(attributes["r"])
            self._column, self._cells = 0, []
            self._parser.EndElementHandler = self._end if self._number > self._passed else None
        elif name == _PHONETIC:
            self._aside = True

    def _end(self, name: str) -> None:
        if name in {_VALUE, _TEXT}:
            self._listen(on=False)
        elif name == _CELL:
            if self._runs:
                self._put(self._text_of(self._kind, self._style, self._said()))
        elif name == _ROW:
            self._ready.append((self._number, self._cells))
        elif name == _PHONETIC:
            self._aside = False

    def _put(self, text: str) -> None:
        if not text:
            return  # rows end with their last cell that says something
        if len(self._cells) < self._column:
            self._cells += [""] * (self._column - len(self._cells))
        self._cells[self._column - 1] = text

    def _column_of(self, place: str) -> int:
        letters = place.rstrip(_DIGITS)
        column = self._letters.get(letters)
        if column is None:
            column = self._letters[letters] = column_index_from_string(letters)
        return column


def _row_number(written: str) -> int:
    number = float(written)  # some programs write 1.0
    if not number.is_integer():
        raise ValueError(written)
    return int(number)


def _refuse_entity(*_: object) -> None:
    raise ValueError("The workbook declares entities, which none needs.")
