"""What a workbook's archive may hold before anybody builds anything from it. Pure.

A tree of XML takes a hundred times the room of its text, and the text a thousand times that of the archive: a row of 24
million empty cells is 98 kB in an archive and 8 GB in memory. So the parts are added up by what the archive says, and
each large one is walked through once, keeping nothing, before a reader sees it.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Final
from xml.parsers import expat
from zipfile import ZipFile, ZipInfo

from labels.errors import UnreadableTableError

MOST_UNPACKED_BYTES: Final = 100_000_000
MOST_ELEMENTS: Final = 2_000_000
"""In one row, or in a part that has no rows such as the texts of the cells: about half a gigabyte to whoever reads."""
_MOST_MEMBERS: Final = 200
_LARGE: Final = 1_000_000
_PIECE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a table may hold: rows, the bytes its workbook unpacks to, and what stands in one row or list of it."""

    rows: int
    unpacked_bytes: int = MOST_UNPACKED_BYTES
    elements: int = MOST_ELEMENTS


def require_bounds(file: BinaryIO, bounds: Bounds) -> None:
    """Look whether a workbook would unpack to more than is good for anybody.

    Raises:
        UnreadableTableError: it is too large; the message says what to do.
        zipfile.BadZipFile: it is no archive.
    """
    with ZipFile(file) as archive:
        members = archive.infolist()
        if len(members) > _MOST_MEMBERS or sum(each.file_size for each in members) > bounds.unpacked_bytes:
            raise UnreadableTableError(
                f"The workbook unpacks to more than {bounds.unpacked_bytes // 10**6} MB; save the sheet as CSV and "
                "send that."
            )
        for each in members:
            if each.file_size > _LARGE:
                _walk(archive, each, bounds.elements)


def _walk(archive: ZipFile, member: ZipInfo, most: int) -> None:
    """Go through a part of a workbook; what is no XML, such as a picture, is no business of ours."""
    parser = expat.ParserCreate()
    elements = 0

    def begin(name: str, _attributes: object) -> None:
        nonlocal elements
        elements = 0 if name.rpartition(":")[2] == "row" else elements + 1
        if elements > most:
            raise _too_much(most)

    parser.StartElementHandler = begin
    fed = 0
    with suppress(expat.ExpatError):
        for piece in _pieces(archive, member):
            parser.Parse(piece)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > _LARGE:  # one tag without an end, of a million attributes
                raise _too_much(most)


def _pieces(archive: ZipFile, member: ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as opened:
        while piece := opened.read(_PIECE):
            yield piece


def _too_much(most: int) -> UnreadableTableError:
    return UnreadableTableError(
        f"The workbook has more than {most:,} things in one row or list; save the sheet as CSV and send that."
    )
