"""Tables that people hand in: CSV files, row by row, as they come."""

import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO

from core.errors import OperatorError

REST = "\0rest"
"""Where the cells of a row that has more of them than the header are found."""
_BLOCK = 2**20


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """Open a text file in UTF-8, with or without a byte order mark, packed with gzip or not.

    Raises:
        OperatorError: it can not be read, then or while it is being read.
    """
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig", newline="")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig", newline="")
        ) as file:
            yield file
    except UnicodeDecodeError as error:
        raise OperatorError(f"{path} is not in UTF-8 (byte {error.start}); save it as UTF-8 and try again.") from error
    except (csv.Error, EOFError, gzip.BadGzipFile) as error:
        raise OperatorError(f"{path} can not be read as it is: {error}.") from error


def rows(file: TextIO, *needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file by the names of its header.

    Raises:
        OperatorError: the header lacks a column; `needed` are its possible names.
    """
    reader = csv.DictReader(file, restkey=REST, restval="", strict=True)
    header = [name.strip() for name in reader.fieldnames or []]
    reader.fieldnames = header
    for names in needed:
        if not set(names) & set(header):
            raise OperatorError(f"The file has no column {' or '.join(names)}; its header is: {', '.join(header)}.")
    yield from reader


def cells(file: TextIO) -> tuple[list[str], Iterator[list[str]]]:
    """Return the header of a CSV file, and its rows as bare cells; an empty line is a row without any."""
    reader = csv.reader(file, strict=True)
    header = [name.strip() for name in next(reader, [])]
    return header, reader


def row_count(path: Path) -> int:
    """Return about how many rows a file has: its lines but the header."""
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        blocks = iter(partial(file.read, _BLOCK), b"")
        return max(sum(block.count(b"\n") for block in blocks) - 1, 0)
