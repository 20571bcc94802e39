import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.artwork import face_of, fitted, symbol, width_of
from labels.grades import Grade
from labels.wording import Language
from tests.factories.artwork import GTIN, URI, label_facts

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH


def test_a_label_says_figure_unit_boundary_comparison_grade_certificate_and_last_day() -> None:
    face = face_of(label_facts(), URI, ENGLISH)
    assert (face.figure.words, face.unit.words, face.scope.words) == ("6.57", "kg", "per kg · cradle to grave")
    assert (face.comparison.words, face.falls) == ("28 % below similar products", True)
    assert (face.grade, face.grade_words.words) == ("A", "Leading")
    assert face.certificate.words == "Cert. CL-2026-000123 · valid until 2028-12-31"
    assert (face.gtin, face.uri) == (GTIN, URI)


def test_a_label_says_the_same_in_chinese() -> None:
    face = face_of(label_facts(), URI, CHINESE)
    assert (face.product[0].words, face.scope.words) == ("示范乌龙茶", "每千克 · 从摇篮到坟墓")
    assert (face.comparison.words, face.grade_words.words) == ("比同类产品低 28%", "领先")
    assert "非国家标识" in face.note.words


def test_what_has_no_comparison_says_so_instead_of_leaving_a_bare_number() -> None:
    face = face_of(label_facts(below_bp=None, model=None, grade=None), URI, ENGLISH)
    assert (face.comparison.words, face.falls, face.grade, face.grade_words.words) == (
        "No comparison available",
        None,
        None,
        "No grade yet",
    )


def test_what_lies_above_the_usual_is_not_said_to_lie_below() -> None:
    face = face_of(label_facts(below_bp=-912, grade=Grade.D), URI, ENGLISH)
    assert (face.comparison.words, face.falls, face.grade) == ("9 % above similar products", False, "D")


def test_a_makers_own_previous_figure_is_not_called_similar_products() -> None:
    face = face_of(label_facts(model="own_previous"), URI, ENGLISH)
    assert face.comparison.words == "28 % below its previous figure"


@pytest.mark.parametrize("language", list(Language))
@given(
    name=st.text(st.sampled_from(string.printable[:95] + "茶叶示范特级礼盒装"), max_size=200),
    number=st.text(st.sampled_from(string.ascii_uppercase + string.digits + "-"), min_size=1, max_size=100),
    milligrams=st.integers(0, 10**12),
)
def test_no_line_runs_over_its_place(language: Language, name: str, number: str, milligrams: int) -> None:
    face = face_of(label_facts(name, name, milligrams=milligrams, number=number), URI, language)
    assert len(face.product) <= 2
    assert all(width_of(line.words) * line.size <= 35.01 for line in face.product)
    assert width_of(face.certificate.words) * face.certificate.size <= 56.3
    assert face.unit_at + width_of(f"{face.unit.words} CO2e") * face.unit.size <= 38.6


def test_a_line_is_set_smaller_before_it_is_cut_short() -> None:
    assert fitted("Leading", 20, 2.6).size == 2.6
    smaller = fitted("Voluntary", 13, 2.6)
    assert (smaller.words, smaller.size < 2.6) == ("Voluntary", True)
    assert fitted("Voluntary " * 9, 13, 2.6).words.endswith("…")


def test_a_symbol_has_its_quiet_zone() -> None:
    made = symbol(URI)
    assert made.modules in {25 + 8, 29 + 8}
    assert made.path.startswith("M4 4h7v1h-7z")
