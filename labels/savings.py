"""(footprint, baseline, quantity, evidence) -> saving or refusal. Pure and exact: whole numbers from end to end."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from core.values import unguarded
from labels.certificates import EventFact, Status, issued_on, status_on

BASIS_POINTS: Final = 10_000
_MICRO_MILLIGRAMS_PER_GRAM: Final = 1_000_000 * 1_000
COMPARED: Final = ("functional_unit", "boundary", "standard", "region")
"""What a footprint and a baseline of one category must share, else their difference means nothing (ISO 14026, 6.4)."""


class ObstacleReason(StrEnum):
    """Why no saving can be told. The values are those of points.earning.activities.Reason."""

    NO_CERTIFICATE = "no_certificate"
    CERTIFICATE_NOT_VALID = "certificate_not_valid"
    SCHEME_NOT_RECOGNISED = "scheme_not_recognised"
    CERTIFIER_NOT_RECOGNISED = "certifier_not_recognised"
    NO_FOOTPRINT = "no_footprint"
    FOOTPRINT_QUARANTINED = "footprint_quarantined"
    NO_BASELINE = "no_baseline"
    NOT_COMPARABLE = "not_comparable"
    NO_NET_CONTENT = "no_net_content"
    NO_SAVING = "no_saving"


@unguarded
@dataclass(frozen=True, slots=True)
class FootprintFact:
    """A product's footprint: mg CO2e per functional unit, without uptake or removals. `valid_until` is exclusive."""

    id: UUID
    category_id: str | None
    milligrams_per_unit: int
    functional_unit: str
    boundary: str
    standard: str
    region: str
    uncertainty_bp: int
    quarantined: bool
    valid_from: date
    valid_until: date | None
    recorded_at: datetime


@unguarded
@dataclass(frozen=True, slots=True)
class BaselineFact:
    """What the usual product of a category emits: mg CO2e per functional unit. `valid_until` is exclusive.

    With `gtin` it is that product's own previous figure, and says nothing of any other.
    """

    id: UUID
    category_id: str
    milligrams_per_unit: int
    functional_unit: str
    boundary: str
    standard: str
    region: str
    model: str
    valid_from: date
    valid_until: date | None
    recorded_at: datetime
    gtin: str | None = None


@unguarded
@dataclass(frozen=True, slots=True)
class CertificateFact:
    """A mark on the product, the footprint it certifies, and everything that happened to it."""

    id: UUID
    number: str
    scheme: str
    kind: str
    footprint_id: UUID | None
    valid_from: date
    valid_until: date
    events: tuple[EventFact, ...]
    certifier_id: UUID


@unguarded
@dataclass(frozen=True, slots=True)
class ProductFacts:
    """Everything the registry knows of one product that bears on a saving."""

    gtin: str
    name_zh: str
    name_en: str
    category_id: str | None
    net_content_micro: int | None
    certificates: tuple[CertificateFact, ...]
    footprints: tuple[FootprintFact, ...]
    baselines: tuple[BaselineFact, ...]


