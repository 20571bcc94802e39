"""Certificates and what happens to them: a certificate is a row and its events, and events are only ever added."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels.certificates import EventFact, EventKind, status_on, valid_until_on
from labels.certification.transitions import Party, event_refusal
from labels.errors import InvalidCodeError
from labels.gtin import parse_code
from labels.queries import run
from labels.registrations import (
    Batch,
    CertificateKind,
    NewCertificate,
    NewEvent,
    Registered,
    Rejected,
    Result,
    Role,
    Unchanged,
    certificate_fault,
    other_values,
    text_fault,
)
from labels.tables import Certificate, CertificateEvent
from labels.writes import insert

_CERTIFICATES: Final = text("""
    SELECT number, id, scheme, kind, gtin, certifier_id, valid_from, valid_until, footprint_id FROM certificate
    WHERE number = ANY(CAST(:numbers AS varchar[]))
""")
# Locked, so that of two who suspend one certificate at once the second is told that it is suspended.
_LOCKED: Final = text(f"{_CERTIFICATES.text} ORDER BY number FOR NO KEY UPDATE")
_PRODUCTS: Final = text("SELECT gtin, maker_id FROM product WHERE gtin = ANY(CAST(:gtins AS varchar[]))")
_FOOTPRINTS: Final = text("SELECT id, gtin FROM footprint WHERE id = ANY(CAST(:ids AS uuid[]))")
_CERTIFIERS: Final = text("""
    SELECT CAST(id AS varchar), roles FROM organization WHERE id = ANY(CAST(:ids AS uuid[]))
    UNION ALL SELECT id, kind FROM scheme WHERE id = ANY(CAST(:schemes AS varchar[]))
""")
_EVENTS: Final = text("""
    SELECT certificate_id, kind, effective_on, recorded_at, valid_until FROM certificate_event
    WHERE certificate_id = ANY(CAST(:ids AS uuid[])) ORDER BY id
