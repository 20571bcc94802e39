"""What stays of a credit: exact whatever the way there, never more than before, never below nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from labels.savings import BaselineFact, Basis, FootprintFact, Saving, saving
from points.campaigns.rules import Bonus, Conditions, Multiply
from points.earning.adjustments.keeping import Credited, Figures, Standing, kept, rebased, saving_left
from points.earning.adjustments.values import Nothing, Resaved, UnitsKept, UnitsTaken
from points.programmes.policy import PointsRounding, Rate

BASE, TWICE, FIXED = new_id(), new_id(), new_id()
SINCE = datetime(2020, 1, 1, tzinfo=UTC)


def basis_of(milligrams: int, baseline: int, units_micro_each: int) -> Basis:
    footprint = FootprintFact(
        id=new_id(),
        category_id="test",
        milligrams_per_unit=milligrams,
        functional_unit="kg",
        boundary="cradle_to_gate",
        standard="s",
        region="CN",
        uncertainty_bp=500,
        valid_from=date(2020, 1, 1),
        valid_until=None,
        quarantined=False,
        recorded_at=SINCE,
    )
    usual = BaselineFact(
        id=new_id(),
        category_id="test",
        milligrams_per_unit=baseline,
        functional_unit="kg",
        boundary="cradle_to_gate",
        standard="s",
        region="CN",
        model="median",
        valid_from=date(2020, 1, 1),
        valid_until=None,
        recorded_at=SINCE,
    )
    return Basis(new_id(), "C-1", footprint, usual, units_micro_each)


@st.composite
def credits_(draw: st.DrawFn) -> tuple[Credited, Standing]:
    """Return a credit of some units, perhaps capped, with unit labels matched and campaigns that paid in part."""
    units = draw(st.integers(1, 12))
    basis = basis_of(draw(st.integers(0, 4_000_000)), 5_000_000, draw(st.integers(1, 3_000_000)))
    each = saving(basis, quantity=1, evidence_bp=5_000)
    matched = draw(st.integers(0, units)) * ((each.grams if isinstance(each, Saving) else 0),)
    rules: dict[UUID, Multiply | Bonus] = {
        TWICE: Multiply(multiplier_bp=draw(st.integers(10_001, 30_000))),
        FIXED: Bonus(points=7, conditions=Conditions(minimum_grams=draw(st.integers(0, 2_000)))),
    }
    rate = Rate(1, SINCE, draw(st.integers(1, 100_000)))
    rounding = draw(st.sampled_from(PointsRounding))
    credited = Credited(10_000, rate, rounding, None, matched, BASE, rules)
    whole = saving_left(credited, basis, units)
    grams = draw(st.one_of(st.just(whole), st.integers(0, whole)))
    due = rate.points_for(grams, rounding)
    payments = {
        BASE: draw(st.one_of(st.just(due), st.integers(0, due))),
        TWICE: rules[TWICE].award(due),
        FIXED: draw(st.sampled_from((0, 7))),
    }
    return credited, Standing(units, grams, payments, basis)


@given(credits_())
def test_all_units_kept_keep_all(credit: tuple[Credited, Standing]) -> None:
    credited, standing = credit
    assert kept(credited, standing, UnitsKept(standing.units)) == standing


@given(credits_())
def test_no_unit_kept_keeps_nothing(credit: tuple[Credited, Standing]) -> None:
    credited, standing = credit
    for gone in (kept(credited, standing, UnitsKept(0)), kept(credited, standing, Nothing())):
        assert (gone.units, gone.grams, gone.points) == (0, 0, 0)


@given(credits_())
def test_fewer_units_never_keep_more(credit: tuple[Credited, Standing]) -> None:
    credited, standing = credit
    left = [kept(credited, standing, UnitsKept(units)) for units in range(standing.units + 1)]
    for fewer, more in pairwise(left):
        assert 0 <= fewer.grams <= more.grams
        assert all(0 <= fewer.payments[budget] <= more.payments[budget] for budget in standing.payments)


@given(credits_(), st.data())
def test_partial_returns_add_up_to_the_whole_in_any_order(
    credit: tuple[Credited, Standing], data: st.DataObject
) -> None:
    credited, standing = credit
    taken = data.draw(st.lists(st.integers(1, 4), max_size=standing.units))
    stepwise = standing
    for units in taken:
        stepwise = kept(credited, stepwise, UnitsTaken(units))
    assert stepwise == kept(credited, standing, UnitsKept(max(0, standing.units - sum(taken))))


@given(credits_(), st.integers(0, 6_000_000))
def test_other_figures_never_give_more(credit: tuple[Credited, Standing], milligrams: int) -> None:
    credited, standing = credit
    other = replace(standing.basis.footprint, id=new_id(), milligrams_per_unit=milligrams)
    resaved = Resaved(footprint_id=other.id)
    basis = rebased(standing.basis, resaved, Figures({other.id: other}, {}))
    left = kept(credited, standing, resaved, basis)
    assert left.units == standing.units
    assert left.grams <= standing.grams
    assert all(left.payments[budget] <= paid for budget, paid in standing.payments.items())


def test_a_bonus_stays_whole_until_the_grams_that_stay_are_too_few_for_it() -> None:
    credited = Credited(
        10_000,
        Rate(1, SINCE, 10_000),
        PointsRounding.FLOOR,
        None,
        (),
        BASE,
        {FIXED: Bonus(points=50, conditions=Conditions(minimum_grams=2_000))},
    )
    standing = Standing(3, 2_850, {BASE: 28, FIXED: 50}, basis_of(4_000_000, 5_000_000, 1_000_000))
    assert kept(credited, standing, UnitsKept(2)).payments == {BASE: 19, FIXED: 0}
    easy = replace(credited, rules={FIXED: Bonus(points=50)})
    assert kept(easy, standing, UnitsKept(1)).payments == {BASE: 9, FIXED: 50}


def test_units_that_were_matched_go_last() -> None:
    """Each unit saves 950 g; two were scanned before, for 475 g each, so the sale of three was credited 1,900 g."""
    credited = Credited(10_000, Rate(1, SINCE, 10_000), PointsRounding.FLOOR, None, (475, 475), BASE, {})
    standing = Standing(3, 1_900, {BASE: 19}, basis_of(4_000_000, 5_000_000, 1_000_000))
    left = [kept(credited, standing, UnitsKept(units)).grams for units in (2, 1, 0)]
    assert left == [950, 475, 0]


def test_a_discovery_keeps_its_points_while_its_unit_stays() -> None:
    credited = Credited(0, Rate(1, SINCE, 10_000), PointsRounding.FLOOR, 1, (), BASE, {})
    standing = Standing(1, 0, {BASE: 1}, basis_of(4_000_000, 5_000_000, 1_000_000))
    assert kept(credited, standing, UnitsKept(1)).points == 1
    assert kept(credited, standing, Nothing()).points == 0
