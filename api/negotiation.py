"""What a client would rather have: the ranges of Accept and Accept-Language in its order (RFC 9110, 12.5). Pure."""

from collections.abc import Sequence
from typing import Final

_MOST_RANGES: Final = 50
"""No browser sends more; whoever does is not worth the time."""


def preferences(header: str) -> tuple[str, ...]:
    """Return the ranges of a header, best first and in lower case; those with weight 0 are left out."""
    weighted = []
    for part in header.split(",")[:_MOST_RANGES]:
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        if name and (thousandths := _thousandths(weight)):
            weighted.append((-thousandths, name))
    return tuple(name for _, name in sorted(weighted, key=lambda each: each[0]))


def _thousandths(weight: str) -> int:
    """Return a weight of 0 to 1, with up to three decimals, in thousandths; 0 for what is no weight."""
    whole, _, decimals = weight.partition(".")
    digits = whole + decimals[:3].ljust(3, "0")
    return min(int(digits), 1000) if digits.isascii() and digits.isdigit() else 0


def best(ranges: Sequence[str], offers: Sequence[str]) -> str | None:
    """Return the media type on offer that a client would rather have, or None when it wants none of them.

    Among what one range covers the first offer wins.
    """
    for each in ranges:
        for offer in offers:
            if each in {offer, f"{offer.partition('/')[0]}/*", "*/*"}:
                return offer
    return None
