"""Activities as guards see them, for tests of rules: one visit to a shop, unless a test says otherwise."""

from datetime import UTC, date, datetime
from uuid import UUID

from core.ids import new_id
from points.earning.activities import Kind
from points.earning.guards.rules import Seen
from points.earning.guards.verdicts import Attempt
from points.programmes.guard_terms import Guards
from points.programmes.policy import Caps, Terms

NOON = datetime(2026, 5, 15, 4, 0, tzinfo=UTC)
SHOP = UUID(int=1)
OTHER_SHOP = UUID(int=2)
RESIDENT = UUID(int=3)
GTIN = "09521234543213"


def attempt(
    guards: Guards | None = None,
    caps: Caps | None = None,
    *,
    at: datetime = NOON,
    retailer_id: UUID | None = SHOP,
    kind: Kind = Kind.SALE,
    quantity: int = 1,
    receipt: str | None = "T01-0001",
    gtin: str = GTIN,
    day: date | None = None,
    resident_id: UUID = RESIDENT,
) -> Attempt:
    """Return an activity under a policy with these guards and caps."""
    terms = Terms(guards=guards or Guards(), caps=caps or Caps())
    return Attempt(
        activity_id=new_id(),
        resident_id=resident_id,
        retailer_id=retailer_id,
        receipt=receipt,
        kind=kind,
        gtin=gtin,
        category_id="tea",
        quantity=quantity,
        effective_at=at,
        day=day or at.date(),
        terms=terms,
    )


def seen(
    at: datetime = NOON,
    *,
    retailer_id: UUID | None = SHOP,
    kind: Kind = Kind.SALE,
    units: int = 1,
    gtin: str = GTIN,
    category_id: str = "tea",
    day: date | None = None,
) -> Seen:
    """Return an earlier activity of the resident."""
    return Seen(new_id(), retailer_id, kind, gtin, category_id, units, at, day or at.date())
