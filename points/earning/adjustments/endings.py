"""Units that came back: that they are what they were when they were looked up, and what they are from then on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points import ledger
from points.earning.activities import Refusal
from points.earning.adjustments.allotments import Allotment
from points.earning.adjustments.judging import fitting, moved
from points.earning.adjustments.plans import Case
from points.earning.adjustments.sought import Sought, Told
from points.earning.adjustments.values import Done
from points.earning.evidence import unit_claims, unit_stays
from points.earning.evidence.units import NOBODY, Stay, Unit
from points.earning.evidence.whereabouts import Whereabouts
from points.earning.keys import UnitKey, unit_key
from points.errors import StateConflictError


async def still(session: AsyncSession, programme_id: UUID, sought: Iterable[Sought]) -> None:
    """See to it that units are what they were before their residents were locked; from then on they stay so.

    Raises:
        StateConflictError: when one was sold or scanned at this very moment. Nothing was done; try again.
    """
    read = {each.key: each.where.unit for each in sought if each.where is not None and each.key is not None}
    known = {key: unit for key, unit in read.items() if unit is not None}
    if read and await unit_claims.standing(session, programme_id, read.keys()) != known:
        raise StateConflictError("A label's unit was sold at this very moment; send the return again.")


@dataclass(frozen=True, slots=True)
class Batch:
    """Returns of a batch, each once, what was allotted to them and became of that, and the credits as they were."""

    once: Mapping[Told, Sought]
    allotted: Mapping[Told, Allotment | Refusal]
    done: Mapping[Told, Done | Refusal]
    cases: Mapping[UUID, Case]

    def taken(self) -> Iterator[tuple[Sought, Allotment, Done]]:
        """Return those that were taken now."""
        for told, outcome in self.done.items():
            allotment = self.allotted[told]
            if isinstance(outcome, Done) and not outcome.replayed and not isinstance(allotment, Refusal):
                yield self.once[told], allotment, outcome


async def settle(session: AsyncSession, programme_id: UUID, batch: Batch) -> None:
    """Have units that came back be nobody's until they are sold again; give back what was claimed for nothing."""
    stays: dict[UnitKey, Stay] = {}
    back: dict[UnitKey, Unit] = {}
    others: dict[tuple[UnitKey, datetime], Stay] = {}
    for each, allotment, outcome in batch.taken():
        if each.where is not None:
            key, stay = each.where.key, _ended(each, allotment, batch.cases)
            stays[key], back[key] = stay, _once_back(each.where, stay, each, outcome)
            later = moved(each, stay.sold_at, batch.cases) or {}
            others |= {(key, guessed_at): stay for guessed_at, stay in later.items()}
    await unit_claims.save(session, programme_id, list(back.values()))
    await unit_stays.move(session, programme_id, others)
    await unit_stays.save(session, programme_id, stays)
    fresh = {each.key for each in batch.once.values() if each.key is not None and each.fresh}
    await ledger.unclaim(session, programme_id, [unit_key(each) for each in sorted(fresh - back.keys())])


def _once_back(where: Whereabouts, stay: Stay, each: Sought, done: Done) -> Unit:
    taken = [it.activity_id for it in done.adjusted]
    of = taken[0] if taken and stay.resident_id != NOBODY else NOBODY
    return where.once_back(stay, of, label_went=each.label in taken)


def _ended(each: Sought, allotment: Allotment, cases: Mapping[UUID, Case]) -> Stay:
    """Return with whom a unit was that came back now, and from when to when."""
    back_at = each.line.returned_at
    if each.anonymous is not None:
        return Stay(each.anonymous.sold_at, back_at, each.retailer_id, NOBODY)
    of = cases[allotment[0].instead_of or allotment[0].activity_id]
    if not each.guessed:
        return Stay(of.effective_at, back_at, each.retailer_id, of.resident_id)
    # A guess takes what is left; the unit itself was with its buyer since the latest sale at most.
    times = [case.effective_at for case in fitting(each, cases)]
    sold_at = max((time for time in times if time < back_at), default=back_at - timedelta(microseconds=1))
    return Stay(sold_at, back_at, each.retailer_id, of.resident_id, guessed=True)
