"""GS1 element strings: bracketed for people, and as scanners send them with GS between values of no fixed length.

Judged like GS1's Barcode Syntax Engine: format and content of every value first, then what goes with what.
"""

from collections.abc import Sequence
from typing import Final

from labels.errors import InvalidCodeError
from labels.gs1.application_identifiers import IDENTIFIERS, LENGTH_BY_PREFIX, Identifier

Element = tuple[str, str]
"""An application identifier and its value."""

SEPARATOR: Final = "\x1d"
FORBIDDEN: Final = "^"
"""Stands for FNC1 in much software; as data it could be mistaken for one, and no GS1 character set has it."""
MOST_ELEMENTS: Final = 64


def identifier_of(digits: str) -> Identifier:
    """Return the application identifier written as exactly `digits`.

    Raises:
        InvalidCodeError: `unknown_identifier`.
    """
    found = IDENTIFIERS.get(digits)
    if found is None:
        raise InvalidCodeError("unknown_identifier", f"({digits[:8]}) is not a GS1 application identifier.")
    return found


def checked(identifier: Identifier, value: str) -> Element:
    """Return the element when `value` has the format and content of `identifier`.

    Raises:
        InvalidCodeError: `empty_value`, `bad_length` or `bad_content`.
    """
    if not value:
        raise InvalidCodeError("empty_value", f"({identifier.code}) has no value.")
    if not identifier.least <= len(value) <= identifier.most:
        raise InvalidCodeError(
            "bad_length", f"({identifier.code}) takes {_lengths(identifier)} characters, not {len(value)}."
        )
    if _consumed(identifier, value) != len(value):
        raise InvalidCodeError("bad_length", f"({identifier.code}) ends in the middle of a part.")
    return identifier.code, value


def parse_bracketed(text: str) -> tuple[Element, ...]:
    r"""Return the elements of `(01)...(10)...`; `\(` is a bracket in a value, `|` parts the carriers of a composite.

    Raises:
        InvalidCodeError: when the text is not a valid element string.
    """
    linear, bar, composite = text.partition("|")
    elements = _bracketed(linear)
    if bar:
        elements += _bracketed(composite)
    return associated(elements)


def parse_message(data: str) -> tuple[Element, ...]:
    """Return the elements of scanned data, without symbology identifier, with GS where a value of no fixed length ends.

    Raises:
        InvalidCodeError: when the data is not a valid element string.
    """
    return associated(message(data))


def message(data: str) -> list[Element]:
    """Return the elements of scanned data, each right by itself; `associated` judges them together.

    Raises:
        InvalidCodeError: when an element is not valid.
    """
    if not data:
        raise InvalidCodeError("empty_value", "There is no data after the symbology identifier.")
    if FORBIDDEN in data:
        raise InvalidCodeError("illegal_characters", "The data holds a ^, which no GS1 value has.")
    elements: list[Element] = []
    at = 0
    while at < len(data):
        identifier = IDENTIFIERS.get(data[at : at + LENGTH_BY_PREFIX.get(data[at : at + 2], 0)])
        if identifier is None:
            raise InvalidCodeError(
                "unknown_identifier", f"No GS1 application identifier starts at character {at + 1} of the data."
            )
        at += len(identifier.code)
        end = data.find(SEPARATOR, at)
        field = data[at:] if end < 0 else data[at:end]
        length = _consumed(identifier, field)
        if length < len(field) and not identifier.fixed:
            raise InvalidCodeError(
                "bad_length", f"({identifier.code}) takes {_lengths(identifier)} characters, then a separator."
            )
        elements.append((identifier.code, field[:length]))
        at += length
        if at == end:
            at += 1
    return elements


def _bracketed(text: str) -> list[Element]:
    if not text:
        raise InvalidCodeError(
            "empty_value", "An element string holds at least one element, such as (01)06901234567892."
        )
    elements: list[Element] = []
    at = 0
    while at < len(text):
        closing = text.find(")", at)
        if text[at] != "(" or closing < 0:
            raise InvalidCodeError("bad_brackets", "Every element starts with its application identifier in brackets.")
        identifier = identifier_of(text[at + 1 : closing])
        value, at = _until_bracket(text, closing + 1)
        if FORBIDDEN in value:
            raise InvalidCodeError("illegal_characters", f"({identifier.code}) holds a ^, which no GS1 value has.")
        elements.append(checked(identifier, value))
    return elements


def _until_bracket(text: str, at: int) -> tuple[str, int]:
    """Return a value from `at` to the next bracket that no backslash escapes, and where that is."""
    value = ""
    while True:
        opening = text.find("(", at)
        if opening < 0:
            return value + text[at:], len(text)
        if text[opening - 1] != "\\":
            return value + text[at:opening], opening
        value += text[at : opening - 1] + "("
        at = opening + 1


def _consumed(identifier: Identifier, field: str) -> int:
    """Check the parts of a value from the left; return how much of `field` they are."""
    at = 0
    if not field:
        raise InvalidCodeError("empty_value", f"({identifier.code}) has no value.")
    for component in identifier.components:
        part = field[at : at + component.most]
        if component.optional and not part:
            continue
        if len(part) < component.least:
            raise InvalidCodeError("bad_length", f"({identifier.code}) takes {_lengths(identifier)} characters.")
        for rule, holds in component.checks:
            if not holds(part):
                reason = "bad_check_digit" if rule in {"csum", "csumalpha"} else "bad_content"
                raise InvalidCodeError(
                    reason, f"({identifier.code}): {part!r} does not pass the GS1 syntax test {rule}."
                )
        at += len(part)
    return at


def _lengths(identifier: Identifier) -> str:
    if identifier.least == identifier.most:
        return str(identifier.least)
    return f"{identifier.least} to {identifier.most}"


def associated(elements: Sequence[Element]) -> tuple[Element, ...]:
    """Return the elements when they may stand together.

    Raises:
        InvalidCodeError: `too_many`, `excluded`, `missing`, `contradiction` or `serial_missing`.
    """
    if len(elements) > MOST_ELEMENTS:
        raise InvalidCodeError("too_many", f"A code holds at most {MOST_ELEMENTS} elements.")
    values: dict[str, str] = {}
    for code, value in elements:
        if values.setdefault(code, value) != value:
            raise InvalidCodeError("contradiction", f"({code}) is there twice with different values.")
    for code in values:
        _go_together(IDENTIFIERS[code], values)
    if "8030" in values:
        for code in ("253", "255", "8003"):
            if len(values.get(code, "")) == IDENTIFIERS[code].least:
                raise InvalidCodeError(
                    "serial_missing", f"A digital signature (8030) is of one thing: ({code}) needs its serial part."
                )
    return tuple(elements)


def _go_together(identifier: Identifier, values: dict[str, str]) -> None:
    others = [code for code in values if code != identifier.code]
    for unwanted in identifier.excludes:
        if any(code.startswith(unwanted) for code in others):
            raise InvalidCodeError("excluded", f"({identifier.code}) must not stand beside ({unwanted}).")
    if identifier.needs and not any(
        all(any(code.startswith(needed) for code in others) for needed in group) for group in identifier.needs
    ):
        wanted = " or ".join("+".join(group) for group in identifier.needs)
        raise InvalidCodeError("missing", f"({identifier.code}) makes no sense without {wanted}.")


def bracketed(elements: Sequence[Element]) -> str:
    """Return elements as `(01)...(10)...`, brackets in values escaped."""
    return "".join(f"({code}){value.replace('(', chr(92) + '(')}" for code, value in elements)
