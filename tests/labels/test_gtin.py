from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from labels.errors import InvalidCodeError
from labels.gtin import Code, Scope, parse_code, require_labelled
from tests.factories.labels import gtin_of

GTIN = "09521234567899"
GS = "\x1d"
CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

gtins = st.integers(0, 10**13 - 1).map(lambda number: gtin_of(str(number)))
values = st.text(CSET_82, min_size=1, max_size=20)


def reason(text: str, symbology: str | None = None) -> str:
    with pytest.raises(InvalidCodeError) as caught:
        parse_code(text, symbology)
    assert str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("6901234567892", "06901234567892"),
        ("03750865", "00000003750865"),
        ("471545885184", "00471545885184"),
        ("49784831835008", "49784831835008"),
        ("]E06901234567892", "06901234567892"),
        ("]E403750865", "00000003750865"),
        ("]C10106901234567892", "06901234567892"),
        (f"]d2010690123456789210AB{GS}17270131", "06901234567892"),
        (f"{GS}010690123456789210AB{GS}17270131", "06901234567892"),
        ("(01)06901234567892(10)A\\(B", "06901234567892"),
        ("https://id.gs1.org/01/06901234567892", "06901234567892"),
        ("HTTP://EXAMPLE.COM/some/stem/01/06901234567892/10/AB?17=270131&utm=x#top", "06901234567892"),
        ("]Q1https://example.com/01/06901234567892", "06901234567892"),
        ("]Q16901234567892", "06901234567892"),
    ],
)
def test_every_form_a_scanner_sends_gives_the_14_digit_key(text: str, gtin: str) -> None:
    assert parse_code(text).gtin == gtin


def test_what_else_the_code_says_is_read_too() -> None:
    code = parse_code("https://example.com/01/09521234567899/10/a%2Fb/21/12+3?17=270200&context=x&single")
    assert (code.serial, code.batch, code.expires_on) == ("12+3", "a/b", date(2027, 2, 28))
    assert code.ignored == ("context=x", "single")
    assert code.element_string == "(01)09521234567899(10)a/b(21)12+3(17)270200"
    assert code.canonical_uri == "https://id.gs1.org/01/09521234567899/10/a%2Fb/21/12%2B3?17=270200"
    assert parse_code(f"(01){GTIN}(7003)2701312359").expires_on == date(2027, 1, 31)


