"""What can be put into the registry, one row at a time, and what becomes of each row. Pure.

A batch answers with one result per row, in the order of the rows: a bad row is rejected alone, with field and remedy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from labels.disclosures.terms import Disclosure
from labels.quantities import LARGEST, Boundary, FunctionalUnit

LONGEST_TEXT: Final = 500
BASIS_POINTS: Final = 10_000


class CertificateKind(StrEnum):
    """What a mark says of a product."""

    CARBON_LABEL = "carbon_label"
    LOW_CARBON = "low_carbon"
    GREEN_PRODUCT = "green_product"
    SELF_DECLARED = "self_declared"


CERTIFIED_KINDS: Final = tuple(kind for kind in CertificateKind if kind is not CertificateKind.SELF_DECLARED)
"""The kinds that somebody other than the maker stands for."""


class Role(StrEnum):
    """What an organization may be; one may be several."""

    CERTIFIER = "certifier"
    MAKER = "maker"
    RETAILER = "retailer"


@dataclass(frozen=True, slots=True)
class Registered:
    """The row stands under `id`; `status` is `quarantined` for a footprint that waits for review."""

    id: UUID | str
    status: str = "accepted"


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The same was registered before, under `id`."""

    id: UUID | str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The row was not registered: `field` can not be used, and `reason` says what it must be.

    `taken` when nothing is wrong with it, but other values stand under its key.
    """

    field: str
    reason: str
    taken: bool = False


Result = Registered | Unchanged | Rejected


@dataclass(frozen=True, slots=True)
class NewCategory:
    """A category; the plausible range is in mg CO2e per functional unit, both ends included."""

    id: str
    name_zh: str
    name_en: str
    functional_unit: str
    parent_id: str | None = None
    plausible_low_mg: int | None = None
    plausible_high_mg: int | None = None


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A trade item. Without `net_content_micro`, its content is read from `pack` where that is clear.

    `model` is what its maker calls it whatever the size of the pack; without one, the model that stands is kept.
    """

    gtin: str
    name_zh: str = ""
    name_en: str = ""
    brand: str = ""
    maker_id: UUID | None = None
    category_id: str | None = None
    pack: str = ""
    net_content_micro: int | None = None
    source: str = ""
    registered_by_id: UUID | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class NewFootprint:
    """A footprint: mg CO2e per functional unit of its product's category, uptake apart. `valid_until` is exclusive.

    With a disclosure, its figures are the sums of what that says: labels.disclosures.identities.
    """

    gtin: str
    milligrams_per_unit: int
    functional_unit: str
    boundary: str
    standard: str
    region: str
    valid_from: date
    valid_until: date | None = None
    uptake_mg: int = 0
    uncertainty_bp: int = 0
    source: str = ""
    supersedes_id: UUID | None = None
    disclosure: Disclosure | None = None


@dataclass(frozen=True, slots=True)
class NewCertificate:
    """A certificate, issued on `issued_on` (`valid_from` when None). `valid_until` is exclusive.

    With `self_declared` it is its maker's own claim, and `certifier_id` is the maker.
    """

    number: str
    scheme: str
    kind: str
    gtin: str
    certifier_id: UUID
    valid_from: date
    valid_until: date
    footprint_id: UUID | None = None
    issued_on: date | None = None
    actor: str = ""
    self_declared: bool = False


