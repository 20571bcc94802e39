"""What savings are worked out from, each under one id: an activity names that instead of all it cites. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Final
from uuid import UUID

from core.values import unguarded
from labels.savings import Basis, Obstacle, ProductFacts, basis_on
from points.programmes.policy import PolicyVersion

_ID_BYTES: Final = 16
_CONTENT_BYTES: Final = 8


@unguarded
@dataclass(frozen=True, slots=True)
class CitedBasis:
    """A product's basis under the id that it has in every programme."""

    basis_id: UUID
    gtin: str
    basis: Basis

    @classmethod
    def of(cls, gtin: str, basis: Basis) -> "CitedBasis":
        """Return the basis with its id: 128 bits of SHA-256 of everything that its row says.

        Revision 0009 works out the same ids for activities of before.
        """
        cited = (basis.certificate_id.bytes, basis.footprint.id.bytes, basis.baseline.id.bytes)
        content = basis.units_micro_each.to_bytes(_CONTENT_BYTES)
        digest = sha256(b"".join((*cited, content, gtin.encode()))).digest()
        return cls(UUID(bytes=digest[:_ID_BYTES]), gtin, basis)


@dataclass(slots=True)
class Bases:
    """The bases of a batch, each worked out once for a product, a day and a policy: most lines are alike in them."""

    facts: Mapping[str, ProductFacts]
    _found: dict[tuple[str, date, int], CitedBasis | Obstacle] = field(default_factory=dict)

    def on(self, gtin: str, day: date, policy: PolicyVersion) -> CitedBasis | Obstacle:
        """Return the basis that holds for a product on `day`, or what stands in the way; the product is known."""
        place = (gtin, day, policy.version)
        found = self._found.get(place)
        if found is None:
            basis = basis_on(self.facts[gtin], day, policy.terms.schemes, policy.terms.certifiers)
            found = self._found[place] = basis if isinstance(basis, Obstacle) else CitedBasis.of(gtin, basis)
        return found
