"""Where, how and until when a mark may be shown, from its scheme's rules and the certificate's status. Pure.

Rules with sources are data (the table of schemes). What is the same for all of them is here: a mark may be put on
something only while its certificate is valid, and not beyond its last day. None of the schemes' published rules grants
a time to use up printed packaging, so none is granted here.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from labels.certificates import Status


class Placement(StrEnum):
    """Where a mark may be shown."""

    PRODUCT = "product"
    PACKAGING = "packaging"
    DOCUMENTS = "documents"
    ADVERTISING = "advertising"
    WEBSITE = "website"


class Beside(StrEnum):
    """What must stand beside a mark."""

    FIGURE = "figure"
    BOUNDARY = "boundary"
    CERTIFICATE_NUMBER = "certificate_number"
    CERTIFIER = "certifier"
    DECLARER = "declarer"


@dataclass(frozen=True, slots=True)
class MarkRules:
    """What a scheme says of the use of its mark."""

    placements: tuple[str, ...]
    must_show: tuple[str, ...]
    rules_zh: str
    rules_en: str
    source: str
    source_row: str


@dataclass(frozen=True, slots=True)
class MarkUse:
    """What may be done with a mark as of a day; `until` is the first day it may no longer be shown."""

    allowed: bool
    until: date | None
    placements: tuple[str, ...]
    must_show: tuple[str, ...]
    reason_zh: str
    reason_en: str
    rules: MarkRules


_WHY_NOT: Final = {
    Status.NOT_ISSUED: (
        "证书尚未生效，不得使用标识。",
        "The certificate does not hold yet; the mark may not be shown.",
    ),
    Status.SUSPENDED: (
        "证书已暂停，暂停期间不得使用标识。",
        "The certificate is suspended; the mark may not be shown until it is reinstated.",
    ),
    Status.WITHDRAWN: (
        "证书已撤销，不得再使用标识。",
        "The certificate is withdrawn; the mark may not be shown any more.",
    ),
    Status.EXPIRED: (
        "证书已过期，不得再使用标识。",
        "The certificate has expired; the mark may not be shown until it is renewed.",
    ),
}


def mark_use_on(status: Status, valid_until: date, rules: MarkRules) -> MarkUse:
    """Return what a certificate that stands at `status` allows under its scheme's rules."""
    if status is not Status.VALID:
        reason_zh, reason_en = _WHY_NOT[status]
        return MarkUse(False, None, (), (), reason_zh, reason_en, rules)
    reason_zh = f"证书有效，标识可使用至 {valid_until} 前。"
    reason_en = f"The certificate is valid; the mark may be shown before {valid_until}."
    return MarkUse(True, valid_until, rules.placements, rules.must_show, reason_zh, reason_en, rules)
