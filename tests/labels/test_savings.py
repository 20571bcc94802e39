from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.certificates import EventFact
from labels.explanations import explain
from labels.savings import (
    COMPARED,
    BaselineFact,
    Basis,
    CertificateFact,
    FootprintFact,
    Obstacle,
    ObstacleReason,
    ProductFacts,
    Saving,
    basis_on,
    saving,
)

START = date(2025, 1, 1)
DAY = date(2026, 1, 1)
END = date(2027, 1, 1)
RECORDED = datetime(2025, 1, 1, tzinfo=UTC)
MARKS = ("carbon_label",)

FOOTPRINT = FootprintFact(
    UUID(int=1), "tea", 3_000_000, "kg", "cradle_to_gate", "ISO 14067", "CN", 0, False, START, None, RECORDED
)
BASELINE = BaselineFact(
    UUID(int=2), "tea", 5_000_000, "kg", "cradle_to_gate", "ISO 14067", "CN", "category_mean", START, None, RECORDED
)
ISSUED = EventFact("issued", START, RECORDED)
CERTIFICATE = CertificateFact(
    UUID(int=3), "C-1", "national", "carbon_label", FOOTPRINT.id, START, END, (ISSUED,), UUID(int=4)
)
FACTS = ProductFacts("09521234567899", "茶", "Tea", "tea", 85_500, (CERTIFICATE,), (FOOTPRINT,), (BASELINE,))
BASIS = Basis(CERTIFICATE.id, CERTIFICATE.number, FOOTPRINT, BASELINE, 85_500)

amounts = st.integers(0, 10**12)
contents = st.integers(1, 10**10)
quantities = st.integers(1, 10_000)
shares = st.integers(0, 10_000)


@st.composite
def bases(draw: st.DrawFn) -> Basis:
    footprint = replace(FOOTPRINT, milligrams_per_unit=draw(amounts), uncertainty_bp=draw(shares))
    baseline = replace(BASELINE, milligrams_per_unit=draw(amounts))
    return replace(BASIS, footprint=footprint, baseline=baseline, units_micro_each=draw(contents))


def grams(basis: Basis, quantity: int, evidence_bp: int) -> int:
    worth = saving(basis, quantity=quantity, evidence_bp=evidence_bp)
    return worth.grams if isinstance(worth, Saving) else 0


@given(bases(), quantities, shares)
def test_a_saving_is_what_exact_fractions_say_floored_once(basis: Basis, quantity: int, evidence: int) -> None:
    footprint, baseline = basis.footprint, basis.baseline
    exact = (
        Fraction(max(0, baseline.milligrams_per_unit - footprint.milligrams_per_unit), 1000)
        * Fraction(basis.units_micro_each * quantity, 10**6)
        * (1 - Fraction(footprint.uncertainty_bp, 10_000))
    )
    worth = saving(basis, quantity=quantity, evidence_bp=evidence)
    if baseline.milligrams_per_unit <= footprint.milligrams_per_unit:
        assert isinstance(worth, Obstacle)
        assert worth.reason is ObstacleReason.NO_SAVING
    else:
        assert isinstance(worth, Saving)
        assert worth.grams == exact * Fraction(evidence, 10_000) // 1
        assert worth.full_grams == exact // 1
        assert 0 <= worth.grams <= worth.full_grams
        assert worth.units_micro == basis.units_micro_each * quantity


@given(bases(), quantities, shares, amounts)
def test_a_saving_never_falls_when_the_baseline_rises(basis: Basis, quantity: int, evidence: int, more: int) -> None:
    higher = replace(basis.baseline, milligrams_per_unit=basis.baseline.milligrams_per_unit + more)
    assert grams(replace(basis, baseline=higher), quantity, evidence) >= grams(basis, quantity, evidence)


