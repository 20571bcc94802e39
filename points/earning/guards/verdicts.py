"""What guards see of an activity, and what they say about it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from points.earning.activities import Kind
from points.programmes.guard_terms import Rule
from points.programmes.policy import Terms

Fact = int | str | list[str]
"""A number, a name or a list of ids that led to a verdict."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An activity that would be credited, as guards see it; `terms` are those of its own time.

    `receipt` is the till's, None for a scan.
    """

    activity_id: UUID
    resident_id: UUID
    retailer_id: UUID | None
    receipt: str | None
    kind: Kind
    gtin: str
    category_id: str | None
    quantity: int
    effective_at: datetime
    day: date
    terms: Terms

    @property
    def till(self) -> str | None:
        """Return the till's name, where the policy says which part of a receipt's number tells it."""
        characters = self.terms.guards.till_characters
        return self.receipt[:characters] if self.receipt and characters else None


@dataclass(frozen=True, slots=True)
class Pass:
    """Nothing against it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Credited only if an operator accepts it; `facts` are what led to this."""

    rule: Rule
    detail: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refuse:
    """Not credited, unless the resident appeals and an operator accepts it."""

    rule: Rule
    detail: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


PASS = Pass()
Stop = Hold | Refuse
Verdict = Pass | Stop
