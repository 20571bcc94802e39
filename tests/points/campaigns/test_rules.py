from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.ids import new_id
from points.campaigns.rules import RULE, Bonus, Conditions, EvidenceKind, Multiply, OpenCampaign, Verdict, Why, evaluate

START = datetime(2026, 3, 28, 16, 0, tzinfo=UTC)  # midnight in Shanghai, on the day Europe changes its clocks
END = START + timedelta(days=7)
TEA = Conditions(category_id="tea")


def campaign(rule: Multiply | Bonus, campaign_id: UUID | None = None) -> OpenCampaign:
    return OpenCampaign(
        campaign_id=campaign_id or new_id(), budget_id=new_id(), starts_at=START, ends_at=END, rule=rule
    )


def verdict(
    rule: Multiply | Bonus,
    *,
    category_id: str | None = "tea",
    gtin: str = "09521234567899",
    kind: EvidenceKind = "sale",
    effective_at: datetime = START,
    base_points: int = 7,
    grams: int = 100,
) -> Verdict:
    (only,) = evaluate(
        [campaign(rule)],
        category_id=category_id,
        gtin=gtin,
        kind=kind,
        effective_at=effective_at,
        base_points=base_points,
        grams=grams,
    )
    return only


@pytest.mark.parametrize(
    ("multiplier_bp", "base_points", "extra"),
    [(20_000, 7, 7), (15_000, 7, 3), (10_001, 9_999, 0), (10_001, 10_000, 1), (100_000, 3, 27)],
)
def test_a_multiplier_pays_what_is_beyond_one_time_floored(multiplier_bp: int, base_points: int, extra: int) -> None:
    assert verdict(Multiply(multiplier_bp=multiplier_bp), base_points=base_points).points == extra


def test_a_multiplier_of_nothing_says_so_instead_of_claiming_to_have_paid_zero() -> None:
    assert verdict(Multiply(multiplier_bp=20_000), base_points=0).why is Why.NOTHING_TO_MULTIPLY


def test_a_bonus_pays_the_same_whatever_was_earned() -> None:
    assert [verdict(Bonus(points=5), base_points=points).points for points in (0, 1, 900)] == [5, 5, 5]


def test_a_bonus_is_not_paid_for_scans_that_saved_nothing_unless_the_campaign_says_so() -> None:
    assert verdict(Bonus(points=5), kind="scan", grams=0).why is Why.TOO_FEW_GRAMS
    assert verdict(Bonus(points=5, conditions=Conditions(minimum_grams=0)), kind="scan", grams=0).points == 5


@pytest.mark.parametrize(
    ("category_id", "why"),
    [
        ("tea", Why.PAID),
        ("tea.green", Why.PAID),
        ("tea.green.longjing", Why.PAID),
        ("teapots", Why.OTHER_CATEGORY),
        ("drinks.tea", Why.OTHER_CATEGORY),
        ("te", Why.OTHER_CATEGORY),
        (None, Why.OTHER_CATEGORY),
    ],
)
def test_a_category_covers_itself_and_what_is_below_it(category_id: str | None, why: Why) -> None:
    assert verdict(Bonus(points=5, conditions=TEA), category_id=category_id).why is why


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        (START - timedelta(microseconds=1), Why.NOT_STARTED),
        (START, Why.PAID),
        (END - timedelta(microseconds=1), Why.PAID),
        (END, Why.ENDED),
    ],
)
@pytest.mark.parametrize("hours", [-12, 0, 5.75, 8, 14])
def test_the_window_takes_its_start_and_leaves_its_end_in_any_zone(moment: datetime, why: Why, hours: float) -> None:
    local = moment.astimezone(timezone(timedelta(hours=hours)))
    assert verdict(Bonus(points=5), effective_at=local).why is why


def test_products_and_evidence_narrow_a_campaign() -> None:
    only = Conditions(gtins=("09521234567899",), evidence=("sale",))
    assert verdict(Bonus(points=5, conditions=only)).why is Why.PAID
    assert verdict(Bonus(points=5, conditions=only), gtin="09521234567882").why is Why.OTHER_PRODUCT
    assert verdict(Bonus(points=5, conditions=only), kind="scan").why is Why.OTHER_EVIDENCE


def test_every_campaign_has_its_say_oldest_first_however_they_are_given() -> None:
    old, new = new_id(), new_id()
    paying, other = campaign(Bonus(points=5), new), campaign(Bonus(points=9, conditions=TEA), old)
    facts = {"category_id": "rice", "gtin": "09521234567899", "effective_at": START, "base_points": 1, "grams": 1}
    for given_order in ([paying, other], [other, paying]):
        verdicts = evaluate(given_order, kind="sale", **facts)  # type: ignore[arg-type] # a dict of mixed values
        assert [(each.campaign_id, each.points, each.why) for each in verdicts] == [
            (old, 0, Why.OTHER_CATEGORY),
            (new, 5, Why.PAID),
        ]
        assert verdicts[1].budget_id == paying.budget_id


@given(
    base=st.integers(0, 10**9),
    bps=st.lists(st.integers(10_001, 100_000), min_size=1, max_size=4),
)
def test_multipliers_add_up_and_never_compound(base: int, bps: list[int]) -> None:
    verdicts = evaluate(
        [campaign(Multiply(multiplier_bp=bp)) for bp in bps],
        category_id="tea",
        gtin="09521234567899",
        kind="sale",
        effective_at=START,
        base_points=base,
        grams=1,
    )
    assert sum(each.points for each in verdicts) == sum(base * (bp - 10_000) // 10_000 for bp in bps)
    assert all((each.points > 0) == (each.why is Why.PAID) for each in verdicts)


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "multiply", "multiplier_bp": 10_000},
        {"type": "multiply", "multiplier_bp": 100_001},
        {"type": "multiply", "multiplier_bp": 1.5},
        {"type": "bonus", "points": 0},
        {"type": "bonus", "points": 100_001},
        {"type": "lottery", "points": 5},
        {"points": 5},
        {"type": "bonus", "points": 5, "percent": 3},
        {"type": "bonus", "points": 5, "conditions": {"category": "tea"}},
        {"type": "bonus", "points": 5, "conditions": {"gtins": ["6901234567892"]}},
        {"type": "bonus", "points": 5, "conditions": {"evidence": ["rumour"]}},
        {"type": "bonus", "points": 5, "conditions": {"minimum_grams": -1}},
    ],
)
def test_a_rule_that_is_not_one_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RULE.validate_python(rule)


@pytest.mark.parametrize("rule", [Multiply(multiplier_bp=12_345, conditions=TEA), Bonus(points=3)])
def test_a_rule_survives_being_stored(rule: Multiply | Bonus) -> None:
    assert RULE.validate_python(RULE.dump_python(rule, mode="json")) == rule
