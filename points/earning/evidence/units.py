"""A label unit as it stands: whose it is, what became of it, and with whom it was before. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from points.earning.keys import UnitKey

BROUGHT_BACK: Final = UUID(int=0)
"""Stands for the sale of a unit that came back: no later sale confirms what it was credited before, if anything."""

NOBODY: Final = UUID(int=0)
"""Stands for the resident of a unit that came back from somebody who was never known, and for the credit of one that
came back of an anonymous line.
"""


@dataclass(frozen=True, slots=True)
class Stay:
    """From when to when a unit was with a buyer who brought it back.

    `resident_id` is whose sale the return took it of, NOBODY where that was anonymous. `guessed`: the return named no
    sale, and took of that resident's at that retailer the latest. `settled`: one told later that names the unit was
    credited, since another has lost a unit in its place.
    """

    sold_at: datetime
    back_at: datetime
    retailer_id: UUID
    resident_id: UUID
    guessed: bool = False
    settled: bool = False

    def meets(self, sold_at: datetime, back_at: datetime) -> bool:
        """Tell whether a unit can not have been with another buyer from `sold_at` to `back_at` as well."""
        return sold_at == self.sold_at or (sold_at < self.back_at and self.sold_at < back_at)


@dataclass(frozen=True, slots=True)
class Resale:
    """A sale to nobody known that names a unit which had come back before; `key` is of its line."""

    key: str
    sold_at: datetime


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that counted or came back: whose it is, what credited it, and the sale it belongs to, if that is known.

    `saving_grams` is what its own activity saved; `named` says that the sale itself named the serial, `gone` that all
    units of that sale came back since, and `unsure_at` when the first did of which no return named the serial: it may
    have been this one. Of a unit that came back, `resident_id` is who had it last, `effective_at` when
    it came back, and `resale` what sold it to nobody known after that; `back_at` stays when it is scanned then.
    """

    key: UnitKey
    resident_id: UUID
    activity_id: UUID
    saving_grams: int
    effective_at: datetime
    sale_id: UUID | None = None
    named: bool = False
    back_at: datetime | None = None
    gone: bool = False
    unsure_at: datetime | None = None
    resale: Resale | None = None

    @property
    def is_back(self) -> bool:
        """Whether it came back, and no sale of it to a resident since is known."""
        return self.gone or self.sale_id == BROUGHT_BACK

    @property
    def is_sold(self) -> bool:
        """Whether a sale that named it credited a resident, who has it as far as is known."""
        return self.named and not self.gone

    def is_sold_at(self, moment: datetime) -> bool:
        """Tell whether it was at that moment with whom a sale credited that named it, before or after, if anybody."""
        if not self.named:
            return False
        since = self.unsure_at or (self.effective_at if self.gone else None)
        return since is None or moment < since

    @property
    def sale(self) -> UUID | None:
        """The receipt that a sale of it has, whatever came back of that."""
        return None if self.sale_id == BROUGHT_BACK else self.sale_id

    def came_back_after(self, moment: datetime) -> bool:
        """Tell whether a sale at `moment` was before it came back, or before nobody known bought it who scanned it."""
        back_at = self.effective_at if self.sale_id == BROUGHT_BACK else self.back_at
        return back_at is not None and moment < back_at


def stay_after(stays: Iterable[Stay], moment: datetime) -> Stay | None:
    """Return the first of the stays that ended after a moment."""
    return min((each for each in stays if moment < each.back_at), key=lambda each: each.back_at, default=None)
