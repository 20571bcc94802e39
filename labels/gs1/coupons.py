"""North American coupon codes: AI (8110), and AI (8112) of the positive offer file, as GS1's syntax tests read them."""

from collections.abc import Callable
from typing import Final

from labels.gs1.dates import is_date

_SIX: Final = 6
_NO_PREFIX: Final = "9"


class _MalformedError(Exception):
    """The coupon data ends early or holds a digit that does not belong there."""


class _Digits:
    """Digits read from left to right."""

    def __init__(self, data: str) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> str:
        taken = self._data[self._at : self._at + count]
        if len(taken) < count:
            raise _MalformedError
        self._at += count
        return taken

    def one_of(self, allowed: str) -> str:
        digit = self.take(1)
        if digit not in allowed:
            raise _MalformedError
        return digit

    def next_is(self, digit: str) -> bool:
        if self._data[self._at : self._at + 1] != digit:
            return False
        self._at += 1
        return True

    def sized(self, allowed: str, plus: int = 0) -> None:
        """Read a length indicator and as many digits as it says, and `plus` more."""
        self.take(int(self.one_of(allowed)) + plus)

    def at_end(self) -> bool:
        return self._at == len(self._data)


def coupon_code(data: str) -> bool:
    """Return whether digits are the data of AI (8110)."""
    return data.isdigit() and _reads(data, _coupon)


def positive_offer(data: str) -> bool:
    """Return whether digits are the data of AI (8112)."""
    return data.isdigit() and _reads(data, _offer)


def _reads(data: str, read: Callable[[_Digits], None]) -> bool:
    digits = _Digits(data)
    try:
        read(digits)
    except _MalformedError:
        return False
    return digits.at_end()


def _offer(digits: _Digits) -> None:
    digits.one_of("01")
    digits.sized("0123456", _SIX)
    digits.take(_SIX)
    digits.sized("0123456789", _SIX)


def _coupon(digits: _Digits) -> None:
    digits.sized("0123456", _SIX)
    digits.take(_SIX)
    digits.sized("12345")
    _purchase(digits)
    if digits.next_is("1"):
        digits.one_of("0123")
        _purchase(digits)
        _purchase_prefix(digits)
    if digits.next_is("2"):
        _purchase(digits)
        _purchase_prefix(digits)
    _period(digits)
    if digits.next_is("5"):
        digits.sized("0123456789", _SIX)
    if digits.next_is("6"):
        digits.sized("1234567", _SIX)
    if digits.next_is("9"):
        for allowed in ("01256", "012", "0123456789", "01"):
            digits.one_of(allowed)


def _purchase(digits: _Digits) -> None:
    """Read a purchase requirement: its value, its code, and the family of products."""
    digits.sized("12345")
    digits.one_of("012349")
    digits.take(3)


def _purchase_prefix(digits: _Digits) -> None:
    indicator = digits.one_of("01234569")
    if indicator != _NO_PREFIX:
        digits.take(int(indicator) + _SIX)


def _period(digits: _Digits) -> None:
    """Read the days a coupon ends and starts; both are optional, and it may not end before it starts."""
    ends = digits.take(_SIX) if digits.next_is("3") else None
    starts = digits.take(_SIX) if digits.next_is("4") else None
    if any(day is not None and not is_date(day) for day in (ends, starts)):
        raise _MalformedError
    if ends is not None and starts is not None and starts > ends:
        raise _MalformedError
