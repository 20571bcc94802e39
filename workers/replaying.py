"""A stream of sales through the use case that the API calls, in big batches, each in a database transaction of its own.

What makes a sale once is its key, so a stream that broke off is sent again from its beginning: nothing counts twice.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from core import clock
from core.db import transaction
from points.earning.activities import Held, Outcome, Reason, Receipt, SaleLine
from points.earning.sales import record_reported
from workers.till_keys import till_keys

BATCH: Final = 1_000
Reported = tuple[UUID, SaleLine]


@dataclass(slots=True)
class Tally:
    """What became of a stream. `replayed` lines had been credited before; grams and points are of this time only."""

    lines: int = 0
    credited: int = 0
    replayed: int = 0
    grams: int = 0
    points: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Count the outcomes of one batch."""
        self.lines += len(outcomes)
        for outcome in outcomes:
            if isinstance(outcome, Held):
                self.refused[Reason.HELD_FOR_REVIEW] += 1
            elif not isinstance(outcome, Receipt):
                self.refused[outcome.reason] += 1
            elif outcome.replayed:
                self.replayed += 1
            else:
                self.credited += 1
                self.grams += outcome.grams
                self.points += outcome.points


async def replay(
    programme_id: UUID,
    sales: Iterable[Reported],
    *,
    as_of_data: bool = True,
    done: Callable[[int], None] = lambda _: None,
) -> Tally:
    """Credit sales in the order in which they come, and tell `done` after each batch how many lines it had.

    With `as_of_data`, what counts as too old or as the future is judged at the latest sale so far instead of now, as it
    would have been had they been reported as they happened; a sale after this very moment is still the future.
    """
    tally = Tally()
    for batch, now in _timed(iter(sales), as_of_data=as_of_data):
        async with transaction() as session:
            outcomes = await record_reported(session, programme_id, batch, keys=till_keys(), now=now)
        tally.add(outcomes)
        done(len(batch))
    return tally


def _timed(sales: Iterator[Reported], *, as_of_data: bool) -> Iterator[tuple[list[Reported], datetime]]:
    """Yield batches, each with the time it is judged at."""
    latest: datetime | None = None
    while batch := list(islice(sales, BATCH)):
        newest = max(line.sold_at for _, line in batch)
        latest = newest if latest is None else max(latest, newest)
        yield batch, min(latest, clock.now()) if as_of_data else clock.now()
