"""Character sets and content rules of the parts of an element string. Each takes text and says whether it will do.

The names are those of the GS1 Barcode Syntax Tests, so that the table of application identifiers can be compared.
"""

from collections.abc import Callable
from typing import Final

from labels.gs1.code_lists import COUNTRY_LETTERS, COUNTRY_NUMBERS, CURRENCY_NUMBERS, MEDIA_TYPES, PACKAGE_TYPES
from labels.gs1.coupons import coupon_code, positive_offer
from labels.gs1.dates import is_date, is_full_date, is_time
from labels.gs1.keys import has_check_digit

Check = Callable[[str], bool]

DIGITS: Final = frozenset("0123456789")
_LETTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_HEX: Final = frozenset("0123456789ABCDEFabcdef")
_CSET_82_ORDERED: Final = (
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"  # by weight, as GMN needs it
)
_CSET_82: Final = frozenset(_CSET_82_ORDERED)
_CSET_39: Final = DIGITS | _LETTERS | frozenset("#-/")
_CSET_64: Final = DIGITS | _LETTERS | frozenset("abcdefghijklmnopqrstuvwxyz-_")
_CSET_32_ORDERED: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_WEIGHTS_82: Final = {character: weight for weight, character in enumerate(_CSET_82_ORDERED)}
_PRIMES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)
_PREFIX_LENGTH: Final = 4
_IBAN_LENGTHS: Final = range(11, 35)


def _of(characters: frozenset[str]) -> Check:
    return characters.issuperset


def _base64(data: str) -> bool:
    """URL-safe base64, with right padding or none; GS1 counts groups of three characters here."""
    bare = data.rstrip("=")
    pads = len(data) - len(bare)
    return pads <= 2 and (pads == 0 or len(data) % 3 == 0) and _CSET_64.issuperset(bare)  # noqa: PLR2004 - padding


CHARACTER_SETS: Final[dict[str, Check]] = {"N": _of(DIGITS), "X": _of(_CSET_82), "Y": _of(_CSET_39), "Z": _base64}


def _starts_with_prefix(data: str) -> bool:
    """At least four digits lead: the shortest GS1 company prefix."""
    return len(data) >= _PREFIX_LENGTH and DIGITS.issuperset(data[:_PREFIX_LENGTH])


def _percent_encoding(data: str) -> bool:
    pieces = data.split("%")[1:]
    return all(len(piece) > 1 and _HEX.issuperset(piece[:2]) for piece in pieces)


def _check_pair(data: str) -> bool:
    """Two check characters over alphanumeric data: prime weights from the right, modulo 1021 (7.9.5)."""
    body, pair = data[:-2], data[-2:]
    if len(data) < len("22") or len(body) > len(_PRIMES):
        return False
    total = sum(_WEIGHTS_82[char] * _PRIMES[i] for i, char in enumerate(reversed(body))) % 1021
    return pair == _CSET_32_ORDERED[total >> 5] + _CSET_32_ORDERED[total & 31]


def _iban(data: str) -> bool:
    """An international bank account number (ISO 13616-1): country, and 1 modulo 97."""
    if data[:2] not in COUNTRY_LETTERS or len(data) not in _IBAN_LENGTHS or not (DIGITS | _LETTERS).issuperset(data):
        return False
    return int("".join(str(int(character, 36)) for character in data[4:] + data[:4])) % 97 == 1


def _piece_of_total(data: str) -> bool:
    half = len(data) // 2
    return len(data) % 2 == 0 and 0 < int(data[:half]) <= int(data[half:])


def _position_in_sequence(data: str) -> bool:
    position, slash, end = data.partition("/")
    if not (slash and position and end and DIGITS.issuperset(position + end)):
        return False
    return position[0] != "0" and end[0] != "0" and int(position) <= int(end)


CONTENT: Final[dict[str, Check]] = {
    "couponcode": coupon_code,
    "couponposoffer": positive_offer,
    "csum": has_check_digit,
    "csumalpha": _check_pair,
    "gcppos1": _starts_with_prefix,
    "gcppos2": lambda data: _starts_with_prefix(data[1:]),
    "hasnondigit": lambda data: not DIGITS.issuperset(data),
    "hh": lambda data: int(data) < 24,  # noqa: PLR2004 - hours of a day
    "hhmi": is_time,
    "hyphen": lambda data: data == "-" * len(data),
    "iban": _iban,
    "importeridx": _of(_CSET_64),
    "iso3166": COUNTRY_NUMBERS.__contains__,
    "iso3166999": lambda data: data == "999" or data in COUNTRY_NUMBERS,
    "iso3166alpha2": COUNTRY_LETTERS.__contains__,
    "iso4217": CURRENCY_NUMBERS.__contains__,
    "iso5218": lambda data: data in {"0", "1", "2", "9"},
    "latitude": lambda data: int(data) <= 1_800_000_000,  # noqa: PLR2004 - degrees from the south pole, times 10^7
    "longitude": lambda data: int(data) <= 3_600_000_000,  # noqa: PLR2004 - degrees eastward, times 10^7
    "mediatype": MEDIA_TYPES.__contains__,
    "mi": lambda data: int(data) < 60,  # noqa: PLR2004 - minutes of an hour
    "nonzero": lambda data: data.strip("0") != "",
    "nozeroprefix": lambda data: data[0] != "0",
    "packagetype": PACKAGE_TYPES.__contains__,
    "pcenc": _percent_encoding,
    "pieceoftotal": _piece_of_total,
    "posinseqslash": _position_in_sequence,
    "ss": lambda data: int(data) < 60,  # noqa: PLR2004 - seconds of a minute
    "winding": lambda data: data in {"0", "1", "9"},
    "yesno": lambda data: data in {"0", "1"},
    "yymmd0": lambda data: is_date(data, day_may_be_zero=True),
    "yymmdd": is_date,
    "yyyymmdd": is_full_date,
    "zero": lambda data: data.strip("0") == "",
}
