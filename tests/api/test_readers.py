import pytest
from fastapi import Request

from api.readers import reader_of


def asked(path: str, accept_language: str | None = None, query: str = "") -> Request:
    headers = [] if accept_language is None else [(b"accept-language", accept_language.encode())]
    return Request(
        {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": headers}
        | {"server": ("api.test", 80), "scheme": "http"}
    )


@pytest.mark.parametrize(
    ("accept_language", "query", "language"),
    [
        (None, "", "zh"),
        ("*", "", "zh"),
        ("zh-TW,en;q=0.8", "", "zh"),
        ("fr;q=1,en-GB;q=0.5,zh;q=0.4", "", "en"),
        ("fr", "", "en"),
        ("en", "lang=zh", "zh"),
        ("en", "lang=xx", "en"),
    ],
)
def test_the_language_is_the_readers(accept_language: str | None, query: str, language: str) -> None:
    assert reader_of(asked("/", accept_language, query)).language == language


def test_a_chosen_language_is_kept_by_links_and_one_that_was_not_is_left_to_the_browser() -> None:
    assert reader_of(asked("/", "en", "lang=zh")).at("/factors", q="a b", region="") == "/factors?q=a+b&lang=zh"
    assert reader_of(asked("/", "en")).at("/factors") == "/factors"


def test_the_other_language_shows_the_same_page() -> None:
    assert reader_of(asked("/products", "en", "q=tea&lang=en")).in_language("zh") == "/products?q=tea&lang=zh"
