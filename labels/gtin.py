"""What a scanner saw -> a product's number. The front of labels.gs1, and the only module that others import. Pure.

Accepted: EAN/UPC digits, GS1 element strings (bracketed, or with GS), GS1 Digital Link URIs of any host, each also
behind the symbology identifier a scanner puts before it (ISO/IEC 15424). A check digit is never repaired, digits are
never dug out of other text, and only ASCII digits are digits.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from core.values import unguarded
from labels.errors import InvalidCodeError
from labels.gs1.dates import day_of
from labels.gs1.digital_link import SCHEMES, STEM, canonical_uri, parse_uri
from labels.gs1.element_strings import (
    SEPARATOR,
    Element,
    associated,
    bracketed,
    message,
    parse_bracketed,
    parse_message,
)
from labels.gs1.keys import GTIN_LENGTH, Scope, has_check_digit, is_gtin14, scope_of

__all__ = ["Code", "Scope", "labelled_key", "parse_code", "require_labelled"]

LONGEST: Final = 8191
"""The most characters a code may have, as in GS1's engine; a QR code holds fewer."""
_LENGTHS: Final = frozenset({8, 12, 13, 14})
_RETAIL: Final = {"]E0": 13, "]E4": 8}
_ELEMENTS: Final = frozenset({"]C1", "]e0", "]d2", "]Q3", "]J1"})
_TEXT: Final = frozenset({"]d1", "]Q1", "]J0"})
_COMPOSITE: Final = "|]e0"
_LABELLED: Final = frozenset({Scope.GLOBAL, Scope.DEMO})
_SYMBOLOGY_LENGTH: Final = 3
_REMEMBERED: Final = 8192
"""Products whose codes are not read again: tills send the same ones all day."""


@unguarded
@dataclass(frozen=True, slots=True)
class Code:
    """A valid code. `gtin` is None for one that names no product: a pallet, a document, a place, or plain text.

    `elements` are its application identifiers and values in the order read, `ignored` the URI's query parameters that
    are not GS1's, `path_length` how many elements stood in the URI's path.
    """

    gtin: str | None
    scope: Scope
    elements: tuple[Element, ...] = ()
    ignored: tuple[str, ...] = ()
    symbology: str | None = None
    path_length: int = 0

    def value(self, identifier: str) -> str | None:
        """Return the value of an application identifier, or None when the code has none."""
        return next((value for code, value in self.elements if code == identifier), None)

    @property
    def serial(self) -> str | None:
        """The serial number of one unit: (21)."""
        return self.value("21")

    @property
    def batch(self) -> str | None:
        """The batch or lot: (10)."""
        return self.value("10")

    @property
    def expires_on(self) -> date | None:
        """The expiry date, (17) or (7003); the last day of the month where the code names no day."""
        expiry = self.value("17") or self.value("7003")
        return None if expiry is None else day_of(expiry[:6])

    @property
    def canonical_uri(self) -> str | None:
        """Its GS1 Digital Link on https://id.gs1.org, or None when it has none."""
        if self.elements:
            return canonical_uri(self.elements, self.path_length)
        return None if self.gtin is None else f"{STEM}/01/{self.gtin}"

    @property
    def element_string(self) -> str | None:
        """The code as `(01)...(10)...`, or None when it holds no application identifiers."""
        return bracketed(self.elements) if self.elements else None

    @property
    def can_carry_label(self) -> bool:
        """Whether it names a product that can be registered with a label."""
        return self.gtin is not None and self.scope in _LABELLED


def parse_code(text: str, symbology: str | None = None) -> Code:
    """Return what a code says.

    `symbology` is the scanner's symbology identifier such as `]Q3`, where the scanner reports it apart from the text;
    the text may also start with it.

    Raises:
        InvalidCodeError: with a stable `reason`, when the text is no valid code. Nothing else is ever raised.
    """
    if symbology is None and text.isdigit() and text.isascii():
        return _digits(text)
    if len(text) > LONGEST:
        raise InvalidCodeError("bad_length", f"A code has at most {LONGEST} characters.")
    if not text.isascii() or "\0" in text:
        raise InvalidCodeError(
            "illegal_characters", "A code holds ASCII characters only; digits are 0 to 9, not full-width ones."
        )
    if symbology is None and text.startswith("]"):
        symbology = text[:_SYMBOLOGY_LENGTH]
    if symbology is not None:
        return _scanned(text.removeprefix(symbology), symbology)
    if text.startswith("("):
        return _with(parse_bracketed(text))
    if text.upper().startswith(SCHEMES):
        return _linked(text)
    if SEPARATOR in text:
        return _with(parse_message(text.removeprefix(SEPARATOR)))
    raise InvalidCodeError(
        "not_a_code", "This is neither a GTIN (8, 12, 13 or 14 digits), nor a GS1 element string, nor a Digital Link."
    )