""")
_COMPARED: Final = ("scheme", "kind", "gtin", "certifier_id", "valid_from", "valid_until", "footprint_id")


async def register_certificates(
    session: AsyncSession, rows: Sequence[NewCertificate], *, now: datetime
) -> list[Result]:
    """Register certificates, each with the event of its issue."""
    batch = Batch(len(rows))
    numbers: dict[str, object] = {"numbers": sorted({row.number for row in rows})}
    known = {row[0]: (row[1], tuple(row[2:])) for row in await run(session, _CERTIFICATES, numbers)}
    references = await _references(session, rows)
    fresh: dict[str, tuple[int, dict[str, object], dict[str, object]]] = {}
    for place, row in enumerate(rows):
        fault = certificate_fault(row) or _unknown(row, references)
        if fault is not None:
            batch.answer(place, fault)
            continue
        values = tuple(getattr(row, name) if name != "gtin" else _key(row.gtin) for name in _COMPARED)
        identifier, before = known.setdefault(row.number, (new_id(), values))
        if before is values:
            columns = dict(zip(_COMPARED, values, strict=True))
            columns |= {"id": identifier, "number": row.number, "recorded_at": now}
            issued = _event(identifier, EventKind.ISSUED, row.issued_on or row.valid_from, row.actor, "", now)
            fresh[row.number] = (place, columns, issued)
        elif before == values:
            batch.answer(place, Unchanged(identifier))
        else:
            batch.answer(place, other_values("number", row.number, _COMPARED, before, values))
    ordered = [fresh[number] for number in sorted(fresh)]
    new = await insert(session, Certificate, [columns for _, columns, _ in ordered])
    await insert(session, CertificateEvent, [issued for _, columns, issued in ordered if columns["id"] in new])
    for place, columns, _ in ordered:
        raced = Rejected("number", "was registered by somebody else at this moment; send it again.")
        batch.answer(place, Registered(known[str(columns["number"])][0]) if columns["id"] in new else raced)
    return batch.results()


@dataclass(frozen=True, slots=True)
class _References:
    """What certificates refer to.

    `makers` of products by GTIN, `footprints` with their product, and by id as text the roles of organizations and the
    kinds of schemes, which no id can be both of.
    """

    makers: dict[str, UUID | None]
    footprints: dict[UUID, str]
    known: dict[str, str]


async def _references(session: AsyncSession, rows: Sequence[NewCertificate]) -> _References:
    products = await run(session, _PRODUCTS, {"gtins": sorted({key for row in rows if (key := _key(row.gtin))})})
    footprints = await run(session, _FOOTPRINTS, {"ids": [row.footprint_id for row in rows if row.footprint_id]})
    named: dict[str, object] = {
        "ids": sorted({row.certifier_id for row in rows}),
        "schemes": sorted({row.scheme for row in rows}),
    }
    known = await run(session, _CERTIFIERS, named)
    return _References(
        {row[0]: row[1] for row in products},
        {row[0]: row[1] for row in footprints},
        {row[0]: row[1] for row in known},
    )


async def record_events(session: AsyncSession, rows: Sequence[NewEvent], *, now: datetime) -> list[Result]:
    """Add events to certificates, in the order of the rows. One that makes no sense on its day is rejected."""
    batch = Batch(len(rows))
    numbers: dict[str, object] = {"numbers": sorted({row.number for row in rows})}
    known = {row[0]: row for row in await run(session, _LOCKED, numbers)}
    events: dict[UUID, list[EventFact]] = defaultdict(list)
    for each in await run(session, _EVENTS, {"ids": [row[1] for row in known.values()]}):
        events[each[0]].append(EventFact(*each[1:]))
    fresh: list[dict[str, object]] = []
    for place, row in enumerate(rows):
        certificate = known.get(row.number)
        fault = _event_fault(row, certificate, events)
        if fault is not None or certificate is None:
            batch.answer(place, fault or Rejected("number", "is not registered."))
            continue
        made = _event(certificate[1], row.kind, row.effective_on, row.actor, row.reason, now, row.valid_until)
        events[certificate[1]].append(EventFact(row.kind, row.effective_on, now, row.valid_until))
        fresh.append(made)
        batch.answer(place, Registered(UUID(str(made["id"]))))
    await insert(session, CertificateEvent, fresh)
    return batch.results()


async def record_event(session: AsyncSession, row: NewEvent, *, now: datetime) -> Result:
    """Add one event to a certificate."""
    return (await record_events(session, [row], now=now))[0]


def _key(gtin: str) -> str | None:
    try:
        return parse_code(gtin).gtin
    except InvalidCodeError:
        return None


def _unknown(row: NewCertificate, references: _References) -> Rejected | None:
    """Return which of the things a certificate refers to is not registered, if one is not."""
    key = _key(row.gtin) or ""
    if key not in references.makers:
        return Rejected("gtin", f"{row.gtin[:40]} is not registered; register the product first.")
    if row.footprint_id is not None and references.footprints.get(row.footprint_id) != key:
        return Rejected("footprint_id", "must be a registered footprint of the same product.")
    role = Role.MAKER if row.self_declared else Role.CERTIFIER
    if role not in references.known.get(str(row.certifier_id), "").split(","):
        return Rejected("certifier_id", f"must be a registered organization whose role is {role}.")
    if not row.self_declared and row.certifier_id == references.makers[key]:
        return Rejected("certifier_id", "must be another organization than its maker: nobody certifies their own.")
    return _scheme_fault(row, references.known.get(row.scheme))


def _scheme_fault(row: NewCertificate, kind: str | None) -> Rejected | None:
    """Return why a certificate can not be under its scheme, if it can not; `kind` is what the scheme's mark says."""
    if kind not in set(CertificateKind):
        return Rejected("scheme", f"{row.scheme[:60]} is no scheme; see /v1/schemes for those there are.")
    return None if kind == row.kind else Rejected("kind", f"must be {kind}, as the mark of {row.scheme} says.")


def _event_fault(
    row: NewEvent, certificate: Sequence[Any] | None, events: dict[UUID, list[EventFact]]
) -> Rejected | None:
    if certificate is None:
        return Rejected("number", f"{row.number[:80]} is not registered; register the certificate first.")
    if row.by_id is not None and row.by_id != certificate[5]:
        return Rejected("number", f"{row.number} is another certifier's.")
    stands = status_on(events[certificate[1]], certificate[6], certificate[7], row.effective_on)
    refusal = event_refusal(row.kind, stands, Party.REGISTRY if row.by_id is None else Party.CERTIFIER)
    if refusal is not None:
        return Rejected("kind", f"{row.number}, {row.effective_on}: {refusal}")
    until = valid_until_on(events[certificate[1]], certificate[7], row.effective_on)
    return (
        _renewal_fault(row, until) or text_fault("actor", row.actor) or text_fault("reason", row.reason, required=False)
    )


def _renewal_fault(row: NewEvent, until: date) -> Rejected | None:
    """Return what is wrong with the end that an event gives, if anything is; `until` is the end it had."""
    if row.kind != EventKind.RENEWED:
        return None if row.valid_until is None else Rejected("valid_until", "is for renewals only; leave it out.")
    if row.valid_until is None or row.valid_until <= max(row.effective_on, until):
        return Rejected("valid_until", f"must be after effective_on and after the end it had, {until}.")
    return None


def _event(
    certificate_id: UUID,
    kind: str,
    effective_on: date,
    actor: str,
    reason: str,
    now: datetime,
    valid_until: date | None = None,
) -> dict[str, object]:
    return {
        "id": new_id(),
        "certificate_id": certificate_id,
        "kind": str(kind),
        "effective_on": effective_on,
        "recorded_at": now,
        "actor": actor,
        "reason": reason,
        "valid_until": valid_until,
    }
