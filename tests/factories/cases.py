"""Credits as they stand, for tests of what is worked out of them alone."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from core.ids import new_id
from labels.savings import BaselineFact, Basis, FootprintFact
from points.earning.activities import Kind
from points.earning.adjustments.keeping import Credited, Standing
from points.earning.adjustments.plans import Case
from points.programmes.policy import PointsRounding, Rate, SpentPoints

SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)
GTIN: Final = "09520000000004"
RESIDENT, RETAILER = new_id(), new_id()
_BASIS: Final = Basis(
    certificate_id=new_id(),
    certificate_number="C-1",
    footprint=FootprintFact(
        id=new_id(),
        category_id="test",
        milligrams_per_unit=1_000_000,
        functional_unit="kg",
        boundary="cradle_to_gate",
        standard="s",
        region="CN",
        uncertainty_bp=500,
        valid_from=date(2020, 1, 1),
        valid_until=None,
        quarantined=False,
        recorded_at=SINCE,
    ),
    baseline=BaselineFact(
        id=new_id(),
        category_id="test",
        milligrams_per_unit=2_000_000,
        functional_unit="kg",
        boundary="cradle_to_gate",
        standard="s",
        region="CN",
        model="median",
        valid_from=date(2020, 1, 1),
        valid_until=None,
        recorded_at=SINCE,
    ),
    units_micro_each=1_000_000,
)
_CREDITED: Final = Credited(
    evidence_bp=10_000,
    rate=Rate(1, SINCE, 10_000),
    rounding=PointsRounding.FLOOR,
    discovery_points=None,
    matched=(),
    base_budget_id=new_id(),
    rules={},
)


def basis() -> Basis:
    """Return what a unit that saves 1,000 g is worked out by."""
    return _BASIS


def make_case(
    activity_id: UUID,
    units: int,
    at: datetime,
    *,
    kind: Kind = Kind.SALE,
    resident_id: UUID = RESIDENT,
    retailer_id: UUID | None = RETAILER,
    gtin: str = GTIN,
    guessed: int = 0,
    guessed_since: datetime | None = None,
    guessed_until: datetime | None = None,
    instead: Mapping[UUID, int] | None = None,
) -> Case:
    """Return a credit of which `units` are left, with what returns before had to guess."""
    return Case(
        activity_id=activity_id,
        resident_id=resident_id,
        retailer_id=retailer_id,
        kind=kind,
        gtin=gtin,
        quantity=units,
        day=at.date(),
        effective_at=at,
        spent=SpentPoints.OWED,
        return_days=30,
        credited=_CREDITED,
        standing=Standing(units, 1_000 * units, {}, _BASIS),
        awards=(),
        matched=(),
        guessed=guessed,
        guessed_since=guessed_since,
        guessed_until=guessed_until,
        instead=instead or {},
    )
