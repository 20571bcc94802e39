from hypothesis import given
from hypothesis import strategies as st

from api.pages.stages import shares
from labels.disclosures.terms import Stage

AMOUNTS = st.lists(st.integers(-(10**9), 10**12), min_size=5, max_size=5)


def test_stages_stand_in_the_order_of_life_with_their_shares() -> None:
    bars = shares([("use", 300), ("production", 100), ("raw_material_acquisition", 600)])
    assert [(bar.code, bar.share_bp, bar.width_bp) for bar in bars] == [
        ("raw_material_acquisition", 6_000, 10_000),
        ("production", 1_000, 1_700),
        ("use", 3_000, 5_000),
    ]


def test_what_emits_nothing_has_no_bars() -> None:
    assert shares([]) == []
    assert shares([("use", 0), ("production", 0)]) == []


@given(AMOUNTS)
def test_no_bar_is_wider_than_its_place(amounts: list[int]) -> None:
    for bar in shares(list(zip(Stage, amounts, strict=True))):
        assert 0 <= bar.width_bp <= 10_000
