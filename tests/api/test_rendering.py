"""What the pages say, in both languages."""

import re

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from api import rendering
from api.rendering import CATALOGUE
from tests.tidy.tree import ROOT


def said() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(
        ROOT / "api" / "templates",
        method_map=[("**.html", "jinja2")],
        options_map={"**.html": {"trimmed": "true"}},
    )
    return {message for _, _, message, _, _ in found}


def test_everything_the_pages_say_is_said_in_chinese_too() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = {each.id: each.string for each in read_po(file) if each.id}
    assert said() - set(catalogue) == set(), "missing in zh.po"
    assert set(catalogue) - said() == set(), "said nowhere any more"
    assert all(catalogue.values())


def test_a_translation_names_the_same_values() -> None:
    with CATALOGUE.open("rb") as file:
        for each in read_po(file):
            if each.id and isinstance(each.id, str):
                assert set(re.findall(r"%\(\w+\)s", each.id)) == set(re.findall(r"%\(\w+\)s", str(each.string)))


def test_a_name_is_escaped() -> None:
    shown = rendering.text_of(
        "problems/problem.html",
        problem={"title_en": "<b>", "title_zh": "", "status": 1, "uri": "", "remedy_en": "", "remedy_zh": ""},
    )
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
