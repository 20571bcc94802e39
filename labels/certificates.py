"""What a certificate's events make of it, as of a day. Pure: the events are the only truth, the status follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What can happen to a certificate."""

    ISSUED = "issued"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Status(StrEnum):
    """Where a certificate stands on a day."""

    NOT_ISSUED = "not_issued"
    VALID = "valid"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class EventFact:
    """One thing that happened, on `effective_on`, and when the registry learned of it."""

    kind: str
    effective_on: date
    recorded_at: datetime


def _in_order(event: EventFact) -> tuple[date, datetime]:
    return event.effective_on, event.recorded_at


def status_on(events: Sequence[EventFact], valid_from: date, valid_until: date, day: date) -> Status:
    """Return where a certificate stands on `day`; only `Status.VALID` earns anything.

    Events count from their effective day on, in the order (effective day, recorded time), so that an event recorded
    late takes effect on the day it names. Before its issue a certificate is not valid. Withdrawn is final from its day
    on, and so is expired, except that a withdrawal still withdraws. A suspension lasts until reinstated. Outside
    [valid_from, valid_until) it is not valid whatever its events say.
    """
    status = Status.NOT_ISSUED
    for event in events if len(events) == 1 else sorted(events, key=_in_order):
        if event.effective_on > day:
            break
        status = _after(status, event.kind)
    if status is Status.WITHDRAWN or status is Status.NOT_ISSUED:
        return status
    if day >= valid_until:
        return Status.EXPIRED
    return Status.NOT_ISSUED if day < valid_from else status


def _after(status: Status, kind: str) -> Status:
    """Return the status after an event of `kind`; an event that makes no sense where it stands changes nothing."""
    if kind == EventKind.WITHDRAWN:
        return Status.WITHDRAWN
    if kind == EventKind.ISSUED:
        return Status.VALID if status is Status.NOT_ISSUED else status
    if kind == EventKind.SUSPENDED:
        return Status.SUSPENDED if status is Status.VALID else status
    if kind == EventKind.REINSTATED:
        return Status.VALID if status is Status.SUSPENDED else status
    return Status.EXPIRED if status in {Status.VALID, Status.SUSPENDED} else status


def issued_on(events: Sequence[EventFact]) -> date | None:
    """Return the day a certificate was first issued, or None when it never was."""
    return min((event.effective_on for event in events if event.kind == EventKind.ISSUED), default=None)
