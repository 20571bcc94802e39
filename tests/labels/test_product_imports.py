from hypothesis import given
from hypothesis import strategies as st

from labels.product_imports import ProductReader
from labels.product_rows import ProductRow, product_row
from labels.registrations import NewProduct, Rejected
from tests.factories.labels import gtin_of

HEADER = ("gtin", "gtin14", "name", "name_zh", "brand", "brand_owner", "spec", "net_content", "source")
GTINS = st.from_regex(r"\A[0-9]{7,13}\Z").map(gtin_of) | st.sampled_from(["", "9521234543213", "952123454321x", "０"])
TEXTS = st.sampled_from(["", " ", " 茶 ", "Tea", "x" * 499, "a\0b", "33克*30"]) | st.text(max_size=5)
ROWS = st.tuples(GTINS, st.just("") | GTINS, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, st.sampled_from(["", "1", "x"]), TEXTS)


@given(ROWS)
def test_the_short_way_through_a_usual_row_leads_to_what_the_long_way_does(cells: tuple[str, ...]) -> None:
    reader = ProductReader(HEADER, source="a.csv")
    read, raw = reader(cells), reader.given(cells)
    if isinstance(raw, list):
        assert read == raw
        return
    checked = product_row(NewProduct(*raw))
    assert read == ([checked] if isinstance(checked, Rejected) else checked)


def test_a_usual_row_is_a_product_under_its_fourteen_digits_with_both_names() -> None:
    read = ProductReader(("gtin", "name"), source="a.csv")(["9521234543213", " 茶 "])
    assert read == ProductRow("09521234543213", "茶", "茶", "", None, None, "", None, "a.csv", None)
