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
from points.earning.adjustments.keeping import Credited, Figures, Matched, Standing, kept, rebased, saving_left
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


def saved(basis: Basis, quantity: int, evidence_bp: int = 10_000) -> int:
    found = saving(basis, quantity=quantity, evidence_bp=evidence_bp)
    return found.grams if isinstance(found, Saving) else 0


def label_of(basis: Basis, evidence_bp: int = 5_000, *, same: bool = True) -> Matched:
    """Return a label unit that was scanned before its sale, worked out with the `same` figures or with its own."""
    return Matched(saved(basis, 1, evidence_bp), evidence_bp, basis, same, same)


@st.composite
def credits_(draw: st.DrawFn) -> tuple[Credited, Standing]:
    """Return a credit of some units, perhaps capped, with label units matched and campaigns that paid in part."""
    units = draw(st.integers(1, 12))
    basis = basis_of(draw(st.integers(0, 4_000_000)), 5_000_000, draw(st.integers(1, 3_000_000)))
    matched = draw(st.integers(0, units)) * (label_of(basis),)
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


BASIS = basis_of(4_000_000, 5_000_000, 1_000_000)


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
    credited = Credited(10_000, Rate(1, SINCE, 10_000), PointsRounding.FLOOR, None, 2 * (label_of(BASIS),), BASE, {})
    standing = Standing(3, 1_900, {BASE: 19}, BASIS)
    left = [kept(credited, standing, UnitsKept(units)).grams for units in (2, 1, 0)]
    assert left == [950, 475, 0]


def test_a_discovery_keeps_its_points_while_its_unit_stays() -> None:
    credited = Credited(0, Rate(1, SINCE, 10_000), PointsRounding.FLOOR, 1, (), BASE, {})
    standing = Standing(1, 0, {BASE: 1}, basis_of(4_000_000, 5_000_000, 1_000_000))
    assert kept(credited, standing, UnitsKept(1)).points == 1
    assert kept(credited, standing, Nothing()).points == 0


def corrected(standing: Standing, milligrams: int) -> Basis:
    """Return the standing's basis with a baseline of so many milligrams in its place."""
    return replace(
        standing.basis, baseline=replace(standing.basis.baseline, id=new_id(), milligrams_per_unit=milligrams)
    )


RESAVED = Resaved(baseline_id=new_id())


def test_a_corrected_sale_leaves_its_corrected_labels_what_they_are_worth_now() -> None:
    """The line saves 950 g, its label half of that; corrected by 250,000 mg it saves 712 g, the label 356 g."""
    label = label_of(BASIS)
    credited = Credited(10_000, Rate(1, SINCE, 10_000), PointsRounding.FLOOR, None, (label,), BASE, {})
    standing = Standing(1, 950 - label.grams, {BASE: 4}, BASIS)
    basis = corrected(standing, 4_750_000)
    left = kept(credited, standing, RESAVED, basis)
    assert (saved(basis, 1), saved(basis, 1, 5_000), left.grams) == (712, 356, 356)


def test_a_label_of_other_figures_is_not_corrected_with_its_sale() -> None:
    label = label_of(basis_of(4_500_000, 5_000_000, 1_000_000), same=False)
    credited = Credited(10_000, Rate(1, SINCE, 10_000), PointsRounding.FLOOR, None, (label,), BASE, {})
    standing = Standing(1, 950 - label.grams, {BASE: 7}, BASIS)
    basis = corrected(standing, 4_750_000)
    assert kept(credited, standing, RESAVED, basis).grams == 712 - label.grams == 712 - 237


@given(st.data())
def test_sale_and_labels_add_up_to_the_line_whatever_is_corrected_or_comes_back_in_any_order(
    data: st.DataObject,
) -> None:
    """Each label is floored by itself, so that a gram of each may be missing in the end; never is one too many."""
    units = data.draw(st.integers(1, 6))
    basis = basis_of(1_000_000, 5_000_000, data.draw(st.integers(1, 2_000_000)))
    evidence_bp = data.draw(st.integers(0, 10_000))
    matched = data.draw(st.integers(0, units)) * (label_of(basis, evidence_bp),)
    credited = Credited(10_000, Rate(1, SINCE, 10_000), PointsRounding.FLOOR, None, matched, BASE, {})
    alone = replace(credited, evidence_bp=evidence_bp, matched=())
    sale = Standing(units, saving_left(credited, basis, units), {BASE: 0}, basis)
    labels = [Standing(1, each.grams, {BASE: 0}, basis) for each in matched]
    right = {"sale": iter((4_000_000, 3_500_000)), "labels": iter((4_000_000, 3_500_000))}
    for act in data.draw(st.permutations(["return", "return", "sale", "sale", "labels", "labels"])):
        if act == "sale":
            sale = kept(credited, sale, RESAVED, corrected(sale, next(right[act])))
        elif act == "labels":
            now_right = corrected(sale, next(right[act]))
            labels = [kept(alone, each, RESAVED, now_right) for each in labels]
        elif sale.units:
            sale = kept(credited, sale, UnitsTaken(data.draw(st.integers(1, sale.units))))
            labels[sale.units :] = [kept(alone, each, Nothing()) for each in labels[sale.units :]]
    due = saved(sale.basis, sale.units) if sale.units else 0
    assert due - len(matched) <= sale.grams + sum(each.grams for each in labels) <= due
