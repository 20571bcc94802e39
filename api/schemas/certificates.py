"""Certificates as certifiers register them, and as anybody may see where they stand."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field

from api.schemas import Code, Day, Line, Moment, Name, Schema
from labels import catalogue
from labels.catalogue import CertificateKind
from labels.certificates import EventKind, Status
from labels.certification.histories import History, SchemeFact
from labels.certification.mark_use import Beside, Placement
from labels.certification.mark_use import MarkUse as MarkUseFact

MOST_NUMBERS = 1_000


class NewCertificate(Schema):
    """A mark on one product. The certifier is the organization whose key is used."""

    number: Name = Field(description="As printed on the certificate; unique over all certifiers.")
    scheme: Name = Field(description="The id of one of /v1/schemes, whose mark is of this kind.")
    kind: CertificateKind
    gtin: Code
    footprint_id: UUID | None = Field(None, description="The footprint it certifies, one of the same product's.")
    valid_from: Day
    valid_until: Day = Field(description="The first day it no longer holds.")
    issued_on: Day | None = Field(None, description="When it differs from valid_from.")

    def as_row(self, certifier_id: UUID, actor: str) -> catalogue.NewCertificate:
        """Return the certificate as the registry takes it."""
        given = {name: value for name, value in dict(self).items() if value is not None}
        return catalogue.NewCertificate(**given, certifier_id=certifier_id, actor=actor)


class NewEvent(Schema):
    """Something that happened to a certificate. It counts from `effective_on`, however late it is recorded."""

    kind: Literal[
        EventKind.SURVEILLED,
        EventKind.SUSPENDED,
        EventKind.REINSTATED,
        EventKind.RENEWED,
        EventKind.WITHDRAWN,
        EventKind.EXPIRED,
    ]
    effective_on: Day
    reason: Line = Field(description="Why; shown to everybody who looks at the certificate.")
    valid_until: Day | None = Field(None, description="Of a renewal: the new first day it no longer holds.")

    def as_row(self, number: str, by_id: UUID, actor: str) -> catalogue.NewEvent:
        """Return the event as the registry takes it."""
        return catalogue.NewEvent(
            number, self.kind, self.effective_on, actor, self.reason, by_id=by_id, valid_until=self.valid_until
        )


class SchemeSummary(Schema):
    """The scheme a mark was given under. One that is not listed in `/v1/schemes` has only its name."""

    id: str
    name_zh: str
    name_en: str
    owner_zh: str
    owner_en: str
    region: str
    self_declared: bool = Field(description="Nobody but the maker answers for it.")

    @classmethod
    def of(cls, scheme: SchemeFact) -> Self:
        """Return a scheme as it is shown."""
        return cls.model_validate({name: getattr(scheme, name) for name in cls.model_fields})


class MarkUse(Schema):
    """What may be done with the mark as of the day, by its scheme's rules."""

    allowed: bool
    until: date | None = Field(description="The first day it may no longer be shown.")
    placements: list[Placement] = Field(description="Where it may be shown.")
    must_show: list[Beside] = Field(description="What must stand beside it.")
    reason_zh: str
    reason_en: str
    rules_zh: str
    rules_en: str
    source: str = Field(description="Where the scheme's rules are published.")

    @classmethod
    def of(cls, use: MarkUseFact | None) -> Self | None:
        """Return the use of a mark as it is shown; None when its rules are not known here."""
        if use is None:
            return None
        return cls(
            allowed=use.allowed,
            until=use.until,
            placements=[Placement(each) for each in use.placements],
            must_show=[Beside(each) for each in use.must_show],
            reason_zh=use.reason_zh,
            reason_en=use.reason_en,
            rules_zh=use.rules.rules_zh,
            rules_en=use.rules.rules_en,
            source=" ".join(filter(None, (use.rules.source, use.rules.source_row))),
        )


class CertificateEventView(Schema):
    """Something that happened, when it counts from, and when the register learned of it."""

    kind: EventKind
    effective_on: date
    recorded_at: datetime
    recorded_by: Literal["certifier", "registry"]
    reason: str
    valid_until: date | None = Field(description="The new end, of a renewal.")


class Certifier(Schema):
    """Who stands for a certificate."""

    organization_id: UUID
    name_zh: str
    name_en: str


class CertificatePage(Schema):
    """A certificate and its history, as of a day and as known at a time."""

    number: str
    status: Status
    as_of: date
    known_at: datetime | None = Field(description="Only what was recorded by then counts; null: everything.")
    scheme: SchemeSummary
    kind: CertificateKind
    gtin: str
    certifier: Certifier
    footprint_id: UUID | None
    valid_from: date
    valid_until: date = Field(description="The first day it no longer holds, after expiries and renewals.")
    mark_use: MarkUse | None = Field(description="Null when the scheme's rules are not known here.")
    events: list[CertificateEventView]

    @classmethod
    def of(cls, history: History, day: date, known_at: datetime | None) -> Self:
        """Return a certificate as it is shown."""
        return cls(
            number=history.number,
            status=history.status_on(day, known_at),
            as_of=day,
            known_at=known_at,
            scheme=SchemeSummary.of(history.scheme),
            kind=CertificateKind(history.kind),
            gtin=history.gtin,
            certifier=Certifier(
                organization_id=history.certifier_id,
                name_zh=history.certifier_name_zh,
                name_en=history.certifier_name_en,
            ),
            footprint_id=history.footprint_id,
            valid_from=history.valid_from,
            valid_until=history.valid_until_on(day, known_at),
            mark_use=MarkUse.of(history.mark_use_on(day, known_at)),
            events=[CertificateEventView.model_validate(each) for each in history.known(known_at)],
        )


class Verifications(Schema):
    """Certificates to look up, all as of one day and as known at one time."""

    numbers: Annotated[list[Name], Field(min_length=1, max_length=MOST_NUMBERS)]
    on: Day | None = Field(None, description="The day that counts; today in China by default.")
    known_at: Moment | None = Field(None, description="Only what was recorded by then counts.")


class Verification(Schema):
    """One certificate: everything is null but the number when no such certificate is known."""

    number: str
    status: Status | None
    scheme: str | None
    kind: CertificateKind | None
    gtin: str | None
    certifier_id: UUID | None
    valid_from: date | None
    valid_until: date | None

    @classmethod
    def of(cls, number: str, history: History | None, day: date, known_at: datetime | None) -> Self:
        """Return where one certificate stands."""
        if history is None or (known_at is not None and history.recorded_at > known_at):
            names = (name for name in cls.model_fields if name != "number")
            return cls.model_validate({"number": number} | dict.fromkeys(names))
        return cls(
            number=number,
            status=history.status_on(day, known_at),
            scheme=history.scheme.id,
            kind=CertificateKind(history.kind),
            gtin=history.gtin,
            certifier_id=history.certifier_id,
            valid_from=history.valid_from,
            valid_until=history.valid_until_on(day, known_at),
        )


class VerificationList(Schema):
    """One answer for each number, in the order they were sent."""

    as_of: date
    known_at: datetime | None
    verifications: list[Verification]
