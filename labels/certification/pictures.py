"""Which pictures may stand as a scheme's official mark: PNG, and SVG that can neither run nor fetch anything. Pure.

A picture is taken as it is or refused, never repaired: an official mark may not be altered. What an SVG may hold is
listed; everything else is refused, so that nothing depends on knowing every way in which browsers can be made to act.
"""

import re
import xml.parsers.expat
from collections.abc import Mapping
from enum import StrEnum
from struct import unpack_from
from typing import Final
from zlib import crc32

LARGEST_BYTES: Final = 512 * 1024

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_LEAST_DOTS: Final = 32
_MOST_DOTS: Final = 4096
_CHUNK_FRAME: Final = 12
"""Bytes of a PNG's chunk beside its data: length, type, checksum."""

_SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "http://www.w3.org/1999/xlink"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_ELEMENTS: Final = frozenset(
    {"svg", "g", "defs", "title", "desc", "style", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
    | {"text", "tspan", "linearGradient", "radialGradient", "stop", "clipPath"}
)
"""Shapes, text, colours. `use`, patterns, masks and filters are left out: a few of them nested stop a browser."""
_FUNCTIONS: Final = frozenset(
    {"url", "rgb", "rgba", "hsl", "hsla", "matrix", "translate", "scale", "rotate", "skewx", "skewy", "calc"}
)
_CALL: Final = re.compile(r"([\w-]+)\s*\(")
_OWN_URL: Final = re.compile(r"url\(\s*[\"']?#", re.IGNORECASE)
_FOUR_NUMBERS: Final = re.compile(r"\s*(?:-?[0-9.]+[\s,]+){2}[0-9.]*[1-9][0-9.]*[\s,]+[0-9.]*[1-9][0-9.]*\s*")
_MOST_ELEMENTS: Final = 20_000
_DEEPEST: Final = 64
_PLAINLY: Final = "save it as plain SVG with text as outlines and nothing else embedded, or send a PNG."


class MediaType(StrEnum):
    """What a mark's picture may be."""

    PNG = "image/png"
    SVG = "image/svg+xml"


def picture_fault(data: bytes, media_type: MediaType) -> str | None:
    """Return why a picture can not be taken and what to do about it, or None when nothing is wrong with it."""
    if len(data) > LARGEST_BYTES:
        return f"must have at most {LARGEST_BYTES // 1024} KiB, not {-(-len(data) // 1024)}."
    return _png_fault(data) if media_type is MediaType.PNG else _svg_fault(data)


def _png_fault(data: bytes) -> str | None:
    """Go through the chunks of a PNG (ISO/IEC 15948, 5): whole, in order, undamaged, and with nothing after it."""
    if not data.startswith(_SIGNATURE):
        return "is no PNG, though media_type says so."
    place = len(_SIGNATURE)
    kinds: list[bytes] = []
    while place + _CHUNK_FRAME <= len(data) and kinds[-1:] != [b"IEND"]:
        (size,) = unpack_from(">I", data, place)
        end = place + _CHUNK_FRAME + size
        if end > len(data) or unpack_from(">I", data, end - 4) != (crc32(data[place + 4 : end - 4]),):
            return "is a damaged PNG; send it again."
        kinds.append(data[place + 4 : place + 8])
        place = end
    if kinds[:1] != [b"IHDR"] or b"IDAT" not in kinds or kinds[-1] != b"IEND" or place != len(data):
        return "is no whole PNG, or something follows it; export it again."
    if not all(_LEAST_DOTS <= dots <= _MOST_DOTS for dots in unpack_from(">II", data, 16)):
        return f"must be {_LEAST_DOTS} to {_MOST_DOTS} pixels wide and high."
    return None


class _RefusedError(Exception):
    """Something stands in an SVG that may not."""


def _svg_fault(data: bytes) -> str | None:
    try:
        data.decode()
        _Reader().read(data)
    except UnicodeDecodeError:
        return "is no SVG in UTF-8; save it in that encoding."
    except xml.parsers.expat.ExpatError as error:
        return f"is no well-formed SVG, line {error.lineno}; export it again."
    except _RefusedError as error:
        return f"{error}; {_PLAINLY}"
    return None


class _Reader:
    """Goes through an SVG and stops at the first thing that may not be there."""

    def __init__(self) -> None:
        self._parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
        self._parser.XmlDeclHandler = self._declaration
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.ProcessingInstructionHandler = self._instruction
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._open: list[str] = []
        self._seen = 0
        self._css: list[str] = []

    def read(self, data: bytes) -> None:
        """Read a whole SVG.

        Raises:
            _RefusedError: when something stands in it that may not.
            xml.parsers.expat.ExpatError: when it is not well-formed.
        """
        self._parser.Parse(data, True)

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        """Refuse another encoding: a browser would read other characters than were looked at here."""
        if encoding is not None and encoding.lower() != "utf-8":
            raise _RefusedError(f"declares the encoding {encoding}, not UTF-8")

    def _doctype(self, *_: object) -> None:
        raise _RefusedError("has a DOCTYPE, which may bring in entities")

    def _instruction(self, target: str, _data: str) -> None:
        raise _RefusedError(f"has a processing instruction, {target}")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if namespace != _SVG or local not in _ELEMENTS:
            raise _RefusedError(f"has an element {local}, which a mark does not need")
        if not self._open and (local != "svg" or not _FOUR_NUMBERS.fullmatch(attributes.get("viewBox", ""))):
            raise _RefusedError("must begin with an element svg that has a viewBox of four numbers")
        self._open.append(local)
        self._seen += 1
        if self._seen > _MOST_ELEMENTS or len(self._open) > _DEEPEST:
            raise _RefusedError(f"has more than {_MOST_ELEMENTS} elements, or more than {_DEEPEST} in each other")
        for each, value in attributes.items():
            _require_harmless(each, value)

    def _end(self, _name: str) -> None:
        if self._open.pop() == "style":
            _require_own("style", "".join(self._css))
            self._css.clear()

    def _text(self, text: str) -> None:
        if self._open[-1] == "style":
            self._css.append(text)


def _require_harmless(name: str, value: str) -> None:
    namespace, _, local = name.rpartition(" ")
    if namespace not in {"", _XLINK, _XML} or (namespace == _XML and local not in {"space", "lang"}):
        raise _RefusedError(f"has an attribute {local} that is none of SVG's")
    if local.lower().startswith("on"):
        raise _RefusedError(f"has an attribute {local}, which runs a script")
    if (local == "href" or namespace == _XLINK) and not value.startswith("#"):
        raise _RefusedError(f"has an attribute {local} that leads out of the picture")
    _require_own(local, value)


def _require_own(place: str, value: str) -> None:
    """Refuse style that fetches something, and what could hide it: rules with @ and escapes."""
    if place == "style" and ("@" in value or "\\" in value):
        raise _RefusedError("has style with @ or \\")
    calls = [each.lower() for each in _CALL.findall(value)]
    if not _FUNCTIONS.issuperset(calls) or calls.count("url") != len(_OWN_URL.findall(value)) or "\\" in value:
        raise _RefusedError(f"has a {place} that may lead out of the picture")
