"""A label unit as it stands: whose it is, and what became of it; and what stands for one that came back early. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from points.earning.appraisals import Candidate, UnitKey

BROUGHT_BACK: Final = UUID(int=0)
"""Stands for the sale of a unit that came back: no later sale confirms what it was credited before, if anything."""

SOLD_AGAIN: Final = UUID(int=1)
"""Stands for the sale of a unit that came back and was sold to nobody known: whoever scans it then has it, but for
whoever had it before.
"""

NOBODY: Final = UUID(int=0)
"""Stands for the resident of a unit that came back from somebody who was never known, and for the credit of one that
came back of an anonymous line.
"""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that counted or came back: whose it is, what credited it, and the sale it belongs to, if that is known.

    `saving_grams` is what its own activity saved; `named` says that the sale itself named the serial. Of a unit that
    came back, `resident_id` is who had it last, and `effective_at` when it came back, or was sold again; `back_at`
    stays that when it is scanned after that. One with a `retailer_id` is absent.
    """

    key: UnitKey
    resident_id: UUID
    activity_id: UUID
    saving_grams: int
    effective_at: datetime
    sale_id: UUID | None = None
    named: bool = False
    back_at: datetime | None = None
    retailer_id: UUID | None = None
    sale_key: str | None = None

    @property
    def is_absent(self) -> bool:
        """Whether it only stands for one that came back to that retailer before any sale of it was told."""
        return self.retailer_id is not None

    @property
    def is_back(self) -> bool:
        """Whether it came back, and no sale of it since is known."""
        return self.sale_id == BROUGHT_BACK

    @property
    def is_sold_again(self) -> bool:
        """Whether it came back, and was sold to nobody known."""
        return self.sale_id == SOLD_AGAIN

    def came_back_after(self, moment: datetime) -> bool:
        """Tell whether it came back, perhaps was sold to nobody known, and a sale at `moment` was before that."""
        back_at = self.effective_at if self.is_back or self.is_sold_again else self.back_at
        return back_at is not None and moment < back_at

    @property
    def known_sale_id(self) -> UUID | None:
        """The receipt of its sale, if it has one."""
        return None if self.is_back or self.is_sold_again else self.sale_id


def absence(unit: Unit, retailer_id: UUID, back_at: datetime) -> Unit:
    """Return what stands for a unit that came back to a retailer by its label alone: no sale of it had been told."""
    serial = f"{unit.key[1]}@{unit.activity_id}"  # no serial has such a sign
    return Unit(
        key=(unit.key[0], serial),
        resident_id=unit.resident_id,
        activity_id=NOBODY,
        saving_grams=0,
        effective_at=unit.effective_at,
        back_at=back_at,
        retailer_id=retailer_id,
    )


def stands_for(unit: Unit, key: UnitKey) -> bool:
    """Tell whether it stands for the unit of that serial."""
    return unit.is_absent and unit.key[1].startswith(f"{key[1]}@")


def may_be_of(absent: Unit, sale: Candidate, key: str) -> bool:
    """Tell whether what stands for a unit that came back may stand for one of a sale, whose claim has this key."""
    if absent.retailer_id != sale.retailer_id or absent.back_at is None or absent.sale_key not in {None, key}:
        return False
    return sale.effective_at < absent.back_at <= sale.effective_at + timedelta(days=sale.policy.terms.return_days)