@given(bases(), quantities, shares, amounts)
def test_a_saving_never_rises_when_the_footprint_rises(basis: Basis, quantity: int, evidence: int, more: int) -> None:
    higher = replace(basis.footprint, milligrams_per_unit=basis.footprint.milligrams_per_unit + more)
    assert grams(replace(basis, footprint=higher), quantity, evidence) <= grams(basis, quantity, evidence)


@given(bases(), quantities, quantities, shares)
def test_more_of_it_never_saves_less(basis: Basis, quantity: int, more: int, evidence: int) -> None:
    assert grams(basis, quantity + more, evidence) >= grams(basis, quantity, evidence)


@pytest.mark.parametrize(("quantity", "evidence"), [(0, 1), (-1, 1), (1, -1), (1, 10_001)])
def test_what_no_door_lets_through_is_an_error(quantity: int, evidence: int) -> None:
    with pytest.raises(ValueError, match="quantity"):
        saving(BASIS, quantity=quantity, evidence_bp=evidence)


@given(st.sets(st.sampled_from(COMPARED), min_size=1))
def test_a_refusal_names_exactly_the_differing_fields_and_both_values(fields: set[str]) -> None:
    baseline = replace(BASELINE, **dict.fromkeys(fields, "other"))  # type: ignore[arg-type]  # all of them are texts
    refused = basis_on(replace(FACTS, baselines=(baseline,)), DAY, MARKS)
    assert isinstance(refused, Obstacle)
    assert refused.reason is ObstacleReason.NOT_COMPARABLE
    assert set(refused.fields) == fields
    for field in fields:
        assert f"{field} {getattr(FOOTPRINT, field)} against other" in refused.detail


def test_a_basis_is_found_and_explained_step_by_step() -> None:
    basis = basis_on(FACTS, DAY, MARKS)
    assert basis == BASIS
    worth = saving(BASIS, quantity=3, evidence_bp=5_000)
    assert worth == Saving(units_micro=256_500, full_grams=513, grams=256, quantity=3, evidence_bp=5_000)
    steps = explain(worth, BASIS)
    assert [step.result for step in steps] == [
        "2000 g CO2e/kg",
        "0.2565 kg",
        "513 g CO2e",
        "513 g CO2e",
        "256.5 g CO2e",
        "256 g CO2e",
    ]
    assert steps[1].formula == "3 x 0.0855 kg"
    assert all(step.name_zh and step.name_en for step in steps)


@given(bases(), quantities, shares)
def test_the_last_explained_step_is_the_saving(basis: Basis, quantity: int, evidence: int) -> None:
    worth = saving(basis, quantity=quantity, evidence_bp=evidence)
    if isinstance(worth, Saving):
        *_, last_but_one, last = explain(worth, basis)
        assert last.result == f"{worth.grams} g CO2e"
        assert Fraction(last_but_one.result.removesuffix(" g CO2e")) // 1 == worth.grams


def reason(facts: ProductFacts, day: date = DAY, marks: tuple[str, ...] = MARKS) -> ObstacleReason:
    obstacle = basis_on(facts, day, marks)
    assert isinstance(obstacle, Obstacle)
    assert obstacle.detail
    return obstacle.reason


def test_each_obstacle_has_its_own_reason() -> None:
    assert reason(replace(FACTS, certificates=())) is ObstacleReason.NO_CERTIFICATE
    assert reason(FACTS, marks=("another",)) is ObstacleReason.SCHEME_NOT_RECOGNISED
    others = basis_on(FACTS, DAY, MARKS, (str(UUID(int=5)),))
    assert isinstance(others, Obstacle)
    assert others.reason is ObstacleReason.CERTIFIER_NOT_RECOGNISED
    assert "C-1" in others.detail
    assert reason(FACTS, day=END) is ObstacleReason.CERTIFICATE_NOT_VALID
    assert reason(replace(FACTS, footprints=())) is ObstacleReason.NO_FOOTPRINT
    lapsed = replace(FOOTPRINT, valid_until=DAY)
    assert reason(replace(FACTS, footprints=(lapsed,))) is ObstacleReason.NO_FOOTPRINT
    doubtful = replace(FOOTPRINT, quarantined=True)
    assert reason(replace(FACTS, footprints=(doubtful,))) is ObstacleReason.FOOTPRINT_QUARANTINED
    assert reason(replace(FACTS, baselines=())) is ObstacleReason.NO_BASELINE
    assert reason(replace(FACTS, baselines=(replace(BASELINE, valid_from=END),))) is ObstacleReason.NO_BASELINE
    assert reason(replace(FACTS, net_content_micro=None)) is ObstacleReason.NO_NET_CONTENT
    assert reason(replace(FACTS, net_content_micro=0)) is ObstacleReason.NO_NET_CONTENT


