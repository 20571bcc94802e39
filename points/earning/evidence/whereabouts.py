"""Where a unit was, as far as it was told: with whom it is, who brought it back before, and which lines name it. Pure.

What is told late finds its place by its times: a unit is with one buyer at a time.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from points.earning.evidence.anonymous_lines import AnonymousLine
from points.earning.evidence.units import BROUGHT_BACK, NOBODY, Stay, Unit
from points.earning.keys import UnitKey


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is known of a unit that comes back.

    `unit` is how it stands, None where it never counted; `stays` ended with a return; `lines` are nobody's yet, name
    it, and have something left, oldest first.
    """

    key: UnitKey
    unit: Unit | None
    stays: tuple[Stay, ...]
    lines: tuple[AnonymousLine, ...]

    def but_of(self, own: AnonymousLine) -> "Whereabouts":
        """Return the same without the line that it comes back of."""
        return replace(self, lines=tuple(each for each in self.lines if each.key != own.key))

    def sale_at(self, moment: datetime) -> UUID | None:
        """Return the receipt of the sale that named it, of which it has not come back by then as far as is known."""
        unit = self.unit
        is_there = unit is not None and unit.effective_at < moment and unit.is_sold_at(moment)
        return unit.sale if unit is not None and is_there else None

    def back_before(self, moment: datetime) -> datetime | None:
        """Return when it last came back before that."""
        return max((each.back_at for each in self.stays if each.back_at <= moment), default=None)

    def moved(self, sold_at: datetime, back_at: datetime, others: Iterable[datetime]) -> dict[datetime, Stay] | None:
        """Return which guessed stays are of other sales, by the moment guessed, if it was with a buyer all that time.

        Then it came back, and later again: that was of a sale of the same resident since, one of `others`. None where
        it can not have been: it was with another, or was sold to nobody known, who scanned it.
        """
        moved: dict[datetime, Stay] = {}
        for stay in self.stays:
            if not stay.meets(sold_at, back_at):
                continue
            taken = {sold_at, *(each.sold_at for each in self.stays)}
            later = [each for each in others if back_at <= each <= stay.back_at and each not in taken]
            if not stay.guessed or stay.back_at <= back_at or not later:
                return None
            moved[stay.sold_at] = replace(stay, sold_at=max(later))
        resold_at = self.unit.back_at if self.unit is not None and self.unit.sale_id is None else None
        return None if resold_at is not None and sold_at < resold_at < back_at else moved

    def was_sold_elsewhere(self, sold_at: datetime, back_at: datetime, sales: tuple[UUID, ...]) -> bool:
        """Tell whether another sale named it, which it has not come back of by then as far as is known."""
        sale = self.sale_at(back_at)
        return (sale is not None and sale not in sales) or any(sold_at < each.sold_at < back_at for each in self.lines)

    def label_at(self, moment: datetime) -> UUID | None:
        """Return what credited it on its own, where no sale of it is known and it came back after that at `moment`."""
        unit = self.unit
        if unit is None or unit.sale_id is not None or self._scanned_since(moment) is not None:
            return None
        return unit.activity_id

    def once_back(self, stay: Stay, activity_id: UUID, *, label_went: bool) -> Unit:
        """Return the unit as it is once a stay has ended, of which `activity_id` was taken back, NOBODY for nothing.

        `label_went`: so was what `label_at` returns. What it became since is not changed by what is told late.
        """
        unit, back_at = self.unit, stay.back_at
        if unit is None:
            return Unit(self.key, stay.resident_id, activity_id, 0, back_at, BROUGHT_BACK, back_at=back_at)
        if (since := self._scanned_since(back_at)) is not None:
            return replace(unit, back_at=since)
        is_later = unit.is_back if stay.sold_at == unit.effective_at else unit.is_back or unit.is_sold
        if is_later and back_at <= unit.effective_at and not unit.gone:
            return unit
        if unit.sale_id is None and not label_went:
            return unit
        of = NOBODY if stay.resident_id == NOBODY else unit.activity_id
        return replace(
            unit,
            activity_id=of,
            sale_id=BROUGHT_BACK,
            named=False,
            effective_at=back_at,
            back_at=back_at,
            gone=False,
            resale=None,
        )

    def _scanned_since(self, moment: datetime) -> datetime | None:
        """Return when nobody known bought it after it came back, whose label it is now; None where it is not."""
        unit = self.unit
        if unit is None or unit.sale_id is not None:
            return None
        if unit.back_at is not None:
            return unit.back_at if moment <= unit.back_at else None
        return next((each.sold_at for each in self.lines if moment <= each.sold_at <= unit.effective_at), None)
