"""Labels as SVG and PNG: drawn from a template, rendered with fonts of this machine."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from struct import pack
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile
from zlib import crc32

import resvg_py

from api.errors import MissingFontError
from api.glyphs import lacking
from api.rendering import text_of
from core.settings import settings
from labels.artwork import SHEETS, Face, Size

FAMILIES: Final = ("NotoSansCJK", "NotoSansSC", "SourceHanSans")
"""What the names of font files with Chinese begin with: Noto Sans CJK and Source Han Sans are one design."""
_WEIGHTS: Final = ("-Regular", "-Bold")
_PLACES: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "~/.local/share/fonts", "~/.fonts")
_SUFFIXES: Final = frozenset({".ttc", ".otf", ".ttf"})
_WHITE: Final = "#ffffff"


def fonts() -> tuple[str, ...]:
    """Return the font files labels are set in: a regular and a bold one that both hold Chinese.

    Raises:
        MissingFontError: when there is none: a label full of empty boxes must never reach a printer.
    """
    own = settings().font_dir
    found = _found(*((str(own),) if own is not None else _PLACES))
    if not found:
        raise MissingFontError
    return found


@cache
def _found(*folders: str) -> tuple[str, ...]:
    """Return a regular and a bold file of the first family that has both."""
    files = [
        path
        for folder in folders
        for path in sorted(Path(folder).expanduser().rglob("*"))
        if path.suffix.lower() in _SUFFIXES and path.name.startswith(FAMILIES)
    ]
    for family in FAMILIES:
        pair = [next((each for each in files if _is(each, family, weight)), None) for weight in _WEIGHTS]
        if None not in pair:
            return tuple(str(each) for each in pair)
    return ()


def _is(path: Path, family: str, weight: str) -> bool:
    return path.name.startswith(family) and path.stem.endswith(weight)


def svg_of(face: Face, size: Size) -> str:
    """Return a label as an SVG in millimetres that needs nothing but a font for its text."""
    return text_of("labels/label.svg", face=face, sheet=SHEETS[size])


def unprintable(face: Face) -> str | None:
    """Return what to say of the characters of a label that would come out as boxes, or None where there are none.

    Raises:
        MissingFontError: as `fonts` does.
    """
    missing = lacking("".join(line.words for line in (*face.product, face.certificate)), fonts())
    if not missing:
        return None
    named = ", ".join(f"{each} (U+{ord(each):04X})" for each in missing)
    return f"The fonts for labels lack {named}: ask for SVG, or register a name or number without."


def png_of(svg: str, dpi: int) -> bytes:
    """Return an SVG as a PNG at `dpi` dots to the inch, which the file also says of itself."""
    rendered = resvg_py.svg_to_bytes(
        svg_string=svg, dpi=float(dpi), background=_WHITE, skip_system_fonts=True, font_files=list(fonts())
    )
    return _at_size(rendered, dpi)


def archive(files: Mapping[str, Face], size: Size, dpi: int | None, report: str) -> Iterator[bytes]:
    """Yield a ZIP of labels, piece by piece: PNG at `dpi`, or SVG without; `report.csv` says what is not among them.

    Only one label is in memory at a time, however many there are.
    """
    sink = _Sink()
    with ZipFile(sink, "w") as folder:
        folder.writestr("report.csv", "\ufeff" + report, ZIP_DEFLATED)
        for name, face in files.items():
            svg = svg_of(face, size)
            if dpi is None:
                folder.writestr(f"{name}.svg", svg, ZIP_DEFLATED)
            else:
                folder.writestr(f"{name}.png", png_of(svg, dpi), ZIP_STORED)
            yield sink.taken()
    yield sink.taken()


class _Sink:
    """What a ZIP is written into when it is sent on at once: it knows no position and can not be rewound."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes | bytearray | memoryview) -> int:
        """Keep a piece until it is taken."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Do nothing: pieces are taken, not pushed."""

    def close(self) -> None:
        """Do nothing: what is left is still to be taken."""

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        written = b"".join(self._pieces)
        self._pieces.clear()
        return written


_PER_METRE: Final = 39.3701
_IHDR_END: Final = 33
"""A PNG's signature and its first chunk, which the physical size follows."""


def _at_size(png: bytes, dpi: int) -> bytes:
    """Return a PNG with its size in the world (the chunk pHYs): printers then need not be told."""
    dots = round(dpi * _PER_METRE)
    chunk = b"pHYs" + pack(">IIB", dots, dots, 1)
    return png[:_IHDR_END] + pack(">I", len(chunk) - 4) + chunk + pack(">I", crc32(chunk)) + png[_IHDR_END:]
