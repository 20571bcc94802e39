"""Who is asking, as far as a route needs to know. Pure."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ResidentPrincipal:
    """A resident of one programme, by a short-lived token."""

    programme_id: UUID
    resident_id: UUID

    @property
    def label(self) -> str:
        """Names the principal in idempotency keys and logs."""
        return f"resident:{self.resident_id}"


@dataclass(frozen=True, slots=True)
class PartnerPrincipal:
    """A retailer, maker or certifier acting within one programme, by an API key."""

    programme_id: UUID
    organization_id: UUID
    key_id: UUID
    scopes: frozenset[str]

    @property
    def label(self) -> str:
        """Names the principal in idempotency keys and logs: the organization, so that keys can be rotated."""
        return f"partner:{self.organization_id}"


@dataclass(frozen=True, slots=True)
class StaffPrincipal:
    """Someone who works for one programme, by a short-lived token."""

    programme_id: UUID
    staff_id: UUID
    role: str

    @property
    def label(self) -> str:
        """Names the principal in idempotency keys, logs and certificate events."""
        return f"staff:{self.staff_id}"


Principal = ResidentPrincipal | PartnerPrincipal | StaffPrincipal