def test_the_symbology_may_come_apart_from_the_text() -> None:
    assert parse_code("6901234567892", "]E0") == parse_code("]E06901234567892")
    assert reason("6901234567892", "]E4") == "bad_length"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not_a_code"),
        ("6901234567890", "bad_check_digit"),
        ("690123456789", "bad_check_digit"),
        ("69012345678", "bad_length"),
        ("690123456789 2", "not_a_code"),
        ("+6901234567892", "not_a_code"),
        ("６９０１２３４５６７８９２", "illegal_characters"),
        ("6901234567892\0", "illegal_characters"),
        ("see 6901234567892", "not_a_code"),
        ("]X06901234567892", "unknown_symbology"),
        ("]", "unknown_symbology"),
        ("]E06901234567892|", "bad_length"),
        ("]Q3", "empty_value"),
        ("]Q3^0106901234567892", "illegal_characters"),
        ("]Q30106901234567892x", "unknown_identifier"),
        ("]Q30106901234567892" + GS + GS + "10A", "unknown_identifier"),
        (f"(01){GTIN}(10)", "empty_value"),
        (f"(01){GTIN}10)A", "bad_length"),
        (f"(01){GTIN}(10", "bad_brackets"),
        (f"(01){GTIN}(05)A", "unknown_identifier"),
        (f"(01){GTIN}(10){'A' * 21}", "bad_length"),
        (f"(01){GTIN}(10)A B", "bad_content"),
        (f"(01){GTIN}(10)A(10)B", "contradiction"),
        (f"(01){GTIN}(17)260230", "bad_content"),
        (f"(01){GTIN}(17)261300", "bad_content"),
        (f"(01){GTIN}(3100)000001(3101)000001", "excluded"),
        (f"(01){GTIN}(02){GTIN}(37)1", "excluded"),
        (f"(01){GTIN}(422)999", "bad_content"),
        ("(10)A", "missing"),
        (f"(01){GTIN}(8030)abcd", "missing"),
        ("(253)9521234567899(8030)abcd", "serial_missing"),
        (f"|(01){GTIN}", "not_a_code"),
        (f"(01){GTIN}|", "empty_value"),
        ("https://例.cn/01/09521234567899", "illegal_characters"),
        ("HtTps://example.com/01/09521234567899", "bad_scheme"),
        ("https://example.com", "no_path"),
        ("https:///01/09521234567899", "no_path"),
        ("https://user@example.com/01/09521234567899", "bad_domain"),
        ("https://example.com/", "no_key"),
        ("https://example.com/gtin/09521234567899", "no_key"),
        ("https://example.com/01/09521234567899/", "no_key"),
        ("https://example.com/?01=09521234567899", "no_key"),
        ("https://example.com/01/9521234567899", "bad_length"),
        ("https://example.com/01/09521234567898", "bad_check_digit"),
        ("https://example.com/01/09521234567899/21/1/10/A", "bad_path"),
        ("https://example.com/01/09521234567899/235/1/10/A", "bad_path"),
        ("https://example.com/01/09521234567899/10//21/1", "empty_value"),
        ("https://example.com/01/09521234567899/10/%00", "illegal_characters"),
        ("https://example.com/01/09521234567899/10/%E6", "bad_content"),
        ("https://example.com/01/09521234567899?17=", "empty_value"),
        ("https://example.com/01/09521234567899?10=A", "qualifier_in_query"),
        ("https://example.com/01/09521234567899?99=A+B", "bad_content"),
        ("https://example.com/01/09521234567899?01=09521234567899", "duplicate"),
        ("https://example.com/01/09521234567899?8200=x", "not_an_attribute"),
        ("https://example.com/01/09521234567899?999=x", "unknown_identifier"),
        ("https://example.com/01/09521234567899?" + "&".join(f"x{n}=1" for n in range(64)), "too_many"),
        ("x" * 8192, "bad_length"),
    ],
)
def test_every_refusal_has_a_stable_reason(text: str, why: str) -> None:
    assert reason(text) == why


@pytest.mark.parametrize(
    "text",
    [
        "https://a/00/faux/01/09521234567899",
        "https://a/01/09521234567899/235/XYZ?10=ABC",
        "https://a/01/09521234567899?&&&99=ABC&&98=XYZ&&&",
        "https://a/01/09521234567899/22/ABC+1?99=A%2Fb",
        "https://[2001:db8::1]/01/09521234567899",
        "https://a/414/9521234567899/254/32a%2Fb",
        "https://a/8004/9520614141234567?01=9521234567899",
        "(00)095212345678900016(02)09521234567899(37)12",
        f"(01){GTIN}(3922)299(30)3",
        f"(01){GTIN}(7040)1ABC",
        "(8013)1987654Ad4X4bL5ttr2310c2K",
        "(415)9521234567899(8020)A(8007)DE91100000000123456789",
        "(8110)012345612345611110123",
        "(8112)001234561234560123456",
        "(253)9521234567899A1(8030)abcd",
        "(8006)095212345678990102",
        "(8018)952123456789000014(7258)1/2(7259)A",
        "]Q1HELLO",
        "]E06901234567892|]e099ABC",
    ],
)
def test_what_the_reference_engine_accepts_is_accepted(text: str) -> None:
    parse_code(text)


@pytest.mark.parametrize(
    "text",
    [
        "(8013)1987654Ad4X4bL5ttr2310cXK",
        "(415)9521234567899(8020)A(8007)DE91100000000123456780",
        "(8110)0123456123456111101234",
        "(8112)201234561234560123456",
        "(8006)095212345678990201",
        f"(01){GTIN}(7040)1AB.",
        f"(01){GTIN}(8008)26013124",
        f"(01){GTIN}(3932)001299(30)3",
        "(00)095212345678900016(4309)18000000010000000000",
        "(00)095212345678900016(4300)A%2",
        "(00)095212345678900016(7041)ZZZ",
        "(8018)952123456789000014(7258)2/1(7259)A",
        f"(01){GTIN}(8014)1987654Ad4X4bL5ttr2310cXK",
        f"(01){GTIN}(21)1(8030)abc=",
    ],
)
def test_what_a_syntax_test_fails_is_refused(text: str) -> None:
    assert reason(text) in {"bad_content", "bad_check_digit"}


