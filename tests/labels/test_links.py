from hypothesis import given
from hypothesis import strategies as st

from labels.links import Link, LinkType, forwarded, item, link_type_of, linkset, matching

ITEM = item("09521234543213", ["茶", "Tea"], ["C 1/ä", "C2"])
RANGES = st.lists(st.sampled_from(["text/html", "application/*", "*/*", "zh-CN", "en", "de", "*"]), max_size=4)


def of(link_type: LinkType) -> list[Link]:
    return [link for link in ITEM.links if link.link_type is link_type]


@given(st.lists(st.text(min_size=1), max_size=4))
def test_every_product_has_one_default_that_stands_under_another_type_too(numbers: list[str]) -> None:
    links = item("09521234543213", ["茶"], numbers).links
    (default,) = [link for link in links if link.link_type is LinkType.DEFAULT]
    assert (default.media_type, default.languages) == (None, ())
    assert default.path in {link.path for link in links if link is not default}


@given(st.sampled_from(LinkType), RANGES, RANGES)
def test_a_type_there_are_links_of_is_always_answered_with_links_of_it(
    wanted: LinkType, media: list[str], languages: list[str]
) -> None:
    found = matching(ITEM.links, wanted, media=media, languages=languages)
    assert found
    assert set(found) <= set(of(wanted))


def test_a_media_type_counts_before_a_language() -> None:
    page = Link(LinkType.PRODUCT, "/a", "A", "text/html", ("zh",))
    document = Link(LinkType.PRODUCT, "/b", "B", "application/pdf", ("en",))
    found = matching([page, document], LinkType.PRODUCT, media=["application/pdf"], languages=["zh"])
    assert found == (document,)


def test_links_that_nothing_tells_apart_are_all_returned() -> None:
    found = matching(ITEM.links, LinkType.STATEMENT, media=["*/*"], languages=["zh"])
    assert [link.path for link in found] == [
        "/v1/certificates/C%201%2F%C3%A4/statement",
        "/v1/certificates/C2/statement",
    ]


def test_a_link_type_is_of_the_vocabulary_or_none() -> None:
    assert link_type_of("gs1:jws") is link_type_of("https://ref.gs1.org/voc/jws") is LinkType.STATEMENT
    for text in ("jws", "gs1:", "gs1:JWS", "gs1:gs1:jws", "https://evil.example/voc/jws", ""):
        assert link_type_of(text) is None


def test_a_linkset_of_some_links_has_only_those() -> None:
    (context,) = linkset(ITEM, of(LinkType.CERTIFICATION), "https://id.example.org")["linkset"]
    assert set(context) == {"anchor", "itemDescription", "https://ref.gs1.org/voc/certificationInfo"}
    assert context["anchor"] == "https://id.example.org/01/09521234543213"
    assert context["itemDescription"] == "茶 / Tea"


@given(st.text("ab=&%25:", max_size=10))
def test_a_query_stands_behind_the_targets_own(query: str) -> None:
    assert forwarded("/p", query) == (f"/p?{query}" if query else "/p")
    assert forwarded("/p?lang=zh", query) == (f"/p?lang=zh&{query}" if query else "/p?lang=zh")
