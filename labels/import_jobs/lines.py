"""The lines of a text file, decoded one by one, and how many bytes those that were taken had. Pure."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO, Final, Literal, Self

from labels.errors import UnreadableTableError

Encoding = Literal["utf-8", "gb18030"]
"""What whoever hands a file in may say it is written in."""
LONGEST_LINE: Final = 1_000_000
"""Bytes. No row that can be read is a tenth as long, and a file without line ends is not read into memory."""


class Lines(Iterator[str]):
    """Decoded lines with their ends. `number` is of the row that is being read, `position` the byte after the last one.

    No byte of a character of UTF-8 or GB 18030 is that of a line end, so lines are cut before they are decoded.
    """

    def __init__(self, file: BinaryIO, encoding: str, *, number: int = 1, start: int = 0) -> None:
        """Take a file that stands at byte `start` of what was sent, where row `number` begins."""
        self._file, self._encoding, self.number, self.position = file, encoding, number, start
        if not start and file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8:
            self.position = len(codecs.BOM_UTF8)
        elif not start:
            file.seek(0)

    def __iter__(self) -> Self:
        """Return itself."""
        return self

    def __next__(self) -> str:
        """Return the next line.

        Raises:
            UnreadableTableError: it is too long, or not in the encoding that was told.
        """
        line = self._file.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        if len(line) > LONGEST_LINE:
            raise UnreadableTableError(
                f"Row {self.number} has a line of more than {LONGEST_LINE:,} bytes; look there for a quotation mark "
                "that is not closed, or save the file with one row a line."
            )
        try:
            text = line.decode(self._encoding)
        except UnicodeDecodeError as error:
            raise UnreadableTableError(
                f"Row {self.number} is not in {self._encoding} (byte {self.position + error.start:,}); save the file "
                "as CSV UTF-8, or say encoding=gb18030 for a file of a Chinese Excel."
            ) from error
        self.position += len(line)
        return text
