"""Units, boundaries and pack sizes, and how decimal figures become the whole numbers everything is computed in. Pure.

Two scales are used throughout: footprints and baselines are whole milligrams of CO2e per functional unit, contents are
whole millionths of a functional unit. Source figures are rounded once, here, half to even (ISO 80000-1, annex B,
rule A), so that a long list of rounded figures is not biased upwards.
"""

import re
import unicodedata
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

MILLIGRAMS_PER_KILOGRAM: Final = 1_000_000
MICRO: Final = 1_000_000
LARGEST: Final = 2**63 - 1
"""The most a bigint column holds; a figure beyond it is a mistake in its unit."""
_DIGITS: Final = 18


class FunctionalUnit(StrEnum):
    """What a category's products are compared by."""

    KILOGRAM = "kg"
    LITRE = "L"
    ITEM = "item"
    SQUARE_METRE = "m2"
    METRE = "m"
    CUBIC_METRE = "m3"
    KILOWATT_HOUR = "kWh"
    WASH = "wash"
    PAIR = "pair"
    SHEET = "sheet"
    MEAL = "meal"
    USE = "use"


class Boundary(StrEnum):
    """Which part of the life cycle a figure covers (ISO 14067, 6.3.4)."""

    CRADLE_TO_GATE = "cradle_to_gate"
    CRADLE_TO_SHELF = "cradle_to_shelf"
    CRADLE_TO_CONSUMER = "cradle_to_consumer"
    CRADLE_TO_GRAVE = "cradle_to_grave"
    GATE_TO_GATE = "gate_to_gate"


def milligrams(kilograms: Decimal) -> int:
    """Return kg of CO2e as whole milligrams, half to even.

    Raises:
        ValueError: when `kilograms` is not finite or does not fit 64 bits.
    """
    return _whole(kilograms, MILLIGRAMS_PER_KILOGRAM, "kg CO2e")


def micro_units(amount: Decimal) -> int:
    """Return an amount of a functional unit as whole millionths, half to even.

    Raises:
        ValueError: when `amount` is not finite or does not fit 64 bits.
    """
    return _whole(amount, MICRO, "functional units")


def _whole(amount: Decimal, scale: int, unit: str) -> int:
    """Return `amount` times `scale`, rounded half to even, as `round` rounds a fraction; exact whatever the context."""
    if not amount.is_finite() or amount.adjusted() > _DIGITS:
        raise ValueError(f"{amount} {unit} can not be used: give a finite number of at most {_DIGITS} digits.")
    if amount.adjusted() < -_DIGITS:
        return 0
    whole = round(Fraction(amount) * scale)
    if abs(whole) > LARGEST:
        raise ValueError(f"{amount} {unit} is too large: times {scale} it must fit 64 bits.")
    return whole


_KILOGRAM: Final = FunctionalUnit.KILOGRAM
_LITRE: Final = FunctionalUnit.LITRE
_METRE: Final = FunctionalUnit.METRE

_MEASURES: Final[dict[str, tuple[FunctionalUnit, Decimal]]] = {
    **dict.fromkeys(("kg", "kgs", "公斤", "千克"), (_KILOGRAM, Decimal(1))),
    **dict.fromkeys(("g", "gr", "grm", "克"), (_KILOGRAM, Decimal("0.001"))),
    **dict.fromkeys(("mg", "毫克"), (_KILOGRAM, Decimal("0.000001"))),
    **dict.fromkeys(("斤", "市斤"), (_KILOGRAM, Decimal("0.5"))),
    **dict.fromkeys(("l", "ltr", "升", "公升"), (_LITRE, Decimal(1))),
    **dict.fromkeys(("cl", "厘升"), (_LITRE, Decimal("0.01"))),
    **dict.fromkeys(("ml", "mlt", "毫升"), (_LITRE, Decimal("0.001"))),
    **dict.fromkeys(("m", "米"), (_METRE, Decimal(1))),
    **dict.fromkeys(("cm", "厘米"), (_METRE, Decimal("0.01"))),
    **dict.fromkeys(("mm", "毫米"), (_METRE, Decimal("0.001"))),
    **dict.fromkeys(("kwh", "度"), (FunctionalUnit.KILOWATT_HOUR, Decimal(1))),
}
"""Spellings of measures, after NFKC and lower case: the functional unit they measure, and how much of it."""

