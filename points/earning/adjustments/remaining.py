"""What is left of receipts after all that became of them since."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.earning.activities import Outcome, Receipt
from points.earning.adjustments.queries import adjustments_of
from points.earning.adjustments.tables import Adjustment


@dataclass(frozen=True, slots=True)
class Remaining:
    """Units, grams of CO2e and points that are left of a receipt; points whether they are spent or not."""

    units: int
    grams: int
    points: int

    @classmethod
    def of(cls, receipt: Receipt, adjustments: Iterable[Adjustment]) -> Self:
        """Return what a receipt and all of its adjustments come to."""
        rows = list(adjustments)
        return cls(
            units=receipt.quantity + sum(each.units for each in rows),
            grams=receipt.grams + sum(each.grams for each in rows),
            points=receipt.points + sum(each.points for each in rows),
        )


async def remaining(session: AsyncSession, programme_id: UUID, outcomes: Iterable[Outcome]) -> dict[UUID, Remaining]:
    """Return what is left of the receipts among outcomes, by their ids; asks only where some were credited before."""
    receipts = {each.activity_id: each for each in outcomes if isinstance(each, Receipt)}
    before = [activity_id for activity_id, each in receipts.items() if each.replayed]
    history = await adjustments_of(session, programme_id, before) if before else {}
    return {
        activity_id: Remaining.of(receipt, history.get(activity_id, ())) for activity_id, receipt in receipts.items()
    }