def require_labelled(code: Code) -> str:
    """Return the GTIN of a code that can carry a label.

    Raises:
        InvalidCodeError: `no_product`, or the scope (`restricted`, `coupon`, `refund`, `issn_isbn`) that forbids it.
    """
    if code.gtin is None:
        raise InvalidCodeError("no_product", "This code is valid but names no product: a product's code holds a GTIN.")
    if code.scope not in _LABELLED:
        raise InvalidCodeError(
            code.scope, f"{code.gtin} is a number for {_USES[code.scope]}, not for a product sold everywhere."
        )
    return code.gtin


def labelled_key(text: str) -> str:
    """Return `require_labelled(parse_code(text))`; bare digits, of which catalogues are made, the short way.

    Raises:
        InvalidCodeError: as those two raise it.
    """
    return bare_key(text) or require_labelled(parse_code(text))


def bare_key(text: str) -> str | None:
    """Return the GTIN that bare digits are, or None when they are none that can carry a label."""
    if len(text) in _LENGTHS and text.isascii() and text.isdigit():
        gtin = text.zfill(GTIN_LENGTH)
        if is_gtin14(gtin) and scope_of(gtin) in _LABELLED:
            return gtin
    return None


_USES: Final = {
    Scope.RESTRICTED: "use within one shop or company",
    Scope.COUPON: "coupons",
    Scope.REFUND: "refund receipts",
    Scope.PUBLICATION: "publications (ISSN, ISBN)",
}


@lru_cache(maxsize=_REMEMBERED)
def _digits(text: str, symbology: str | None = None) -> Code:
    if len(text) not in _LENGTHS:
        raise InvalidCodeError("bad_length", f"A GTIN has 8, 12, 13 or 14 digits, not {len(text)}.")
    gtin = text if len(text) == GTIN_LENGTH else text.zfill(GTIN_LENGTH)
    if not is_gtin14(gtin):
        raise InvalidCodeError(
            "bad_check_digit", f"The last digit of {text} is not its check digit; scan again or type it again."
        )
    return Code(gtin, scope_of(gtin), symbology=symbology)


def _with(
    elements: tuple[Element, ...], symbology: str | None = None, ignored: tuple[str, ...] = (), path_length: int = 0
) -> Code:
    gtin = next((value for code, value in elements if code == "01"), None)
    scope = Scope.NONE if gtin is None else scope_of(gtin)
    return Code(gtin, scope, elements, ignored, symbology, path_length)


def _linked(uri: str, symbology: str | None = None) -> Code:
    link = parse_uri(uri)
    return _with(link.elements, symbology, link.ignored, link.path_length)


def _scanned(data: str, symbology: str) -> Code:
    """Return what a symbol of a known kind says."""
    if symbology in _RETAIL:
        return _retail(data, symbology, _RETAIL[symbology])
    if symbology in _ELEMENTS:
        return _with(parse_message(data), symbology)
    if symbology not in _TEXT:
        known = " ".join(sorted({*_RETAIL, *_ELEMENTS, *_TEXT}))
        raise InvalidCodeError(
            "unknown_symbology", f"{symbology[:8]!r} is not a symbology identifier of a GS1 symbol: {known}."
        )
    if data.startswith(SCHEMES):
        return _linked(data, symbology)
    if data.isdigit() and len(data) in _LENGTHS and has_check_digit(data):
        return _digits(data, symbology)
    return Code(None, Scope.NONE, symbology=symbology)


def _retail(data: str, symbology: str, length: int) -> Code:
    """Return what an EAN or UPC symbol says; a composite component beside it may add elements."""
    primary, beside = data[:length], data[length:]
    if not primary.isdigit() or len(primary) != length or (beside and not beside.startswith(_COMPOSITE)):
        raise InvalidCodeError("bad_length", f"A symbol {symbology} holds exactly {length} digits.")
    if not has_check_digit(primary):
        raise InvalidCodeError("bad_check_digit", f"The last digit of {primary} is not its check digit; scan again.")
    gtin = primary.zfill(GTIN_LENGTH)
    elements = associated(message(beside.removeprefix(_COMPOSITE))) if beside else ()
    return Code(gtin, scope_of(gtin), elements, symbology=symbology)
