import pytest

from points.residents.nicknames import nickname_of

UNSEEN = {
    "nothing": "",
    "blanks": "  ",
    "ideographic blanks": "\u3000\u3000",
    "zero-width characters": "\u200b\u200c\u200d\u2060\ufeff",
    "soft hyphens": "\u00ad\u00ad",
    "control characters": "\x00\x1b\x9f",
    "marks of direction": "\u200e\u200f\u061c",
    "overrides": "\u202e\u202c\u2067\u2069",
    "Braille without a dot": "\u2800\u2800",
    "Hangul fillers": "\u3164\u115f\u1160\uffa0",
    "marks on nothing": "\u0301\ufe0f\u034f",
    "tags": "\U000e0041\U000e0042",
    "private characters": "\ue000",
    "separators": "\u2028\u2029",
}
SEEN = (
    "青柳",
    "r1",
    "小 满",
    "_",
    "🌱",
    "👨\u200d👩\u200d👧",
    "نیم\u200cفاصله",
    "שלום",
    "\u2801",
    "é",
    "\U0001fae8",
    "\U00031350",
)


@pytest.mark.parametrize("name", UNSEEN)
def test_what_nobody_can_see_is_no_nickname(name: str) -> None:
    assert nickname_of(UNSEEN[name]) is None


@pytest.mark.parametrize("text", SEEN)
def test_what_can_be_seen_is_kept_as_it_is(text: str) -> None:
    assert nickname_of(text) == text


@pytest.mark.parametrize("turning", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_what_turns_round_the_text_beside_it_is_taken_out(turning: str) -> None:
    assert nickname_of(f"竹{turning}风{turning}") == "竹风"
