"""A stream of sales through the use case that the API calls, in big batches, each in a database transaction of its own.

A line with a negative quantity is a return. Returns are recorded after the sales of their batch, in a transaction of
their own: sales end with the budgets' locks and returns begin with the residents'. Those whose sale was not there yet
are looked at once more after all sales. What makes a line once is its key, so a stream that broke off is sent again
from its beginning: nothing counts twice.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import Final
from uuid import UUID

from core import clock
from core.db import transaction
from points.earning.activities import Claimable, Held, Outcome, Reason, Receipt, SaleLine
from points.earning.adjustments.return_lines import Returned, ReturnOutcome
from points.earning.adjustments.seeking import ReportedReturn
from points.earning.returns import record_returns, return_of
from points.earning.sales import record_reported
from points.residents.recognition import TillKeys
from workers.till_keys import till_keys

BATCH: Final = 1_000
Reported = tuple[UUID, SaleLine]


@dataclass(slots=True)
class Credits:
    """What became of the sales of a stream. `replayed` lines had been credited before.

    Grams and points are of this time only. `claimable` lines named nobody and wait for who has the till's receipt.
    """

    credited: int = 0
    replayed: int = 0
    grams: int = 0
    points: int = 0
    claimable: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Count the outcomes of one batch."""
        for outcome in outcomes:
            if isinstance(outcome, Held):
                self.refused[Reason.HELD_FOR_REVIEW] += 1
            elif isinstance(outcome, Claimable):
                self.claimable += 1
            elif not isinstance(outcome, Receipt):
                self.refused[outcome.reason] += 1
            elif outcome.replayed:
                self.replayed += 1
            else:
                self.credited += 1
                self.grams += outcome.grams
                self.points += outcome.points


@dataclass(slots=True)
class TakenBack:
    """What became of the returns of a stream. `replayed` ones had been taken before; the rest is of this time only.

    Grams and points are what was taken back, above zero. Nothing is where nobody had claimed the sale.
    """

    returned: int = 0
    replayed: int = 0
    units: int = 0
    grams: int = 0
    points: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)

    def add(self, outcomes: Sequence[ReturnOutcome]) -> None:
        """Count the outcomes of one batch."""
        for outcome in outcomes:
            if not isinstance(outcome, Returned):
                self.refused[outcome.reason] += 1
            elif outcome.replayed:
                self.replayed += 1
            else:
                self.returned += 1
                self.units += outcome.units
                self.grams += outcome.grams
                self.points += outcome.points


@dataclass(slots=True)
class Tally:
    """What became of a stream."""

    lines: int = 0
    sales: Credits = field(default_factory=Credits)
    returns: TakenBack = field(default_factory=TakenBack)

    def figures(self) -> list[tuple[str, int]]:
        """Return what became of it, by name: of its sales, then of its returns."""
        sold, back = self.sales, self.returns
        return [
            ("Lines", self.lines),
            ("Credited", sold.credited),
            ("Credited before", sold.replayed),
            ("Claimable with the till's receipt", sold.claimable),
            *((f"Refused: {reason}", count) for reason, count in sold.refused.most_common()),
            ("Grams of CO2e saved", sold.grams),
            ("Points", sold.points),
            ("Returned", back.returned),
            ("Returned before", back.replayed),
            *((f"Refused return: {reason}", count) for reason, count in back.refused.most_common()),
            ("Units returned", back.units),
            ("Grams of CO2e taken back", back.grams),
            ("Points taken back", back.points),
        ]


async def replay(
    programme_id: UUID,
    sales: Iterable[Reported],
    *,
    as_of_data: bool = True,
    done: Callable[[int], None] = lambda _: None,
) -> Tally:
    """Credit sales in the order in which they come, and tell `done` after each batch how many lines it had.

    A return may stand before its sale, however far.

    With `as_of_data`, what counts as too old or as the future is judged at the latest sale so far instead of now, as it
    would have been had they been reported as they happened; a sale after this very moment is still the future.
    """
    tally, keys = Tally(), till_keys()
    early: list[tuple[datetime, ReportedReturn]] = []
    for batch, now in _timed(iter(sales), as_of_data=as_of_data):
        sold = [each for each in batch if each[1].quantity >= 0]
        back = [(retailer_id, return_of(line)) for retailer_id, line in batch if line.quantity < 0]
        if sold:
            tally.sales.add(await _sold(programme_id, sold, keys, now))
        if back:
            outcomes = await _back(programme_id, back, keys, now)
            early += [(now, each) for each, outcome in zip(back, outcomes, strict=True) if _is_early(outcome)]
            tally.returns.add([each for each in outcomes if not _is_early(each)])
        tally.lines += len(batch)
        done(len(batch))
    # At the time they came: none is too old for having waited for the rest of the stream.
    for came, waiting in groupby(early, key=itemgetter(0)):
        tally.returns.add(await _back(programme_id, [each for _, each in waiting], keys, came))
    return tally


async def _sold(programme_id: UUID, lines: Sequence[Reported], keys: TillKeys, now: datetime) -> list[Outcome]:
    async with transaction() as session:
        return await record_reported(session, programme_id, lines, keys=keys, now=now)


async def _back(
    programme_id: UUID, lines: Sequence[ReportedReturn], keys: TillKeys, now: datetime
) -> list[ReturnOutcome]:
    async with transaction() as session:
        return await record_returns(session, programme_id, lines, keys=keys, now=now)


def _is_early(outcome: ReturnOutcome) -> bool:
    """Tell whether the sale of a return may still come."""
    return not isinstance(outcome, Returned) and outcome.reason is Reason.NO_SUCH_SALE


def _timed(sales: Iterator[Reported], *, as_of_data: bool) -> Iterator[tuple[list[Reported], datetime]]:
    """Yield batches, each with the time it is judged at."""
    latest: datetime | None = None
    while batch := list(islice(sales, BATCH)):
        newest = max(line.sold_at for _, line in batch)
        latest = newest if latest is None else max(latest, newest)
        yield batch, min(latest, clock.now()) if as_of_data else clock.now()
