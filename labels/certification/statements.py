"""What a signed statement says of a certificate: claims that can be checked without asking anybody again. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from labels.certificates import Status

TYPE: Final = "certificate-status+jwt"
"""What a statement is; a token of another type is none, though the same key signed it (RFC 8725, 3.11)."""

HOLDS: Final = timedelta(hours=24)
"""For how long a statement is as good as asking: a certificate may be withdrawn at any time."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What is stated: how a certificate stands on a day, as known at a time."""

    number: str
    status: Status
    as_of: date
    known_at: datetime
    scheme: str
    kind: str
    gtin: str
    certifier_id: str
    certifier_name: str
    valid_from: date
    valid_until: date
    footprint_id: str | None


def claims(stated: Stated, *, issuer: str, now: datetime) -> Mapping[str, object]:
    """Return the claims of a statement made `now` (RFC 7519, 4.1); days are ISO 8601, `iat` and `exp` are seconds."""
    return {
        "iss": issuer,
        "sub": stated.number,
        "iat": int(now.timestamp()),
        "exp": int((now + HOLDS).timestamp()),
        "status": str(stated.status),
        "as_of": stated.as_of.isoformat(),
        "known_at": stated.known_at.isoformat(),
        "scheme": stated.scheme,
        "kind": stated.kind,
        "gtin": stated.gtin,
        "certifier": {"id": stated.certifier_id, "name": stated.certifier_name},
        "valid_from": stated.valid_from.isoformat(),
        "valid_until": stated.valid_until.isoformat(),
        "footprint_id": stated.footprint_id,
    }
