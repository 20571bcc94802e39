"""What past activities would have saved: by the formula of the first time, to the gram."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from labels.medians import BaselineDraft
from labels.savings import BaselineFact, Basis, FootprintFact, Saving, saving
from points.earning.reappraisals import PastActivities, Reappraised, reappraise

SINCE = date(2026, 1, 1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
GTIN = "09521234543213"
FOOTPRINT = FootprintFact(
    UUID(int=1), "tea", 3_000_000, "kg", "cradle_to_gate", "ISO 14067", "CN", 500, False, SINCE, None, NOW
)
HELD = BaselineFact(
    UUID(int=2), "tea", 5_000_000, "kg", "cradle_to_gate", "ISO 14067", "CN", "category_mean", SINCE, None, NOW
)
DRAFT = BaselineDraft(
    "tea", "tea", 4_000_000, "kg", "cradle_to_gate", "ISO 14067", "CN", 3, 3_500_000, 4_500_000, "s", "r", "CC0"
)


def grams(baseline_mg: int, units_micro: int, evidence_bp: int) -> int:
    basis = Basis(UUID(int=3), "", FOOTPRINT, replace(HELD, milligrams_per_unit=baseline_mg), units_micro)
    answer = saving(basis, quantity=1, evidence_bp=evidence_bp)
    return answer.grams if isinstance(answer, Saving) else 0


def past(units_micro: int = 1_000_000, evidence_bp: int = 10_000, times: int = 1) -> PastActivities:
    saved = times * grams(HELD.milligrams_per_unit, units_micro, evidence_bp)
    return PastActivities(GTIN, FOOTPRINT.id, HELD.id, units_micro, evidence_bp, times, saved)


def again(activities: list[PastActivities], draft: BaselineDraft, held: BaselineFact = HELD) -> tuple[Reappraised, ...]:
    return reappraise(activities, {FOOTPRINT.id: FOOTPRINT}, {held.id: held}, [draft], SINCE)


@given(st.lists(st.tuples(st.integers(1, 10**8), st.integers(0, 10_000), st.integers(1, 50)), max_size=5))
def test_the_same_baseline_saves_the_same(found: list[tuple[int, int, int]]) -> None:
    activities = [past(*each) for each in found]
    for one in again(activities, replace(DRAFT, milligrams_per_unit=HELD.milligrams_per_unit)):
        assert one.before_grams == one.after_grams == sum(each.saving_grams for each in activities)


def test_a_lower_baseline_saves_less_and_none_at_all_below_the_footprint() -> None:
    activities = [past(times=3), past(500_000, 5_000)]
    saved = 3 * 1_900 + 475
    (half,) = again(activities, DRAFT)
    assert (half.activities, half.before_grams, half.after_grams) == (4, saved, 3 * 950 + 237)
    (none,) = again(activities, replace(DRAFT, milligrams_per_unit=2_999_999))
    assert none.after_grams == 0


def test_a_draft_that_may_not_be_compared_touches_nothing() -> None:
    for other in ({"category_id": "beer"}, {"boundary": "cradle_to_grave"}, {"standard": "PAS 2050"}, {"region": "FR"}):
        assert again([past()], replace(DRAFT, **other)) == ()  # type: ignore[arg-type]  # one text each


def test_a_products_own_figure_takes_over_from_its_own_only() -> None:
    own = replace(DRAFT, gtin=GTIN, model="own_previous")
    assert again([past()], own) == ()
    assert len(again([past()], own, replace(HELD, gtin=GTIN))) == 1
    others = replace(own, gtin="09521234543220")
    assert again([past()], others, replace(HELD, gtin=others.gtin)) == ()
