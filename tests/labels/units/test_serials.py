from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.gtin import parse_code
from labels.units.serials import ALPHABET, CODE_LENGTH, LENGTH, MOST_UNITS, code_of, key_id, series_key

SECRET = sha256(b"a secret for tests").digest()
GTIN = "09521234543213"
NUMBERS = st.integers(1, MOST_UNITS)
CODES = st.text(ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH)
CHARACTERS = st.sampled_from(ALPHABET)


@given(NUMBERS, CODES)
def test_a_serial_opens_to_the_number_it_was_made_for(number: int, code: str) -> None:
    key = series_key(SECRET, code, GTIN)
    assert key.number(key.serial(number)) == number


@given(NUMBERS, CODES)
def test_a_serial_is_one_that_gs1_allows(number: int, code: str) -> None:
    serial = series_key(SECRET, code, GTIN).serial(number)
    assert len(serial) == LENGTH
    assert parse_code(f"https://id.example.org/01/{GTIN}/21/{serial}").serial == serial
    assert code_of(serial) == code


def test_no_two_units_of_the_largest_series_share_a_serial() -> None:
    key = series_key(SECRET, "ABCDEF", GTIN)
    assert len({key.serial(number) for number in range(1, MOST_UNITS + 1)}) == MOST_UNITS


@given(NUMBERS, NUMBERS, CODES, CODES)
def test_no_two_series_share_a_serial(first: int, second: int, code: str, other: str) -> None:
    if (first, code) != (second, other):
        assert series_key(SECRET, code, GTIN).serial(first) != series_key(SECRET, other, GTIN).serial(second)


@settings(max_examples=1000)
@given(NUMBERS, st.integers(0, LENGTH - 1), CHARACTERS)
def test_a_serial_with_one_character_changed_never_verifies(number: int, place: int, character: str) -> None:
    key = series_key(SECRET, "ABCDEF", GTIN)
    serial = key.serial(number)
    forged = serial[:place] + character + serial[place + 1 :]
    assert forged == serial or key.number(forged) is None


@settings(max_examples=1000)
@given(st.text(ALPHABET, min_size=LENGTH - CODE_LENGTH, max_size=LENGTH - CODE_LENGTH))
def test_a_guess_never_verifies(guess: str) -> None:
    assert series_key(SECRET, "ABCDEF", GTIN).number("ABCDEF" + guess) is None


@given(NUMBERS)
def test_a_serial_is_worth_nothing_for_another_product_series_or_secret(number: int) -> None:
    serial = series_key(SECRET, "ABCDEF", GTIN).serial(number)
    assert series_key(SECRET, "ABCDEF", "09521234543220").number(serial) is None
    assert series_key(SECRET, "ABCDEG", GTIN).number("ABCDEG" + serial[CODE_LENGTH:]) is None
    assert series_key(sha256(SECRET).digest(), "ABCDEF", GTIN).number(serial) is None


@given(st.text(max_size=30))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    assert series_key(SECRET, "ABCDEF", GTIN).number(text) is None


@pytest.mark.parametrize("text", ["", "abcdef0123456789abcd", "ABCDEF0123456789ABC", "ABCDEFI123456789ABCD", "０" * 20])
def test_what_has_not_the_shape_of_a_serial_has_no_code(text: str) -> None:
    assert code_of(text) is None


def test_neighbours_look_unrelated() -> None:
    """Half of the 70 sealed bits differ between neighbours on average: what a random function would do."""
    key = series_key(SECRET, "ABCDEF", GTIN)
    values = [int(key.serial(number)[CODE_LENGTH:].translate(_AS_BASE_32), 32) for number in range(1, 1001)]
    differing = [(one ^ two).bit_count() for one, two in pairwise(values)]
    assert 34 < sum(differing) / len(differing) < 36


_AS_BASE_32 = str.maketrans(ALPHABET, "0123456789ABCDEFGHIJKLMNOPQRSTUV")


def test_the_name_of_a_secret_tells_secrets_apart() -> None:
    assert key_id(SECRET) == key_id(SECRET) != key_id(sha256(SECRET).digest())


@pytest.mark.parametrize("number", [0, -1, MOST_UNITS + 1])
def test_a_number_beyond_a_series_has_no_serial(number: int) -> None:
    with pytest.raises(ValueError, match="1,000,000"):
        series_key(SECRET, "ABCDEF", GTIN).serial(number)


def test_serials_made_once_are_made_alike_for_ever() -> None:
    """Labels outlive releases: what was printed must verify under every later version."""
    assert series_key(SECRET, "ABCDEF", GTIN).serial(1) == "ABCDEFGH8J4WBYS6X80W"