@pytest.mark.parametrize(
    ("body", "scope"),
    [
        ("690123456789", Scope.GLOBAL),
        ("952123456789", Scope.DEMO),
        ("200000000000", Scope.RESTRICTED),
        ("021234567890", Scope.RESTRICTED),
        ("041234567890", Scope.RESTRICTED),
        ("051234567890", Scope.COUPON),
        ("981123456789", Scope.COUPON),
        ("991234567890", Scope.COUPON),
        ("980123456789", Scope.REFUND),
        ("977123456789", Scope.PUBLICATION),
        ("978123456789", Scope.PUBLICATION),
        ("6901234", Scope.GLOBAL),
        ("0123456", Scope.RESTRICTED),
        ("2123456", Scope.RESTRICTED),
    ],
)
def test_the_first_digits_say_what_a_number_is_for(body: str, scope: Scope) -> None:
    code = parse_code(gtin_of(body))
    assert code.scope is scope
    assert code.can_carry_label is (scope in {Scope.GLOBAL, Scope.DEMO})
    if code.can_carry_label:
        assert require_labelled(code) == code.gtin
    else:
        with pytest.raises(InvalidCodeError) as caught:
            require_labelled(code)
        assert caught.value.reason == scope.value


def test_a_valid_code_that_names_no_product_can_not_carry_a_label() -> None:
    code = parse_code("(00)095212345678900016")
    assert (code.gtin, code.scope, code.can_carry_label) == (None, Scope.NONE, False)
    assert code.canonical_uri == "https://id.gs1.org/00/095212345678900016"
    with pytest.raises(InvalidCodeError, match="names no product"):
        require_labelled(code)


def judged(text: str, symbology: str | None = None) -> Code | str:
    """Return the code, or the reason it was refused for; any other exception fails the test."""
    try:
        return parse_code(text, symbology)
    except InvalidCodeError as refusal:
        return refusal.reason


@given(st.text(), st.none() | st.sampled_from(["]E0", "]E4", "]C1", "]e0", "]d2", "]Q3", "]Q1", "]d1", "]X9", ""]))
def test_no_text_raises_anything_else(text: str, symbology: str | None) -> None:
    assert judged(text, symbology)


PIECES = """(01) (10) ( ) \\( | ^ ]Q3 ]E0 ]e0 01 17 10 https:// a / 01/ 10/ ? & = % %41 %00 # + (253) (8013)
    (8110) (7007) (8007) (8112) (423) (8008) (7258) 8008 260131 0 5 A - 1/2"""


@given(st.lists(st.sampled_from([*PIECES.split(), GTIN, GS]), max_size=14).map("".join))
def test_no_heap_of_pieces_raises_anything_else(text: str) -> None:
    assert judged(text)


@given(gtins, st.none() | values, st.none() | values, st.none() | values)
def test_a_code_survives_its_canonical_uri(
    gtin: str, variant: str | None, batch: str | None, serial: str | None
) -> None:
    elements = [("01", gtin), ("22", variant), ("10", batch), ("21", serial)]
    text = "".join(f"({code}){value.replace('(', chr(92) + '(')}" for code, value in elements if value is not None)
    assume("\\" not in text.replace("\\(", ""))
    code = parse_code(text)
    assert code.element_string == text
    assert code.canonical_uri is not None
    again = parse_code(code.canonical_uri)
    assert (again.elements, again.canonical_uri, again.scope) == (code.elements, code.canonical_uri, code.scope)
    assert (again.gtin, again.serial, again.batch) == (gtin, serial, batch)


@given(gtins)
def test_plain_digits_survive_their_canonical_uri(gtin: str) -> None:
    code = parse_code(gtin)
    assert code.canonical_uri is not None
    assert parse_code(code.canonical_uri).gtin == code.gtin == gtin


@given(gtins, st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(gtin: str, place: int, by: int) -> None:
    wrong = gtin[:place] + str((int(gtin[place]) + by) % 10) + gtin[place + 1 :]
    assert reason(wrong) == "bad_check_digit"
