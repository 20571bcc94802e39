"""GS1 Digital Link URIs (GS1 Digital Link Standard: URI Syntax 1.6), read as GS1's Barcode Syntax Engine reads them.

Any host and stem will do, and none is ever opened. In one place we are stricter: the engine cuts an over-long value
silently, we refuse it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from labels.errors import InvalidCodeError
from labels.gs1.application_identifiers import IDENTIFIERS, KEYS, SEQUENCES, SEQUENCES_OF
from labels.gs1.element_strings import (
    FORBIDDEN,
    MOST_ELEMENTS,
    Element,
    associated,
    checked,
    identifier_of,
)

STEM: Final = "https://id.gs1.org"
SCHEMES: Final = ("https://", "HTTPS://", "http://", "HTTP://")
_URI: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_NOT_IN_A_DOMAIN: Final = re.compile(r"[_~?#@!$&'()*+,;=%]")
_ESCAPED: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_NEEDS_ESCAPE: Final = re.compile(r"[^A-Za-z0-9\-._~]")
_SHORT_GTINS: Final = (8, 12, 13)


@dataclass(frozen=True, slots=True)
class Link:
    """What a Digital Link says: its elements, path first; how many stand in the path; query parameters not of GS1."""

    elements: tuple[Element, ...]
    path_length: int
    ignored: tuple[str, ...]


def parse_uri(uri: str) -> Link:
    """Return what a GS1 Digital Link URI says.

    Raises:
        InvalidCodeError: when it is not a valid one.
    """
    if not _URI.fullmatch(uri):
        raise InvalidCodeError("illegal_characters", "The URI holds characters that must be percent-encoded.")
    if not uri.startswith(SCHEMES):
        raise InvalidCodeError(
            "bad_scheme", "The URI must start with http:// or https://, all in lower or all in upper case."
        )
    domain, slash, rest = uri.partition("://")[2].partition("/")
    if not domain or not slash:
        raise InvalidCodeError("no_path", "The URI has no domain, or nothing after it.")
    if _NOT_IN_A_DOMAIN.search(domain):
        raise InvalidCodeError("bad_domain", "The URI's domain holds characters no domain has.")
    path, _, query = rest.partition("#")[0].partition("?")
    in_path = [_from_path(code, value) for code, value in _pairs(path)]
    in_query, ignored = _from_query(query, len(in_path))
    sequence = tuple(code for code, _ in in_path)
    if sequence not in SEQUENCES:
        raise InvalidCodeError(
            "bad_path", "The path holds a key with qualifiers that do not belong to it, or not in this order."
        )
    _check_query(sequence, in_query)
    return Link(associated([*in_path, *in_query]), len(in_path), tuple(ignored))


def _pairs(path: str) -> list[tuple[str, str]]:
    """Return identifiers and raw values from the rightmost primary key on."""
    segments = ["", *path.split("/")]
    at = len(segments) - 2
    while at >= 1 and segments[at] in IDENTIFIERS:
        if segments[at] in KEYS:
            return list(zip(segments[at::2], segments[at + 1 :: 2], strict=True))
        at -= 2
    raise InvalidCodeError("no_key", "The path holds no GS1 key, such as /01/ and 14 digits.")


def _from_path(code: str, raw: str) -> Element:
    identifier = identifier_of(code)
    if not raw:
        raise InvalidCodeError("empty_value", f"({code}) has no value in the path.")
    return checked(identifier, _plain(code, _ESCAPED.sub(_decoded, raw)))


def _from_query(query: str, in_path: int) -> tuple[list[Element], list[str]]:
    """Return the elements among query parameters, and the parameters that are none."""
    elements: list[Element] = []
    ignored: list[str] = []
    for parameter in re.split("&+", query.lstrip("&")) if query else ():
        code, equals, raw = parameter.partition("=")
        if not equals or not (code and code.isdigit()):
            ignored.append(parameter)
            continue
        identifier = identifier_of(code)
        if not raw:
            raise InvalidCodeError("empty_value", f"({code}) has no value in the query.")
        value = _plain(code, _ESCAPED.sub(_decoded, raw.replace("+", " ")))
        if code == "01" and len(value) in _SHORT_GTINS:
            value = value.zfill(14)
        elements.append(checked(identifier, value))
    if in_path + len(elements) + len(ignored) > MOST_ELEMENTS:
        raise InvalidCodeError("too_many", f"A code holds at most {MOST_ELEMENTS} elements.")
    return elements, ignored


def _check_query(sequence: tuple[str, ...], in_query: Sequence[Element]) -> None:
    """Refuse what may not stand in the query: duplicates, what is no attribute, and qualifiers of the path's key."""
    seen = set(sequence)
    for code, _ in in_query:
        if code in seen:
            raise InvalidCodeError("duplicate", f"({code}) is there twice.")
        seen.add(code)
        if not IDENTIFIERS[code].attribute:
            raise InvalidCodeError("not_an_attribute", f"({code}) may not stand in a URI's query.")
        if any((*sequence[:at], code, *sequence[at:]) in SEQUENCES for at in range(1, len(sequence) + 1)):
            raise InvalidCodeError("qualifier_in_query", f"({code}) belongs in the path, after the key it qualifies.")


def _decoded(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 16))


def _plain(code: str, value: str) -> str:
    if "\0" in value or FORBIDDEN in value:
        raise InvalidCodeError("illegal_characters", f"({code}) holds a NUL or a ^, which no GS1 value has.")
    return value


def canonical_uri(elements: Sequence[Element], path_length: int = 0) -> str | None:
    """Return the canonical Digital Link of elements, or None when they have none.

    The first key found leads, with as many of its qualifiers as one sequence takes; attributes follow, those of fixed
    length first. None without a key, or when what is left may not stand in a query. As GS1's engine does it, a
    qualifier that the path had in place of the chosen one (235 for 10) keeps its place, and the other is left out.
    """
    codes = [code for code, _ in elements]
    key = next((code for code in codes if code in KEYS), None)
    if key is None:
        return None
    sequence = max(SEQUENCES_OF[key], key=lambda each: sum(codes.count(code) for code in each[1:]))
    place: dict[int, int] = {index: index for index in range(path_length)}
    for index, code in enumerate(codes):
        if code in sequence:
            place[index] = sequence.index(code)
    path = ""
    for position in range(len(sequence)):
        for index in sorted(index for index, at in place.items() if at == position)[:1]:
            path += f"/{codes[index]}/{_escape(elements[index][1])}"
    rest = dict(elements[index] for index in range(len(codes) - 1, -1, -1) if index not in place)
    attributes = sorted(sorted(rest, key=codes.index), key=lambda code: not IDENTIFIERS[code].fixed)
    if not all(IDENTIFIERS[code].attribute for code in attributes):
        return None
    query = "&".join(f"{code}={_escape(rest[code])}" for code in attributes)
    return f"{STEM}{path}?{query}" if query else STEM + path


def _escape(value: str) -> str:
    return _NEEDS_ESCAPE.sub(lambda found: f"%{ord(found[0]):02X}", value)
