"""How a saving came about, step by step, for people. Pure, and only worked out when somebody asks."""

from dataclasses import dataclass

from labels.savings import BASIS_POINTS, Basis, Saving


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is, in both languages, how it was worked out with numbers and units, and what came out."""

    key: str
    name_zh: str
    name_en: str
    formula: str
    result: str


def explain(saving: Saving, basis: Basis) -> tuple[Step, ...]:
    """Return the steps from the two figures to the grams, each with its formula, numbers and units.

    Every figure is exact up to the last step, which floors once to whole grams.
    """
    footprint, baseline, unit = basis.footprint, basis.baseline, basis.footprint.functional_unit
    difference = max(0, baseline.milligrams_per_unit - footprint.milligrams_per_unit)
    saved = f"{_grams(difference)} g CO2e/{unit}"
    each, bought = f"{_units(basis.units_micro_each)} {unit}", f"{_units(saving.units_micro)} {unit}"
    figures = f"{_grams(baseline.milligrams_per_unit)} - {_grams(footprint.milligrams_per_unit)} g CO2e/{unit}"
    gross = difference * saving.units_micro
    before = f"{_decimal(gross, 9)} g CO2e"
    return (
        Step("difference", "每功能单位减排量", "Saved per functional unit", figures, saved),
        Step("content", "购买的功能单位", "Functional units bought", f"{saving.quantity} x {each}", bought),
        Step("gross", "未扣减的减排量", "Saving before deductions", f"{saved} x {bought}", before),
        *_deductions(gross, BASIS_POINTS - footprint.uncertainty_bp, saving),
    )


def _deductions(gross: int, kept_bp: int, saving: Saving) -> tuple[Step, ...]:
    """Return the steps from the saving before deductions, in billionths of a gram, to whole grams."""
    before = f"{_decimal(gross, 9)} g CO2e"
    certain = f"{_decimal(gross * kept_bp, 13)} g CO2e"
    evident = f"{_decimal(gross * kept_bp * saving.evidence_bp, 17)} g CO2e"
    deducted = f"{before} x {_percent(kept_bp)}"
    proven = f"{certain} x {_percent(saving.evidence_bp)}"
    return (
        Step("uncertainty", "扣除不确定性", "Less the deduction for uncertainty", deducted, certain),
        Step("evidence", "乘以凭证系数", "Times the evidence factor", proven, evident),
        Step("floor", "向下取整到克", "Rounded down to whole grams", f"floor({evident})", f"{saving.grams} g CO2e"),
    )


def _grams(milligrams: int) -> str:
    return _decimal(milligrams, 3)


def _units(micro: int) -> str:
    return _decimal(micro, 6)


def _percent(basis_points: int) -> str:
    return f"{_decimal(basis_points, 2)} %"


def _decimal(number: int, places: int) -> str:
    """Return a whole number shifted `places` to the right, exactly, without idle zeros."""
    sign = "-" if number < 0 else ""
    whole, rest = divmod(abs(number), 10**places)
    return f"{sign}{whole}.{rest:0{places}d}".rstrip("0").rstrip(".")
