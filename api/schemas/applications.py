"""Applications for certificates, as makers send them and certifiers work through them."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import Field

from api.schemas import Code, Day, Line, Name, Schema, Slug
from labels import registrations
from labels.catalogue import CertificateKind
from labels.certification import applications
from labels.certification.application_queries import Application
from labels.certification.transitions import Step


class NewApplication(Schema):
    """A request for a certificate on a product of your own."""

    gtin: Code
    scheme_id: Slug = Field(description="One of `/v1/schemes`.")
    certifier_id: UUID = Field(description="The certifier it goes to; yourself for a self-declaration.")
    footprint_id: UUID | None = Field(None, description="The footprint to be certified, one of the same product's.")

    def as_row(self, applicant_id: UUID, actor: str) -> registrations.NewApplication:
        """Return the application as the registry takes it."""
        return registrations.NewApplication(
            self.gtin, self.scheme_id, applicant_id, self.certifier_id, self.footprint_id, actor
        )


class NewStep(Schema):
    """The next step. Granting it gives the certificate's number and period."""

    step: Literal[
        Step.REVIEWED,
        Step.RETURNED,
        Step.RESUBMITTED,
        Step.SITE_CHECKED,
        Step.GRANTED,
        Step.REFUSED,
        Step.RETRACTED,
    ]
    effective_on: Day
    reason: Line = Field(description="What was found, and why; both sides see it.")
    number: Name | None = Field(None, description="Of the certificate that is granted.")
    valid_from: Day | None = None
    valid_until: Day | None = Field(None, description="The first day the certificate no longer holds.")

    def as_row(self, application_id: UUID, by_id: UUID, actor: str) -> applications.NewStep:
        """Return the step as the registry takes it."""
        return applications.NewStep(application_id=application_id, by_id=by_id, actor=actor, **dict(self))


class StepView(Schema):
    """A step that was taken."""

    step: Step
    effective_on: date
    recorded_at: datetime
    reason: str
    certificate_number: str | None


class ApplicationPage(Schema):
    """An application and everything that happened to it."""

    application_id: UUID
    stage: Step
    gtin: str
    scheme_id: str
    kind: CertificateKind
    footprint_id: UUID | None
    applicant_id: UUID
    certifier_id: UUID
    certificate_number: str | None
    steps: list[StepView]

    @classmethod
    def of(cls, application: Application) -> Self:
        """Return an application as its two sides see it."""
        return cls(
            application_id=application.id,
            stage=application.stage,
            gtin=application.gtin,
            scheme_id=application.scheme_id,
            kind=CertificateKind(application.kind),
            footprint_id=application.footprint_id,
            applicant_id=application.applicant_id,
            certifier_id=application.certifier_id,
            certificate_number=application.certificate_number,
            steps=[StepView.model_validate(each) for each in application.steps],
        )


class ApplicationList(Schema):
    """Applications, newest first."""

    applications: list[ApplicationPage]
    next_cursor: str | None
