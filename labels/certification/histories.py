"""Certificates with everything that happened to them, and what may be done with their marks: one statement a batch."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.certificates import EventFact, Status, status_on, valid_until_on
from labels.certification.mark_use import MarkRules, MarkUse, mark_use_on
from labels.queries import run

_SELECT: Final = """
    SELECT c.id, c.number, c.scheme, c.kind, c.gtin, c.footprint_id, c.valid_from, c.valid_until, c.recorded_at,
        o.id, o.name_zh, o.name_en,
        s.name_zh, s.name_en, s.owner_zh, s.owner_en, s.region, s.self_declared,
        s.placements, s.must_show, s.rules_zh, s.rules_en, s.source, s.source_row,
        e.kind, e.effective_on, e.recorded_at, e.valid_until, e.actor, e.reason
    FROM certificate AS c
    JOIN organization AS o ON o.id = c.certifier_id
    LEFT JOIN scheme AS s ON s.id = c.scheme
    LEFT JOIN certificate_event AS e ON e.certificate_id = c.id
"""
_ORDER: Final = "ORDER BY c.number, e.effective_on, e.recorded_at, e.id"
_NUMBERED: Final = text(f"{_SELECT} WHERE c.number = ANY(CAST(:numbers AS varchar[])) {_ORDER}")
_OF_PRODUCTS: Final = text(f"{_SELECT} WHERE c.gtin = ANY(CAST(:gtins AS varchar[])) {_ORDER}")
_STAFF: Final = "staff:"


@dataclass(frozen=True, slots=True)
class RecordedEvent(EventFact):
    """An event with who recorded it and why."""

    actor: str = ""
    reason: str = ""

    @property
    def recorded_by(self) -> str:
        """Say whether the certifier or the register's own staff recorded it; who in person is nobody else's concern."""
        return "registry" if self.actor.startswith(_STAFF) else "certifier"


@dataclass(frozen=True, slots=True)
class SchemeFact:
    """The scheme of a certificate. One that is not in the table of schemes has only its name."""

    id: str
    name_zh: str
    name_en: str
    owner_zh: str
    owner_en: str
    region: str
    self_declared: bool
    rules: MarkRules | None


@dataclass(frozen=True, slots=True)
class History:
    """A certificate and its events, in the order in which they count."""

    id: UUID
    number: str
    scheme: SchemeFact
    kind: str
    gtin: str
    footprint_id: UUID | None
    valid_from: date
    valid_until: date
    recorded_at: datetime
    certifier_id: UUID
    certifier_name_zh: str
    certifier_name_en: str
    events: tuple[RecordedEvent, ...]

    def status_on(self, day: date, known_at: datetime | None = None) -> Status:
        """Return where it stands on `day`, as known at a time."""
        return status_on(self.events, self.valid_from, self.valid_until, day, known_at)

    def valid_until_on(self, day: date, known_at: datetime | None = None) -> date:
        """Return the first day it no longer holds, as of `day` and as known at a time."""
        return valid_until_on(self.events, self.valid_until, day, known_at)

    def known(self, known_at: datetime | None) -> tuple[RecordedEvent, ...]:
        """Return the events that were recorded by `known_at`."""
        return tuple(each for each in self.events if known_at is None or each.recorded_at <= known_at)

    def mark_use_on(self, day: date, known_at: datetime | None = None) -> MarkUse | None:
        """Return what may be done with its mark, or None when its scheme's rules are not known here."""
        if self.scheme.rules is None:
            return None
        return mark_use_on(self.status_on(day, known_at), self.valid_until_on(day, known_at), self.scheme.rules)


async def histories(session: AsyncSession, numbers: Collection[str]) -> dict[str, History]:
    """Return the certificates among `numbers` that are registered, by number, in one statement."""
    rows = await run(session, _NUMBERED, {"numbers": sorted(set(numbers))})
    return {each.number: each for each in _folded(rows)}


async def histories_of(session: AsyncSession, gtins: Collection[str]) -> list[History]:
    """Return the certificates of products, in order of number, in one statement."""
    return _folded(await run(session, _OF_PRODUCTS, {"gtins": sorted(set(gtins))}))


def _folded(rows: Sequence[Sequence[Any]]) -> list[History]:
    events: dict[UUID, list[RecordedEvent]] = {}
    first: dict[UUID, Sequence[Any]] = {}
    for row in rows:
        first.setdefault(row[0], row)
        events.setdefault(row[0], [])
        if row[24] is not None:
            events[row[0]].append(RecordedEvent(*row[24:30]))
    return [_history(row, tuple(events[identifier])) for identifier, row in first.items()]


def _history(row: Sequence[Any], events: tuple[RecordedEvent, ...]) -> History:
    number, scheme, kind, gtin, footprint_id, valid_from, valid_until, recorded_at = row[1:9]
    return History(
        row[0],
        number,
        _scheme(scheme, row),
        kind,
        gtin,
        footprint_id,
        valid_from,
        valid_until,
        recorded_at,
        row[9],
        row[10],
        row[11],
        events,
    )


def _scheme(identifier: str, row: Sequence[Any]) -> SchemeFact:
    if row[12] is None:
        return SchemeFact(identifier, identifier, identifier, "", "", "", False, None)
    name_zh, name_en, owner_zh, owner_en, region, self_declared = row[12:18]
    rules = MarkRules(tuple(row[18]), tuple(row[19]), *row[20:24])
    return SchemeFact(identifier, name_zh, name_en, owner_zh, owner_en, region, self_declared, rules)