@dataclass(frozen=True, slots=True)
class NewApplication:
    """A maker's request for a certificate under a scheme, sent to a certifier; to itself for a self-declaration."""

    gtin: str
    scheme_id: str
    applicant_id: UUID
    certifier_id: UUID
    footprint_id: UUID | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that happened to a certificate. `by_id` is the organization that says so, when it is not staff.

    A renewal gives the new first day on which the certificate no longer holds, `valid_until`.
    """

    number: str
    kind: str
    effective_on: date
    actor: str
    reason: str = ""
    by_id: UUID | None = None
    valid_until: date | None = None


@dataclass(slots=True)
class Batch:
    """The results of a batch under way: each row is answered once, by its place."""

    size: int
    _results: dict[int, Result] = field(default_factory=dict)

    def answer(self, place: int, result: Result) -> None:
        """Answer the row at `place`."""
        self._results[place] = result

    def results(self) -> list[Result]:
        """Return the answers in the order of the rows."""
        return [self._results[place] for place in range(self.size)]


def other_values(
    name: str, value: str, fields: Sequence[str], before: Sequence[object], given: Sequence[object]
) -> Rejected:
    """Return that `value` is registered already, and in which of `fields` the two differ."""
    names = [each for each, old, new in zip(fields, before, given, strict=True) if old != new]
    return Rejected(name, f"{value} is registered already with another {', '.join(names)}.", taken=True)


def text_fault(name: str, value: str, *, required: bool = True) -> Rejected | None:
    """Return why a text can not be kept, if it can not."""
    if required and not value.strip():
        return Rejected(name, "must not be empty.")
    if len(value) > LONGEST_TEXT:
        return Rejected(name, f"must have at most {LONGEST_TEXT} characters.")
    return Rejected(name, "must not hold NUL characters.") if "\0" in value else None


def texts_fault(*texts: tuple[str, str], required: bool = True) -> Rejected | None:
    """Return the first fault among named texts."""
    faults = (text_fault(name, value, required=required) for name, value in texts)
    return next((fault for fault in faults if fault is not None), None)


def number_fault(name: str, value: int | None, least: int = 0, most: int = LARGEST) -> Rejected | None:
    """Return why a number can not be kept, if it can not; None is no fault."""
    if value is None or least <= value <= most:
        return None
    return Rejected(name, f"must be from {least} to {most}, not {value}.")


def period_fault(valid_from: date, valid_until: date | None) -> Rejected | None:
    """Return why a period can not be kept, if it can not."""
    if valid_until is None or valid_from < valid_until:
        return None
    return Rejected("valid_until", f"must be after valid_from, {valid_from}: it is the first day it no longer holds.")


def unit_fault(functional_unit: str, of_category: str | None) -> Rejected | None:
    """Return why a figure's functional unit can not be used for a category counted in `of_category`, if it can not."""
    if functional_unit not in set(FunctionalUnit):
        return Rejected("functional_unit", f"must be one of {', '.join(FunctionalUnit)}.")
    if of_category is not None and functional_unit != of_category:
        return Rejected("functional_unit", f"must be {of_category}, which the product's category is counted in.")
    return None


def figure_fault(row: NewFootprint) -> Rejected | None:
    """Return what is wrong with a footprint by itself, if anything is."""
    if row.boundary not in set(Boundary):
        return Rejected("boundary", f"must be one of {', '.join(Boundary)}.")
    return (
        number_fault("milligrams_per_unit", row.milligrams_per_unit)
        or number_fault("uptake_mg", row.uptake_mg)
        or number_fault("uncertainty_bp", row.uncertainty_bp, most=BASIS_POINTS)
        or period_fault(row.valid_from, row.valid_until)
        or texts_fault(("standard", row.standard), ("region", row.region))
        or text_fault("source", row.source, required=False)
    )


def certificate_fault(row: NewCertificate) -> Rejected | None:
    """Return what is wrong with a certificate by itself, if anything is."""
    if row.kind not in set(CertificateKind):
        return Rejected("kind", f"must be one of {', '.join(CertificateKind)}.")
    if row.self_declared is not (row.kind == CertificateKind.SELF_DECLARED):
        return Rejected("kind", "must be self_declared for a maker's own claim, and only for one.")
    if row.issued_on is not None and row.issued_on >= row.valid_until:
        return Rejected("issued_on", "must be before valid_until.")
    return (
        texts_fault(("number", row.number), ("scheme", row.scheme))
        or text_fault("actor", row.actor, required=False)
        or period_fault(row.valid_from, row.valid_until)
    )
