"""What a certificate's events make of it, as of a day and as known at a time. Pure: the events are the only truth.

Two times are kept apart: the day an event takes effect, and the moment the registry learned of it. So the register can
be asked how a certificate stands on a day as known now, and how it stood on that day as anybody could know it then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.values import unguarded


class EventKind(StrEnum):
    """What can happen to a certificate."""

    ISSUED = "issued"
    SURVEILLED = "surveilled"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    RENEWED = "renewed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Status(StrEnum):
    """Where a certificate stands on a day."""

    NOT_ISSUED = "not_issued"
    VALID = "valid"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@unguarded
@dataclass(frozen=True, slots=True)
class EventFact:
    """One thing that happened, on `effective_on`, and when the registry learned of it.

    A renewal says the new first day on which the certificate no longer holds, `valid_until`.
    """

    kind: str
    effective_on: date
    recorded_at: datetime
    valid_until: date | None = None


def _in_order(event: EventFact) -> tuple[date, datetime]:
    return event.effective_on, event.recorded_at


def status_on(
    events: Sequence[EventFact], valid_from: date, valid_until: date, day: date, known_at: datetime | None = None
) -> Status:
    """Return where a certificate stands on `day`; only `Status.VALID` earns anything.

    Events count from their effective day on, in the order (effective day, recorded time), so that an event recorded
    late takes effect on the day it names. With `known_at`, events recorded after it do not count: that is what the
    register said of `day` at that moment. Before its issue a certificate is not valid. Withdrawn is final from its day
    on. A suspension lasts until reinstated, over an expiry and a renewal too. Expired, by an event or by its last day,
    lasts until renewed. Outside [valid_from, valid_until) it is not valid whatever its events say; a renewal moves the
    end.
    """
    if len(events) == 1 and known_at is None and events[0].kind == EventKind.ISSUED:  # most, and asked for every sale
        if day < events[0].effective_on or day < valid_from:
            return Status.NOT_ISSUED
        return Status.EXPIRED if day >= valid_until else Status.VALID
    status, until = _replayed(events, valid_until, day, known_at)
    if status is Status.WITHDRAWN or status is Status.NOT_ISSUED:
        return status
    if day < valid_from:
        return Status.NOT_ISSUED
    return Status.EXPIRED if day >= until else status


def valid_until_on(events: Sequence[EventFact], valid_until: date, day: date, known_at: datetime | None = None) -> date:
    """Return the first day a certificate no longer holds, after the expiries and renewals that count on `day`."""
    return _replayed(events, valid_until, day, known_at)[1]


def _replayed(events: Sequence[EventFact], until: date, day: date, known_at: datetime | None) -> tuple[Status, date]:
    """Return the status after the events that count on `day`, but for its end, and the first day past that end."""
    status = Status.NOT_ISSUED
    for event in events if len(events) == 1 else sorted(events, key=_in_order):
        if event.effective_on > day:
            break
        if known_at is not None and event.recorded_at > known_at:
            continue
        status = _after(status, event.kind)
        if status is not Status.NOT_ISSUED:
            until = _until_after(until, event)
    return status, until


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
    return status


def _until_after(until: date, event: EventFact) -> date:
    """Return the end of a certificate after an event: an expiry brings it forward, a renewal sets it anew."""
    if event.kind == EventKind.EXPIRED:
        return min(until, event.effective_on)
    if event.kind == EventKind.RENEWED and event.valid_until is not None:
        return event.valid_until
    return until


def issued_on(events: Sequence[EventFact]) -> date | None:
    """Return the day a certificate was first issued, or None when it never was."""
    return min((event.effective_on for event in events if event.kind == EventKind.ISSUED), default=None)
