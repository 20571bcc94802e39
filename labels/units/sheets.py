"""Sheets of labels to print: A4, forty to a sheet, as one SVG that needs nothing else. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

import segno

COLUMNS: Final = 5
ROWS: Final = 8
PER_SHEET: Final = COLUMNS * ROWS
_WIDTH_MM: Final = 210
_HEIGHT_MM: Final = 297
_MARGIN_MM: Final = 10
_CELL_WIDTH: Final = (_WIDTH_MM - 2 * _MARGIN_MM) / COLUMNS
_CELL_HEIGHT: Final = (_HEIGHT_MM - 2 * _MARGIN_MM) / ROWS
_SYMBOL_MM: Final = 26
"""With its quiet zone of four modules; about 0.58 mm to a module, well above what a phone needs."""
_QUIET: Final = 4


@dataclass(frozen=True, slots=True)
class Label:
    """One label: what its QR code holds, and the serial printed below it."""

    gtin: str
    serial: str
    uri: str


def sheets_for(count: int) -> int:
    """Return how many sheets `count` labels take."""
    return -(-count // PER_SHEET)


def numbers_on(sheet: int, count: int) -> range:
    """Return the numbers of the units on a sheet, by its number from 1 on."""
    first = (sheet - 1) * PER_SHEET + 1
    return range(first, min(first + PER_SHEET, count + 1))


def sheet_svg(labels: Sequence[Label], title: str) -> str:
    """Return a sheet with up to PER_SHEET labels, in millimetres."""
    cells = "".join(
        _cell(label, _MARGIN_MM + place % COLUMNS * _CELL_WIDTH, _MARGIN_MM + place // COLUMNS * _CELL_HEIGHT)
        for place, label in enumerate(labels)
    )
    size = f'width="{_WIDTH_MM}mm" height="{_HEIGHT_MM}mm" viewBox="0 0 {_WIDTH_MM} {_HEIGHT_MM}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="monospace" text-anchor="middle">'
        f"<title>{escape(title)}</title>"
        f'<rect width="{_WIDTH_MM}" height="{_HEIGHT_MM}" fill="#fff"/>{cells}</svg>'
    )


def _cell(label: Label, x: float, y: float) -> str:
    """Return one label with the line to cut along; GTIN and serial stand below the symbol, as they are read."""
    middle = x + _CELL_WIDTH / 2
    frame = f'x="{x:.2f}" y="{y:.2f}" width="{_CELL_WIDTH:.2f}" height="{_CELL_HEIGHT:.2f}"'
    return (
        f'<rect {frame} fill="none" stroke="#bbb" stroke-width=".1" stroke-dasharray="1 1"/>'
        f"{_symbol(label.uri, middle - _SYMBOL_MM / 2, y + 0.5)}"
        f'<text x="{middle:.2f}" y="{y + 29:.2f}" font-size="2.3">(01){label.gtin}</text>'
        f'<text x="{middle:.2f}" y="{y + 32:.2f}" font-size="2.3">(21){label.serial}</text>'
    )


def _symbol(uri: str, x: float, y: float) -> str:
    code = segno.make_qr(uri, error="m")
    matrix = [bytes(row) for row in code.matrix]
    scale = _SYMBOL_MM / (len(matrix) + 2 * _QUIET)
    path = "".join(f"M{left + _QUIET} {top + _QUIET}h{width}v1h-{width}z" for top, left, width in _runs(matrix))
    return f'<path transform="translate({x:.2f} {y:.2f}) scale({scale:.4f})" d="{path}"/>'


def _runs(matrix: Sequence[bytes]) -> Iterator[tuple[int, int, int]]:
    """Yield (row, column, length) of every run of dark modules."""
    for top, row in enumerate(matrix):
        left = row.find(1)
        while left >= 0:
            end = row.find(0, left)
            end = len(row) if end < 0 else end
            yield top, left, end - left
            left = row.find(1, end)
