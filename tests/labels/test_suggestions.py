import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.seed import library
from labels.suggestions import Suggester, words_of

BY_HAND = Path(__file__).parent / "data" / "suggestions_by_hand.csv"


@pytest.fixture(scope="module")
def suggester() -> Suggester:
    return made()


def made() -> Suggester:
    names = [(each.id, each.name_zh, each.name_en) for each in library.categories()]
    return Suggester(words_of(names, library.words()))


SUGGESTER = made()


def first(suggester: Suggester, name: str) -> str | None:
    found = suggester.suggest(name)
    return found[0].category_id if found else None


@pytest.mark.parametrize(
    ("name", "category_id"),
    [
        ("示范乌龙茶", "tea.oolong"),
        ("康师傅冰红茶", "drink.tea_drink"),
        ("乐事薯片(番茄味)", "food.snacks.potato_crisps"),
        ("乐事天然薯片香脆鸡翅味", "food.snacks.potato_crisps"),
        ("Chocolate Chip Cookies With Almonds", "food.bakery.biscuit"),
        ("Honey Mustard Flavored Pretzels", "food.snacks.crackers"),
        ("Orange Juice, Calcium", "drink.juice"),
        ("牛肉味", None),
        ("Zzyzx 9000", None),
        ("", None),
    ],
)
def test_the_noun_a_name_is_about_decides_and_flavours_do_not(
    suggester: Suggester, name: str, category_id: str | None
) -> None:
    assert first(suggester, name) == category_id


def test_every_listed_word_is_of_a_category_of_the_library() -> None:
    assert set(library.words()) <= {each.id for each in library.categories()}


def test_a_category_that_is_not_registered_is_never_suggested() -> None:
    only_tea = Suggester(words_of([("tea.oolong", "乌龙茶", "Oolong tea")], library.words()))
    assert first(only_tea, "啤酒") is None
    assert first(only_tea, "乌龙茶") == "tea.oolong"


@given(st.text(max_size=80))
def test_any_name_gets_suggestions_of_words_it_holds(name: str) -> None:
    found = SUGGESTER.suggest(name)
    assert len(found) <= 3
    assert len({each.category_id for each in found}) == len(found)


@pytest.mark.real_data
def test_most_suggestions_for_a_shops_products_are_what_a_person_chose(suggester: Suggester, data_folder: Path) -> None:
    """100 names drawn at random and labelled by hand before the words were tried on them; the words came before."""
    with (data_folder / "products" / "products_cn_retail.csv").open(encoding="utf-8", newline="") as file:
        names = {row["source_record_id"]: row["name"] for row in csv.DictReader(file)}
    with BY_HAND.open(encoding="utf-8", newline="") as file:
        chosen = {row["source_record_id"]: row["category_ids"].split() for row in csv.DictReader(file)}
    found = {number: first(suggester, names[number]) for number in chosen}
    suggested = [number for number, category_id in found.items() if category_id is not None]
    right = [number for number in suggested if found[number] in chosen[number]]
    assert len(suggested) >= 70
    assert len(right) / len(suggested) >= 0.85
