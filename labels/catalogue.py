"""The registry's front for everybody who puts something into it: each use case takes a batch and answers row by row.

Sessions come first, nothing commits, and every batch costs a fixed number of statements.
"""

from labels.footprints import register_footprints
from labels.issuance import record_event, record_events, register_certificates
from labels.products import register_categories, register_organization, register_products
from labels.registrations import (
    CertificateKind,
    NewCategory,
    NewCertificate,
    NewEvent,
    NewFootprint,
    NewProduct,
    Registered,
    Rejected,
    Result,
    Role,
    Unchanged,
)

__all__ = [
    "CertificateKind",
    "NewCategory",
    "NewCertificate",
    "NewEvent",
    "NewFootprint",
    "NewProduct",
    "Registered",
    "Rejected",
    "Result",
    "Role",
    "Unchanged",
    "record_event",
    "record_events",
    "register_categories",
    "register_certificates",
    "register_footprints",
    "register_organization",
    "register_products",
]
