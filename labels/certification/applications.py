"""Applications for certificates: sent by a maker, worked through by a certifier, and granted into a certificate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels.certification.application_queries import Application, locked
from labels.certification.tables import ApplicationStep, CertificateApplication
from labels.certification.transitions import Party, Step, longest_end, step_refusal
from labels.errors import InvalidCodeError
from labels.gtin import parse_code
from labels.issuance import register_certificates
from labels.queries import run
from labels.registrations import (
    Batch,
    NewApplication,
    NewCertificate,
    Registered,
    Rejected,
    Result,
    Role,
    Unchanged,
    text_fault,
)
from labels.writes import insert

_REFERENCES: Final = text("""
    SELECT 'scheme', id, CASE WHEN self_declared THEN 'self' ELSE '' END, NULL FROM scheme
    WHERE id = ANY(CAST(:schemes AS varchar[]))
    UNION ALL SELECT 'organization', CAST(id AS varchar), roles, NULL FROM organization
    WHERE id = ANY(CAST(:organizations AS uuid[]))
    UNION ALL SELECT 'product', gtin, CAST(registered_by_id AS varchar), CAST(maker_id AS varchar) FROM product
    WHERE gtin = ANY(CAST(:gtins AS varchar[]))
    UNION ALL SELECT 'footprint', CAST(id AS varchar), gtin, NULL FROM footprint
    WHERE id = ANY(CAST(:footprints AS uuid[]))
""")


@dataclass(frozen=True, slots=True)
class NewStep:
    """The next step of an application. Granting gives the certificate its number and its period."""

    application_id: UUID
    step: str
    effective_on: date
    by_id: UUID
    actor: str
    reason: str = ""
    number: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None


async def submit(session: AsyncSession, rows: Sequence[NewApplication], *, now: datetime, day: date) -> list[Result]:
    """Take applications, submitted on `day`: three statements for any number of them."""
    batch = Batch(len(rows))
    known = await _references(session, rows)
    applications: list[dict[str, object]] = []
    steps: list[dict[str, object]] = []
    for place, row in enumerate(rows):
        gtin = _key(row.gtin) or ""
        fault = _application_fault(row, gtin, known)
        if fault is not None:
            batch.answer(place, fault)
            continue
        made: dict[str, object] = {
            "id": new_id(),
            "gtin": gtin,
            "scheme_id": row.scheme_id,
            "footprint_id": row.footprint_id,
            "applicant_id": row.applicant_id,
            "certifier_id": row.certifier_id,
            "recorded_at": now,
        }
        applications.append(made)
        steps.append(_step(UUID(str(made["id"])), Step.SUBMITTED, day, row.actor, "", now, None))
        batch.answer(place, Registered(UUID(str(made["id"])), Step.SUBMITTED))
    await insert(session, CertificateApplication, applications)
    await insert(session, ApplicationStep, steps)
    return batch.results()


async def record_steps(session: AsyncSession, rows: Sequence[NewStep], *, now: datetime) -> list[Result]:
    """Take the next step of each application; granting registers the certificate. One row for each application.

    A step that can not be taken from where the application is, or not by this organization, is rejected. An
    application of others is not found.
    """
    batch = Batch(len(rows))
    known = await locked(session, [row.application_id for row in rows])
    taken: list[tuple[int, NewStep]] = []
    for place, row in enumerate(rows):
        fault = _step_fault(row, known.get(row.application_id), [each.application_id for _, each in taken])
        if fault is not None:
            batch.answer(place, fault)
        else:
            taken.append((place, row))
    granted = [(place, row) for place, row in taken if row.step == Step.GRANTED]
    certificates = [_certificate(row, known[row.application_id]) for _, row in granted]
    registered = await register_certificates(session, certificates, now=now)
    made = {place: result for (place, _), result in zip(granted, registered, strict=True)}
    steps: list[dict[str, object]] = []
    for place, row in taken:
        result = made.get(place)
        if result is not None and not isinstance(result, Registered):
            batch.answer(place, _ungranted(row, result))
            continue
        certificate_id = None if result is None else UUID(str(result.id))
        steps.append(_step(row.application_id, row.step, row.effective_on, row.actor, row.reason, now, certificate_id))
        batch.answer(place, Registered(UUID(str(steps[-1]["id"])), row.step))
    await insert(session, ApplicationStep, steps)
    return batch.results()


def _ungranted(row: NewStep, result: Rejected | Unchanged) -> Rejected:
    """Return why a certificate could not be registered, by the step's own fields."""
    if isinstance(result, Unchanged):
        return Rejected("number", f"{row.number} is registered already.", taken=True)
    return replace(result, field="effective_on") if result.field == "issued_on" else result