def test_a_scheme_is_recognised_by_its_name_or_its_kind() -> None:
    assert isinstance(basis_on(FACTS, DAY, ("national",)), Basis)
    assert isinstance(basis_on(FACTS, DAY, ("carbon_label",)), Basis)


def test_of_several_marks_only_those_of_recognised_certifiers_pay() -> None:
    later = replace(CERTIFICATE, id=UUID(int=9), number="C-9", certifier_id=UUID(int=5))
    facts = replace(FACTS, certificates=(CERTIFICATE, later))
    paid = [basis_on(facts, DAY, MARKS, certifiers) for certifiers in ((), (str(UUID(int=4)),), (str(UUID(int=5)),))]
    assert [each.certificate_number for each in paid if isinstance(each, Basis)] == ["C-9", "C-1", "C-9"]


@given(st.permutations([0, 1, 2]))
def test_of_several_marks_the_one_issued_last_pays_and_only_that(order: list[int]) -> None:
    older = replace(CERTIFICATE, id=UUID(int=9), number="older")
    late = EventFact("issued", date(2025, 6, 1), RECORDED)
    newer = replace(CERTIFICATE, id=UUID(int=4), number="newer", events=(late,))
    bare = replace(newer, id=UUID(int=8), number="bare", footprint_id=None)
    marks = [older, newer, bare]
    basis = basis_on(replace(FACTS, certificates=tuple(marks[place] for place in order)), DAY, MARKS)
    assert isinstance(basis, Basis)
    assert basis.certificate_number == "newer"


@given(st.permutations([0, 1, 2, 3]))
def test_of_several_baselines_the_latest_that_holds_and_compares_counts(order: list[int]) -> None:
    later = replace(BASELINE, id=UUID(int=20), valid_from=date(2025, 6, 1))
    corrected = replace(later, id=UUID(int=10), recorded_at=datetime(2025, 7, 1, tzinfo=UTC))
    foreign = replace(BASELINE, id=UUID(int=30), valid_from=date(2025, 8, 1), region="KR")
    rows = [BASELINE, later, corrected, foreign]
    basis = basis_on(replace(FACTS, baselines=tuple(rows[place] for place in order)), DAY, MARKS)
    assert isinstance(basis, Basis)
    assert basis.baseline is corrected


def test_a_products_own_previous_figure_counts_only_where_no_baseline_of_its_category_does() -> None:
    own = replace(BASELINE, id=UUID(int=9), milligrams_per_unit=9_000_000, model="own_previous", gtin=FACTS.gtin)
    both = basis_on(replace(FACTS, baselines=(own, BASELINE)), DAY, MARKS)
    alone = basis_on(replace(FACTS, baselines=(own,)), DAY, MARKS)
    another = basis_on(replace(FACTS, baselines=(replace(own, gtin="09521234567882"),)), DAY, MARKS)
    assert isinstance(both, Basis)
    assert isinstance(alone, Basis)
    assert isinstance(another, Obstacle)
    assert (both.baseline, alone.baseline, another.reason) == (BASELINE, own, ObstacleReason.NO_BASELINE)