_COUNTS: Final = frozenset("个只支枝条件瓶罐听盒袋包杯桶片块粒颗枚卷张抽套台部本根双对份") | {
    "小包",
    "小袋",
    "pcs",
    "pack",
}
_PAIRS: Final = frozenset({"双", "对", "pair", "pairs"})
_SHEETS: Final = frozenset({"抽", "张", "sheets", "sheet"})

_PIECE: Final = r"(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]+|[\u4e00-\u9fff]{0,2}?)(?:装|入)?"
_PACK: Final = re.compile(
    rf"{_PIECE}(?:\s*[*x×]\s*{_PIECE})?(?:\s*[*x×]\s*{_PIECE})?(?:\s*/\s*[\u4e00-\u9fff])?", re.ASCII
)


def net_content_micro(pack: str, unit: FunctionalUnit) -> int | None:
    """Return how many millionths of `unit` a pack holds, or None when the printed pack size does not say so clearly.

    Understands one measure, times up to two counts, in either order: `500ml`, `33克*30`, `24x330ML`, `1.25L`, `85g`,
    with full-width characters as they stand in shops' product masters. A bare number, a sum (`500+50g`), or a length
    times a width says nothing certain, so it is None: a guessed content would be a guessed saving.
    """
    parsed = _PACK.fullmatch(unicodedata.normalize("NFKC", pack).strip().lower())
    if parsed is None:
        return None
    groups = parsed.groups()
    pieces = [(Decimal(groups[i]), groups[i + 1] or "") for i in (0, 2, 4) if groups[i] is not None]
    amount = _measured(pieces, unit) if unit in {_KILOGRAM, _LITRE, _METRE, FunctionalUnit.KILOWATT_HOUR} else None
    if amount is None:
        amount = _counted(pieces, unit)
    if amount is None:
        return None
    micro = amount * MICRO
    whole = int(micro)
    return whole if whole == micro and 0 < whole <= LARGEST else None


_PROOF: Final = "度"
_MEASURE_WORDS: Final = "|".join(sorted(map(re.escape, _MEASURES.keys() - {_PROOF}), key=len, reverse=True))
_PRINTED: Final = re.compile(
    rf"(?:\d{{1,4}}\s*[*x×]\s*)?(?<![\d.])\d{{1,6}}(?:\.\d{{1,3}})?\s*(?:{_MEASURE_WORDS})(?![a-z\d])(?:\s*[*x×]\s*\d{{1,4}})?",
    re.ASCII,
)


def pack_in(name: str) -> str:
    """Return the last pack size that stands in a product's name, such as `600ml` in `雪碧汽水600ml`; "" for none.

    Only what has a measure is one: bare numbers in names are models, proofs and years.
    """
    found = _PRINTED.findall(unicodedata.normalize("NFKC", name).lower())
    return found[-1].strip() if found else ""


def _measured(pieces: list[tuple[Decimal, str]], unit: FunctionalUnit) -> Decimal | None:
    """Return the product of one measure of `unit` and of counts; a count with a fraction is no count."""
    amount = Decimal(1)
    measures = 0
    for number, word in pieces:
        measure = _MEASURES.get(word)
        if measure is not None and measure[0] is unit:
            amount *= number * measure[1]
            measures += 1
        elif (word == "" or word in _COUNTS) and number == int(number):
            amount *= number
        else:
            return None
    return amount if measures == 1 else None


def _counted(pieces: list[tuple[Decimal, str]], unit: FunctionalUnit) -> Decimal | None:
    """Return the number of pairs or sheets; for an item, one: what is sold is the item, whatever its weight."""
    if unit is FunctionalUnit.ITEM:
        return Decimal(1)
    words = {FunctionalUnit.PAIR: _PAIRS, FunctionalUnit.SHEET: _SHEETS}.get(unit)
    if words is None or not any(word in words for _, word in pieces):
        return None
    amount = Decimal(1)
    for number, word in pieces:
        if number != int(number) or not (word in words or word in _COUNTS or word == ""):
            return None
        amount *= number
    return amount
