import pytest

from labels import wording
from labels.certificates import EventKind, Status
from labels.certification.mark_use import Beside, Placement
from labels.disclosures.terms import Stage
from labels.grades import Grade
from labels.metrics import FactorBoundary, Metric
from labels.quantities import Boundary, FunctionalUnit
from labels.regions import GRID_OF
from labels.registrations import CertificateKind
from labels.savings import ObstacleReason
from labels.wording import Language, Words, likeness, mass, word


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (wording.BOUNDARIES, {*Boundary, *FactorBoundary}),
        (wording.UNITS, set(FunctionalUnit)),
        (wording.GRADES, set(Grade)),
        (wording.STATUSES, set(Status)),
        (wording.EVENTS, set(EventKind)),
        (wording.KINDS, set(CertificateKind)),
        (wording.METRICS, set(Metric)),
        (wording.STAGES, set(Stage)),
        (wording.OBSTACLES, set(ObstacleReason)),
        (wording.PLACEMENTS, set(Placement)),
        (wording.BESIDE, set(Beside)),
        (wording.REGIONS, {*GRID_OF, *GRID_OF.values()}),
    ],
)
def test_every_code_has_a_name_in_both_languages(words: Words, codes: set[str]) -> None:
    assert {str(code) for code in codes} - set(words) == set()
    assert all(chinese and english for chinese, english in words.values())


def test_a_code_nobody_named_is_shown_as_it_is() -> None:
    assert word(wording.UNITS, "bed_night", Language.CHINESE) == "bed night"


@pytest.mark.parametrize(
    ("milligrams", "shown"),
    [
        (0, ("0", "g")),
        (7, ("7.00", "mg")),
        (999_499, ("999", "g")),
        (999_999, ("1,000", "g")),
        (6_570_000, ("6.57", "kg")),
        (-1_500, ("-1.50", "g")),
        (12_345_678_901_234, ("12,346", "t")),
    ],
)
def test_a_mass_is_shown_to_three_digits(milligrams: int, shown: tuple[str, str]) -> None:
    assert mass(milligrams) == shown


@pytest.mark.parametrize(
    ("below_bp", "chinese", "english"),
    [
        (2_899, "比同类产品低 28%", "28 % below similar products"),
        (-100, "比同类产品高 1%", "1 % above similar products"),
        (99, "与同类产品相当", "About the same as similar products"),
        (None, "暂无同类可比", "No comparison available"),
    ],
)
def test_a_comparison_never_says_more_than_there_is(below_bp: int | None, chinese: str, english: str) -> None:
    assert likeness(below_bp, "category_mean", Language.CHINESE) == chinese
    assert likeness(below_bp, "category_mean", Language.ENGLISH) == english


def test_every_part_of_china_has_a_name_of_its_own() -> None:
    # ISO 3166-2:CN: 23 provinces, 5 autonomous regions, 4 municipalities and 2 special administrative regions.
    parts = {code: names for code, names in wording.REGIONS.items() if not code.endswith("-GRID")}
    assert (len(parts), len(set(parts.values()))) == (34, 34)
    assert all(len(code) == len("CN-ZJ") for code in parts)
    assert (parts["CN-SX"], parts["CN-SN"]) == (("山西", "Shanxi"), ("陕西", "Shaanxi"))
