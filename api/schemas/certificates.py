"""Certificates as certifiers register them."""

from uuid import UUID

from pydantic import Field

from api.schemas import Code, Day, Name, Schema
from labels import catalogue
from labels.catalogue import CertificateKind


class NewCertificate(Schema):
    """A mark on one product. The certifier is the organization whose key is used."""

    number: Name = Field(description="As printed on the certificate; unique over all certifiers.")
    scheme: Name
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
