from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.quantities import FunctionalUnit, micro_units, milligrams, net_content_micro, pack_in

KILOGRAM, LITRE, METRE, ITEM = (
    FunctionalUnit.KILOGRAM,
    FunctionalUnit.LITRE,
    FunctionalUnit.METRE,
    FunctionalUnit.ITEM,
)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9))
def test_kilograms_become_the_nearest_milligram(kilograms: Decimal) -> None:
    assert abs(milligrams(kilograms) - Fraction(kilograms) * 10**6) <= Fraction(1, 2)


def test_halves_round_to_even() -> None:
    assert [milligrams(Decimal(text)) for text in ("0.0000005", "0.0000015", "-0.0000005", "0.0000025")] == [0, 2, 0, 2]
    assert micro_units(Decimal("0.0855")) == 85_500


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1E+30", "9223372036855"])
def test_a_figure_that_fits_no_column_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="kg CO2e"):
        milligrams(Decimal(text))


def test_a_figure_far_below_a_milligram_is_none() -> None:
    assert milligrams(Decimal("1E-999999")) == 0


@pytest.mark.parametrize(
    ("pack", "unit", "micro"),
    [
        ("500ml", LITRE, 500_000),
        ("500ML", LITRE, 500_000),
        ("５００ｍｌ", LITRE, 500_000),
        ("1.25L", LITRE, 1_250_000),
        ("2升", LITRE, 2_000_000),
        ("85g", KILOGRAM, 85_000),
        ("33克*30", KILOGRAM, 990_000),
        ("33克×30袋", KILOGRAM, 990_000),
        ("24x330ml", LITRE, 7_920_000),
        ("9克*9*9", KILOGRAM, 729_000),
        ("0.5kg", KILOGRAM, 500_000),
        ("10克*20粒装", KILOGRAM, 200_000),
        ("128抽", FunctionalUnit.SHEET, 128_000_000),
        ("3包*128抽", FunctionalUnit.SHEET, 384_000_000),
        ("6双装", FunctionalUnit.PAIR, 6_000_000),
        ("7片", ITEM, 1_000_000),
        ("10CM*10M", METRE, None),
        ("500ml", KILOGRAM, None),
        ("500+50克", KILOGRAM, None),
        ("500", KILOGRAM, None),
        ("约500克", KILOGRAM, None),
        ("33克*1.5", KILOGRAM, None),
        ("0克", KILOGRAM, None),
        ("", KILOGRAM, None),
        ("单支装", KILOGRAM, None),
    ],
)
def test_pack_sizes_of_shops_are_read_where_they_are_clear(pack: str, unit: FunctionalUnit, micro: int | None) -> None:
    assert net_content_micro(pack, unit) == micro


@given(st.text(max_size=30), st.sampled_from(list(FunctionalUnit)))
def test_no_pack_size_is_an_error(pack: str, unit: FunctionalUnit) -> None:
    content = net_content_micro(pack, unit)
    assert content is None or content > 0


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("雪碧汽水600ml", "600ml"),
        ("强生婴儿沐浴露100ｍｌ", "100ml"),
        ("50g金锣王中王火腿肠", "50g"),
        ("红烧牛肉五连包 124克*5", "124克*5"),
        ("苏打水 24x330ML 箱装", "24x330ml"),
        ("百事可乐1.25L装", "1.25l"),
        ("台州华联纸杯051", ""),
        ("汾湖45度特制糟烧", ""),
        ("公牛牌转换器GN-102", ""),
    ],
)
def test_the_pack_size_that_stands_in_a_name_is_found(name: str, pack: str) -> None:
    assert pack_in(name) == pack