async def _references(session: AsyncSession, rows: Sequence[NewApplication]) -> dict[tuple[str, str], Sequence[Any]]:
    """Return the schemes, organizations, products and footprints that applications name, in one statement."""
    parameters: dict[str, object] = {
        "schemes": sorted({row.scheme_id for row in rows}),
        "organizations": sorted({each for row in rows for each in (row.applicant_id, row.certifier_id)}),
        "gtins": sorted({key for row in rows if (key := _key(row.gtin)) is not None}),
        "footprints": sorted({row.footprint_id for row in rows if row.footprint_id is not None}),
    }
    return {(row[0], row[1]): row[2:] for row in await run(session, _REFERENCES, parameters)}


def _key(gtin: str) -> str | None:
    try:
        return parse_code(gtin).gtin
    except InvalidCodeError:
        return None


def _application_fault(row: NewApplication, gtin: str, known: dict[tuple[str, str], Sequence[Any]]) -> Rejected | None:
    product, scheme = known.get(("product", gtin)), known.get(("scheme", row.scheme_id))
    if product is None or str(row.applicant_id) not in product:
        return Rejected("gtin", f"{row.gtin[:40]} is no product of yours; register it under your key first.")
    if scheme is None:
        return Rejected("scheme_id", f"{row.scheme_id[:60]} is no scheme; see /v1/schemes for those there are.")
    if row.footprint_id is not None and known.get(("footprint", str(row.footprint_id)), ("",))[0] != gtin:
        return Rejected("footprint_id", "must be a registered footprint of the same product.")
    own = row.certifier_id == row.applicant_id
    if own is not (scheme[0] == "self"):
        who = "another organization: nobody certifies their own product" if own else "yourself: it is your own claim"
        return Rejected("certifier_id", f"must be {who}.")
    if not own and Role.CERTIFIER not in known.get(("organization", str(row.certifier_id)), ("",))[0].split(","):
        return Rejected("certifier_id", "must be a registered organization whose role is certifier.")
    return text_fault("actor", row.actor, required=False)


def _step_fault(row: NewStep, application: Application | None, taken: Sequence[UUID]) -> Rejected | None:
    if application is None or row.by_id not in {application.applicant_id, application.certifier_id}:
        return Rejected("application_id", "is no application of yours.")
    if row.application_id in taken:
        return Rejected("application_id", "stands twice in this batch; send one step at a time.")
    parties = {Party.APPLICANT} if row.by_id == application.applicant_id else set()
    parties |= {Party.CERTIFIER} if row.by_id == application.certifier_id else set()
    refusal = step_refusal(
        row.step,
        application.stage,
        frozenset(parties),
        self_declared=application.self_declared,
        site_check=application.site_check,
    )
    if refusal is not None:
        return Rejected("step", refusal)
    if row.effective_on < application.last_on:
        return Rejected("effective_on", f"must not be before the step before it, on {application.last_on}.")
    needed = row.step == Step.GRANTED
    for name in ("number", "valid_from", "valid_until"):
        if needed is (getattr(row, name) is None):
            return Rejected(
                name, "is needed to grant a certificate." if needed else "is for granting only; leave it out."
            )
    return (
        _length_fault(row, application)
        or text_fault("actor", row.actor)
        or text_fault("reason", row.reason, required=False)
    )


def _length_fault(row: NewStep, application: Application) -> Rejected | None:
    """Return that a certificate would hold for longer than its scheme lets it, if it would."""
    if row.valid_from is None or row.valid_until is None or application.months_valid is None:
        return None
    latest = longest_end(row.valid_from, application.months_valid)
    if row.valid_until <= latest:
        return None
    months = f"{application.scheme_id} holds for {application.months_valid} months at most"
    return Rejected("valid_until", f"must be {latest} or before, for {months}.")


def _certificate(row: NewStep, application: Application) -> NewCertificate:
    assert row.number is not None  # _step_fault saw to the three
    assert row.valid_from is not None
    assert row.valid_until is not None
    return NewCertificate(
        row.number,
        application.scheme_id,
        application.kind,
        application.gtin,
        application.certifier_id,
        row.valid_from,
        row.valid_until,
        footprint_id=application.footprint_id,
        issued_on=row.effective_on,
        actor=row.actor,
        self_declared=application.self_declared,
    )


def _step(
    application_id: UUID,
    step: str,
    effective_on: date,
    actor: str,
    reason: str,
    now: datetime,
    certificate_id: UUID | None,
) -> dict[str, object]:
    return {
        "id": new_id(),
        "application_id": application_id,
        "step": str(step),
        "effective_on": effective_on,
        "recorded_at": now,
        "actor": actor,
        "reason": reason,
        "certificate_id": certificate_id,
    }
