"""Check digits, and what the first digits of a GTIN say it may be used for. General Specifications 7.9.1 and 1.4.2."""

from enum import StrEnum
from typing import Final

GTIN_LENGTH: Final = 14
_DIGITS_SUM: Final = (3 * 7 * ord("0") + 7 * ord("0")) % 10
"""What fourteen zeros add up to when ASCII codes are added instead of digits: cheaper, and known beforehand."""


class Scope(StrEnum):
    """What a number may be used for; only a global one, or a demonstration one, names a product everywhere."""

    GLOBAL = "global"
    DEMO = "demo"
    RESTRICTED = "restricted"
    COUPON = "coupon"
    REFUND = "refund"
    PUBLICATION = "issn_isbn"
    NONE = "none"


def has_check_digit(digits: str) -> bool:
    """Return whether ASCII digits of any length end in their GS1 check digit (modulo 10, weights 3 and 1)."""
    codes = digits.encode("ascii")
    total = sum(codes[-1::-2]) + 3 * sum(codes[-2::-2])
    return (total - ord("0") * (len(codes[-1::-2]) + 3 * len(codes[-2::-2]))) % 10 == 0


def is_gtin14(digits: str) -> bool:
    """Return whether fourteen ASCII digits end in their check digit; the fast one."""
    codes = digits.encode("ascii")
    return (3 * sum(codes[::2]) + sum(codes[1::2])) % 10 == _DIGITS_SUM


def _scope_of(prefix: str) -> Scope:
    """Return what a three-digit GS1 prefix is for."""
    if prefix[0] == "2" or prefix[:2] in {"02", "04"}:
        return Scope.RESTRICTED
    if prefix[:2] in {"05", "99"} or prefix in {"981", "982", "983"}:
        return Scope.COUPON
    named = {"952": Scope.DEMO, "977": Scope.PUBLICATION, "978": Scope.PUBLICATION, "979": Scope.PUBLICATION}
    return named.get(prefix, Scope.REFUND if prefix == "980" else Scope.GLOBAL)


_SCOPES: Final = {f"{number:03d}": _scope_of(f"{number:03d}") for number in range(1000)}
_SCOPES_OF_8: Final = {digit: Scope.RESTRICTED if digit in "02" else Scope.GLOBAL for digit in "0123456789"}


def scope_of(gtin: str) -> Scope:
    """Return what a 14-digit GTIN may be used for; six leading zeros mean a GTIN-8, with prefixes of its own."""
    if gtin.startswith("000000"):
        return _SCOPES_OF_8[gtin[6]]
    return _SCOPES[gtin[1:4]]
