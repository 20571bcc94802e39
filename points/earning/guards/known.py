"""Gathering what the rules compare with, for a whole batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.earning.guards import needs, queries
from points.earning.guards.needs import Counted, Scope, TallyKey
from points.earning.guards.rules import Known, Seen, Turnover
from points.earning.guards.verdicts import Attempt


@dataclass(slots=True)
class Gathered:
    """What was read for a batch. Grows as its activities are looked at in turn, so that each sees those before it."""

    seen: dict[UUID, list[Seen]] = field(default_factory=dict)
    staff: set[tuple[UUID, UUID]] = field(default_factory=set)
    counted: dict[TallyKey, Counted] = field(default_factory=dict)
    earlier: dict[TallyKey, Counted] = field(default_factory=dict)
    lines: dict[TallyKey, int] = field(default_factory=dict)

    def known(self, attempt: Attempt) -> Known:
        """Count the activity in, and return what it is judged by."""
        for key in needs.counters(attempt):
            self.lines[key] = self.lines.get(key, 0) + 1
        day, month = attempt.day.toordinal(), needs.month_number(attempt.day)
        retailer = str(attempt.retailer_id)
        return Known(
            seen=self.seen.get(attempt.resident_id, ()),
            is_staff=attempt.retailer_id is not None and (attempt.retailer_id, attempt.resident_id) in self.staff,
            till_lines=self.lines.get(needs.till_key(attempt), 0),
            retailer_lines=self.lines.get(TallyKey(Scope.RETAILER_DAY, retailer, day), 0),
            usual_lines=self._usual(attempt, retailer, day),
            resident=self._turnover(Scope.RESIDENT_MONTH, Scope.RESIDENT_RETURNS, str(attempt.resident_id), month),
            retailer=self._turnover(Scope.RETAILER_MONTH, Scope.RETAILER_RETURNS, retailer, month),
        )

    def grams_before(self, key: TallyKey) -> int:
        """Return the grams credited under a counter before the batch."""
        return self.counted[key].grams

    def _usual(self, attempt: Attempt, retailer: str, day: int) -> Sequence[int]:
        guards = attempt.terms.guards
        if guards.retailer_burst_times is None:
            return ()
        days = (
            self.earlier.get(TallyKey(Scope.RETAILER_DAY, retailer, each))
            for each in range(day - guards.usual_days, day)
        )
        return [each.lines for each in days if each is not None and each.lines]

    def _turnover(self, scope: Scope, returns: Scope, subject: str, month: int) -> Turnover:
        """Return what was bought and brought back in a month and the one before."""
        bought = self.counted.get(TallyKey(scope, subject, month), Counted()).units
        bought += self.earlier.get(TallyKey(scope, subject, month - 1), Counted()).units
        returned = sum(
            self.earlier.get(TallyKey(returns, subject, each), Counted()).units for each in (month - 1, month)
        )
        return Turnover(bought, returned)


async def gather(session: AsyncSession, programme_id: UUID, attempts: Sequence[Attempt], *, accepted: bool) -> Gathered:
    """Count a batch and read what its policies ask for: a statement for each kind of thing, or none.

    What an operator has `accepted` was counted when it was reported, and is judged no more.
    """
    found = Gathered()
    added = needs.added(attempts)
    if added:
        found.counted = await queries.count(
            session, programme_id, dict.fromkeys(added, Counted()) if accepted else added
        )
        found.lines = {key: found.counted[key].lines - each.lines for key, each in added.items()}
    if accepted:
        return found
    sinces = _sinces(attempts)
    if sinces:
        found.seen = await queries.seen(session, programme_id, sinces)
    pairs = {(each.retailer_id, each.resident_id) for each in attempts if each.retailer_id and needs.asks_staff(each)}
    if pairs:
        found.staff = await queries.staff_among(session, programme_id, pairs)
    spans = {span for each in attempts for span in needs.earlier_spans(each)}
    if spans:
        found.earlier = await queries.counted_earlier(session, programme_id, spans)
    return found


def _sinces(attempts: Sequence[Attempt]) -> Mapping[UUID, datetime]:
    sinces: dict[UUID, datetime] = {}
    for each in attempts:
        since = needs.past_needed(each)
        if since is not None:
            sinces[each.resident_id] = min(since, sinces.get(each.resident_id, since))
    return sinces
