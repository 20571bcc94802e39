"""From a row of somebody's table to something that can be registered, or every reason why it can not. Pure.

Column names are those of the row given; of several names for one thing the first that holds something counts, so that
the extracts of common sources can be taken as they are.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID

from labels.medians import BaselineDraft
from labels.product_imports import Row, cell
from labels.quantities import milligrams
from labels.registrations import NewApplication, NewCategory, NewCertificate, NewFootprint, Rejected

_FINEST_BASIS_POINT: Final = Decimal("0.01")

FOOTPRINT_COLUMNS: Final = {
    "gtin": "the product's number",
    "kg_co2e_per_unit": "kg CO2e per functional unit, without uptake and removals",
    "functional_unit": "the unit of the product's category: kg, L, item ...",
    "boundary": "cradle_to_gate, cradle_to_shelf, cradle_to_consumer, cradle_to_grave or gate_to_gate",
    "standard": "such as ISO 14067",
    "region": "such as CN",
    "valid_from": "first day, as 2026-01-31",
    "valid_until": "optional: the first day it no longer holds",
    "uptake_kg_per_unit": "optional: biogenic uptake and removals, kept apart and never credited",
    "uncertainty_percent": "optional: what is deducted for uncertainty",
    "source": "optional: else the file's name",
}
BASELINE_COLUMNS: Final = {
    "category_id": "a registered category, or a new one whose category_name_zh and category_name_en are given",
    "kg_co2e_per_unit": "kg CO2e per functional unit",
    "functional_unit, boundary, standard, region": "as for footprints",
    "sample_size": "how many figures it was made of",
    "lower_quartile_kg, upper_quartile_kg": "optional: their spread",
    "model": "category_mean, own_previous, conventional_product or regulated",
    "method": "how it was made, such as median/1",
    "source, source_row": "where it comes from",
    "licence": "under which it may be used",
    "valid_from, valid_until": "as for footprints",
    "parent_id, plausible_low_kg, plausible_high_kg": "optional, for a new category",
}
CERTIFICATE_COLUMNS: Final = {
    "number": "as printed on the certificate",
    "scheme": "the rules it was issued under, by its id in /v1/schemes, such as cn.carbon_footprint",
    "kind": "carbon_label, low_carbon or green_product",
    "gtin": "the product's number",
    "footprint_id": "optional: the id of the footprint it certifies",
    "valid_from": "first day, as 2026-01-31",
    "valid_until": "the first day it no longer holds",
    "issued_on": "optional: the day of issue; else valid_from",
}

APPLICATION_COLUMNS: Final = {
    "gtin": "a product that you registered or make",
    "scheme_id": "the id of one of /v1/schemes, such as cn.low_carbon",
    "certifier_id": "the id of the certifier it goes to; your own for a self-declaration",
    "footprint_id": "optional: the id of the footprint to be certified",
}


@dataclass(frozen=True, slots=True)
class NewBaseline:
    """A baseline with the days it holds for, and its category where the row brings that along."""

    draft: BaselineDraft
    category: NewCategory | None
    valid_from: date
    valid_until: date | None


@dataclass(slots=True)
class _Cells:
    """The cells of one row, and what was found wrong with them."""

    row: Row
    faults: list[Rejected] = field(default_factory=list)

    def text(self, name: str) -> str:
        value = cell(self.row, name)
        if "\0" in value:
            self.faults.append(Rejected(name, "must not hold NUL characters."))
            return value.replace("\0", "\N{REPLACEMENT CHARACTER}")  # by which the row is refused for nothing else
        return value

    def needed(self, name: str) -> str:
        value = self.text(name)
        if not value:
            self.faults.append(Rejected(name, "must not be empty."))
        return value

    def kilograms(self, name: str, *, needed: bool = False) -> int | None:
        """Return kg CO2e as whole milligrams."""
        return self._number(name, milligrams, needed=needed)

    def basis_points(self, name: str) -> int | None:
        return self._number(name, _basis_points, needed=False)

    def count(self, name: str) -> int:
        return self._number(name, _count, needed=True) or 0

    def day(self, name: str, *, needed: bool = False) -> date | None:
        value = self.needed(name) if needed else self.text(name)
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.faults.append(Rejected(name, f"must be a day such as 2026-01-31, not {value[:40]!r}."))
            return None

    def identifier(self, name: str) -> UUID | None:
        value = self.text(name)
        try:
            return UUID(value) if value else None
        except ValueError:
            self.faults.append(Rejected(name, f"must be an id as the API gives them, not {value[:40]!r}."))
            return None

    def _number(self, name: str, convert: Callable[[Decimal], int], *, needed: bool) -> int | None:
        value = self.needed(name) if needed else self.text(name)
        if not value:
            return None
        try:
            return convert(Decimal(value))
        except InvalidOperation:
            self.faults.append(Rejected(name, f"must be a number such as 1.25, not {value[:40]!r}."))
        except ValueError as error:
            self.faults.append(Rejected(name, str(error)))
        return None


def footprint_of(row: Row, *, source: str) -> NewFootprint | list[Rejected]:
    """Return the footprint a row holds."""
    cells = _Cells(row)
    valid_from = cells.day("valid_from", needed=True) or date.min
    footprint = NewFootprint(
        gtin=cells.needed("gtin"),
        milligrams_per_unit=cells.kilograms("kg_co2e_per_unit", needed=True) or 0,
        functional_unit=cells.needed("functional_unit"),
        boundary=cells.needed("boundary").replace("-", "_"),
        standard=cells.needed("standard"),
        region=cells.needed("region"),
        valid_from=valid_from,
        valid_until=cells.day("valid_until"),
        uptake_mg=cells.kilograms("uptake_kg_per_unit") or 0,
        uncertainty_bp=cells.basis_points("uncertainty_percent") or 0,
        source=cells.text("source") or source,
    )
    return cells.faults or footprint


def certificate_of(row: Row, *, certifier_id: UUID, actor: str) -> NewCertificate | list[Rejected]:
    """Return the certificate a row holds, issued by a certifier."""
    cells = _Cells(row)
    certificate = NewCertificate(
        number=cells.needed("number"),
        scheme=cells.needed("scheme"),
        kind=cells.needed("kind"),
        gtin=cells.needed("gtin"),
        certifier_id=certifier_id,
        valid_from=cells.day("valid_from", needed=True) or date.min,
        valid_until=cells.day("valid_until", needed=True) or date.max,
        footprint_id=cells.identifier("footprint_id"),
        issued_on=cells.day("issued_on"),
        actor=actor,
    )
    return cells.faults or certificate


def application_of(row: Row, *, applicant_id: UUID, actor: str) -> NewApplication | list[Rejected]:
    """Return the application for a certificate a row holds, sent by a maker."""
    cells = _Cells(row)
    application = NewApplication(
        gtin=cells.needed("gtin"),
        scheme_id=cells.needed("scheme_id"),
        applicant_id=applicant_id,
        certifier_id=(cells.identifier("certifier_id") if cells.needed("certifier_id") else None) or applicant_id,
        footprint_id=cells.identifier("footprint_id"),
        actor=actor,
    )
    return cells.faults or application


def baseline_of(row: Row, *, source: str) -> NewBaseline | list[Rejected]:
    """Return the baseline a row holds, with its category where the row names one."""
    cells = _Cells(row)
    category_id = cells.needed("category_id")
    valid_from = cells.day("valid_from", needed=True) or date.min
    draft = BaselineDraft(
        category_id=category_id,
        from_category_id=category_id,
        milligrams_per_unit=cells.kilograms("kg_co2e_per_unit", needed=True) or 0,
        functional_unit=cells.needed("functional_unit"),
        boundary=cells.needed("boundary").replace("-", "_"),
        standard=cells.needed("standard"),
        region=cells.needed("region"),
        sample_size=cells.count("sample_size"),
        lower_quartile_mg=cells.kilograms("lower_quartile_kg"),
        upper_quartile_mg=cells.kilograms("upper_quartile_kg"),
        source=cells.text("source") or source,
        source_row=cells.text("source_row"),
        licence=cells.needed("licence"),
        method=cells.needed("method"),
        model=cells.needed("model"),
    )
    baseline = NewBaseline(draft, _category(cells, draft), valid_from, cells.day("valid_until"))
    return cells.faults or baseline


def _category(cells: _Cells, draft: BaselineDraft) -> NewCategory | None:
    name_zh, name_en = cells.text("category_name_zh"), cells.text("category_name_en")
    if not name_zh and not name_en:
        return None
    return NewCategory(
        id=draft.category_id,
        name_zh=name_zh or name_en,
        name_en=name_en or name_zh,
        functional_unit=draft.functional_unit,
        parent_id=cells.text("parent_id") or None,
        plausible_low_mg=cells.kilograms("plausible_low_kg"),
        plausible_high_mg=cells.kilograms("plausible_high_kg"),
    )


def _basis_points(percent: Decimal) -> int:
    if not percent.is_finite() or percent != percent.quantize(_FINEST_BASIS_POINT):
        raise ValueError("must have at most two decimals.")
    return int(percent * 100)


def _count(number: Decimal) -> int:
    if not number.is_finite() or number != number.to_integral_value() or number < 1:
        raise ValueError("must be a whole number from 1.")
    return int(number)
