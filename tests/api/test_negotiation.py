import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.negotiation import best, preferences


@pytest.mark.parametrize(
    ("header", "ranges"),
    [
        ("", ()),
        ("zh-CN,zh;q=0.9,en;q=0.8", ("zh-cn", "zh", "en")),
        ("en;q=0.5, zh", ("zh", "en")),
        ("a;q=0.001, b;q=0.01, c;q=0", ("b", "a")),
        ("text/html;level=1;q=0.4, text/plain", ("text/plain", "text/html")),
        ("a;q=2, b;q=nonsense, c;q=-1, ,", ("a",)),
    ],
)
def test_ranges_come_in_the_order_of_their_weights(header: str, ranges: tuple[str, ...]) -> None:
    assert preferences(header) == ranges


@given(st.text())
def test_any_header_is_read(header: str) -> None:
    assert all(name == name.strip() and name for name in preferences(header))


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("*/*", "a/x"),
        ("b/*", "b/y"),
        ("b/y;q=0.1, a/*", "a/x"),
        ("c/z", None),
        ("a/x;q=0, b/y;q=0.2", "b/y"),
        ("", None),
    ],
)
def test_the_offer_a_client_would_rather_have_is_chosen(header: str, chosen: str | None) -> None:
    assert best(preferences(header), ("a/x", "b/y")) == chosen
