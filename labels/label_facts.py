"""What a label says of a product on a day: its certificate, its footprint, and how that compares. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from labels.certificates import valid_until_on
from labels.grades import Grade, Spread, below_bp, grade_of
from labels.savings import (
    CertificateFact,
    FootprintFact,
    Obstacle,
    ProductFacts,
    basis_on,
    certified_on,
)


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """A product's certificate and footprint of a day, and how it compares; `obstacle` says why there is no comparison.

    `valid_until` is the first day the certificate no longer holds, renewals and all.
    `below_bp` is in hundredths of a percent below the baseline; negative when above it. `model` is the baseline's.
    """

    facts: ProductFacts
    certificate: CertificateFact
    valid_until: date
    footprint: FootprintFact
    below_bp: int | None
    model: str | None
    grade: Grade | None
    obstacle: Obstacle | None


def label_facts(
    facts: ProductFacts, day: date, schemes: Collection[str], spreads: Mapping[UUID, Spread]
) -> LabelFacts | Obstacle:
    """Return what a product's label says, or the obstacle of one without a valid certificate and footprint.

    `spreads` are those behind baselines, by the baseline's id; a baseline without one, or whose quartiles are the same,
    gives no grade.
    """
    certified = certified_on(facts, day, schemes)
    if isinstance(certified, Obstacle):
        return certified
    certificate, footprint = certified
    until = valid_until_on(certificate.events, certificate.valid_until, day)
    basis = basis_on(facts, day, schemes)
    if isinstance(basis, Obstacle):
        return LabelFacts(facts, certificate, until, footprint, None, None, None, basis)
    spread = spreads.get(basis.baseline.id)
    return LabelFacts(
        facts,
        certificate,
        until,
        footprint,
        below_bp(footprint.milligrams_per_unit, basis.baseline.milligrams_per_unit),
        basis.baseline.model,
        None if spread is None else grade_of(footprint.milligrams_per_unit, spread),
        None,
    )