@unguarded
@dataclass(frozen=True, slots=True)
class Basis:
    """What a saving is worked out from on a day; `units_micro_each` is the content of one unit sold, in millionths."""

    certificate_id: UUID
    certificate_number: str
    footprint: FootprintFact
    baseline: BaselineFact
    units_micro_each: int


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why there is no saving; `fields` are those in which footprint and baseline differ, when that is why."""

    reason: ObstacleReason
    detail: str
    fields: tuple[str, ...] = ()


@unguarded
@dataclass(frozen=True, slots=True)
class Saving:
    """What was saved, in whole grams of CO2e; `full_grams` is the same with full evidence.

    With the basis, `quantity` and `evidence_bp` recompute it to the same number: labels.explanations tells the steps.
    """

    units_micro: int
    full_grams: int
    grams: int
    quantity: int
    evidence_bp: int


def basis_on(
    facts: ProductFacts, day: date, schemes: Collection[str], certifiers: Collection[str] = ()
) -> Basis | Obstacle:
    """Return the certificate, footprint and baseline that hold for a product on `day`, or what stands in the way.

    `schemes` is what the programme recognises: names of schemes, or of kinds (every scheme of that kind).
    `certifiers` are the ids of the organizations whose certificates it recognises; empty: everybody's. Of several marks
    the one issued last pays (then the greatest id), so several never pay twice. Of several baselines the one valid from
    the latest day counts (then the one recorded last, then the greatest id). A product's own previous figure counts
    only where no baseline of the whole category does: who was worst must not earn most.
    """
    certified = certified_on(facts, day, schemes, certifiers)
    if isinstance(certified, Obstacle):
        return certified
    certificate, footprint = certified
    baseline = _baseline_for(footprint, facts, day)
    if isinstance(baseline, Obstacle):
        return baseline
    if not facts.net_content_micro or facts.net_content_micro < 0:
        return Obstacle(
            ObstacleReason.NO_NET_CONTENT,
            f"The content of one unit of {facts.gtin} in {footprint.functional_unit} is not registered.",
        )
    return Basis(certificate.id, certificate.number, footprint, baseline, facts.net_content_micro)


def saving(basis: Basis, *, quantity: int, evidence_bp: int) -> Saving | Obstacle:
    """Return what buying `quantity` units saved, floored once to whole grams, or `no_saving`.

    `evidence_bp` is the evidence factor in hundredths of a percent.

    Raises:
        ValueError: when quantity is below 1 or evidence_bp outside 0..10,000; whoever takes input refuses these before.
    """
    if quantity < 1 or not 0 <= evidence_bp <= BASIS_POINTS:
        raise ValueError(f"quantity {quantity} must be at least 1, evidence_bp {evidence_bp} within 0..{BASIS_POINTS}.")
    footprint, baseline = basis.footprint, basis.baseline
    difference = baseline.milligrams_per_unit - footprint.milligrams_per_unit
    if difference <= 0:
        return Obstacle(
            ObstacleReason.NO_SAVING,
            f"Its footprint, {footprint.milligrams_per_unit} mg, is not below the baseline, "
            f"{baseline.milligrams_per_unit} mg CO2e per {footprint.functional_unit}.",
        )
    units_micro = basis.units_micro_each * quantity
    counted = difference * units_micro * (BASIS_POINTS - footprint.uncertainty_bp)
    divisor = _MICRO_MILLIGRAMS_PER_GRAM * BASIS_POINTS
    return Saving(
        units_micro=units_micro,
        full_grams=counted // divisor,
        grams=counted * evidence_bp // (divisor * BASIS_POINTS),
        quantity=quantity,
        evidence_bp=evidence_bp,
    )


def certified_on(
    facts: ProductFacts, day: date, schemes: Collection[str], certifiers: Collection[str] = ()
) -> tuple[CertificateFact, FootprintFact] | Obstacle:
    """Return the certificate that pays on `day` and its footprint, or the obstacle of the mark that came furthest."""
    recognised = [each for each in facts.certificates if each.scheme in schemes or each.kind in schemes]
    if not recognised:
        return _unrecognised(facts, schemes)
    if certifiers:
        issued = recognised
        recognised = [each for each in issued if str(each.certifier_id) in certifiers]
        if not recognised:
            return Obstacle(ObstacleReason.CERTIFIER_NOT_RECOGNISED, _by_whom(issued))
    valid = [
        each for each in recognised if status_on(each.events, each.valid_from, each.valid_until, day) is Status.VALID
    ]
    if not valid:
        return Obstacle(ObstacleReason.CERTIFICATE_NOT_VALID, _why_not_valid(recognised, day))
    by_id = {each.id: each for each in facts.footprints}
    carried = [(each, by_id[each.footprint_id]) for each in valid if each.footprint_id in by_id]
    current = [pair for pair in carried if _holds(pair[1], day)]
    usable = [pair for pair in current if not pair[1].quarantined]
    if usable:
        return usable[0] if len(usable) == 1 else max(usable, key=_issued_last)
    numbers = ", ".join(sorted(each.number for each in valid))
    if current:
        return Obstacle(
            ObstacleReason.FOOTPRINT_QUARANTINED,
            f"The footprint under {numbers} is outside its category's plausible range and waits for review.",
        )
    return Obstacle(ObstacleReason.NO_FOOTPRINT, f"No footprint under {numbers} holds on {day}.")


def _unrecognised(facts: ProductFacts, schemes: Collection[str]) -> Obstacle:
    if not facts.certificates:
        return Obstacle(ObstacleReason.NO_CERTIFICATE, f"No certificate is registered for {facts.gtin}.")
    theirs = ", ".join(sorted({each.scheme for each in facts.certificates}))
    return Obstacle(
        ObstacleReason.SCHEME_NOT_RECOGNISED,
        f"Its certificates are of {theirs}; the programme recognises {', '.join(sorted(schemes)) or 'none'}.",
    )


def _by_whom(certificates: Iterable[CertificateFact]) -> str:
    theirs = ", ".join(sorted(f"{each.number} was issued by {each.certifier_id}" for each in certificates))
    return f"{theirs}; the programme does not recognise this certifier."


def _why_not_valid(certificates: Iterable[CertificateFact], day: date) -> str:
    """Return where each certificate stands on `day`."""
    stands = ", ".join(
        f"{each.number} is {status_on(each.events, each.valid_from, each.valid_until, day).replace('_', ' ')}"
        for each in sorted(certificates, key=lambda each: each.number)
    )
    return f"On {day}, {stands}."


def _issued_last(pair: tuple[CertificateFact, FootprintFact]) -> tuple[date, UUID]:
    certificate = pair[0]
    return issued_on(certificate.events) or certificate.valid_from, certificate.id


def _holds(fact: FootprintFact | BaselineFact, day: date) -> bool:
    return fact.valid_from <= day and (fact.valid_until is None or day < fact.valid_until)


def _latest(baseline: BaselineFact) -> tuple[date, datetime, UUID]:
    return baseline.valid_from, baseline.recorded_at, baseline.id


def _baseline_for(footprint: FootprintFact, facts: ProductFacts, day: date) -> BaselineFact | Obstacle:
    """Return the baseline a footprint may be held against on `day`; never one that differs in what must be the same."""
    candidates = [
        each
        for each in facts.baselines
        if each.category_id == footprint.category_id and each.gtin in {None, facts.gtin} and _holds(each, day)
    ]
    if not candidates:
        category = footprint.category_id or "no category"
        return Obstacle(ObstacleReason.NO_BASELINE, f"No baseline of {category} holds on {day}.")
    matching = [each for each in candidates if not differing(footprint, each)]
    matching = [each for each in matching if each.gtin is None] or matching
    if matching:
        return matching[0] if len(matching) == 1 else max(matching, key=_latest)
    nearest = min(sorted(candidates, key=_latest, reverse=True), key=lambda each: len(differing(footprint, each)))
    fields = differing(footprint, nearest)
    told = "; ".join(
        f"{field} {getattr(footprint, field)} against {getattr(nearest, field)} of the baseline" for field in fields
    )
    return Obstacle(ObstacleReason.NOT_COMPARABLE, f"Footprint and baseline differ: {told}.", fields)


def differing(footprint: FootprintFact, baseline: BaselineFact) -> tuple[str, ...]:
    """Return the fields in which the two differ and must not."""
    if (
        footprint.functional_unit == baseline.functional_unit
        and footprint.boundary == baseline.boundary
        and footprint.standard == baseline.standard
        and footprint.region == baseline.region
    ):
        return ()
    return tuple(field for field in COMPARED if getattr(footprint, field) != getattr(baseline, field))
