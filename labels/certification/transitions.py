"""What may happen next to an application and to a certificate, and who may do it: two tables. Pure.

The steps are those of product certification in general (ISO/IEC 17065, 7.2 to 7.11): application, review, evaluation
on site, decision, surveillance, and changes to the certificate.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from labels.certificates import EventKind, Status


class Party(StrEnum):
    """Who acts: the applicant or holder, the certifier the application went to, or the staff who keep the register."""

    APPLICANT = "applicant"
    CERTIFIER = "certifier"
    REGISTRY = "registry"


class Step(StrEnum):
    """What can happen to an application. Its stage is its last step."""

    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    RETURNED = "returned"
    RESUBMITTED = "resubmitted"
    SITE_CHECKED = "site_checked"
    GRANTED = "granted"
    REFUSED = "refused"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class CertificateRule:
    """From which statuses an event makes sense, and who may record it."""

    before: frozenset[Status]
    by: frozenset[Party]


@dataclass(frozen=True, slots=True)
class StepRule:
    """After which steps a step makes sense, and who may take it."""

    after: frozenset[Step]
    by: Party


_CERTIFIER: Final = frozenset({Party.CERTIFIER})
_EITHER: Final = frozenset({Party.CERTIFIER, Party.REGISTRY})

CERTIFICATE_RULES: Final[Mapping[EventKind, CertificateRule]] = MappingProxyType(
    {
        EventKind.SURVEILLED: CertificateRule(frozenset({Status.VALID, Status.SUSPENDED}), _CERTIFIER),
        EventKind.SUSPENDED: CertificateRule(frozenset({Status.VALID}), _EITHER),
        EventKind.REINSTATED: CertificateRule(frozenset({Status.SUSPENDED}), _EITHER),
        EventKind.RENEWED: CertificateRule(frozenset({Status.VALID, Status.EXPIRED}), _CERTIFIER),
        EventKind.WITHDRAWN: CertificateRule(
            frozenset({Status.NOT_ISSUED, Status.VALID, Status.SUSPENDED, Status.EXPIRED}), _EITHER
        ),
        EventKind.EXPIRED: CertificateRule(frozenset({Status.VALID, Status.SUSPENDED}), _EITHER),
    }
)
"""What may be recorded of a certificate that is registered; its issue is recorded with it and never again.

The registry can stop a mark and let it go on, for it answers for the register; whether a product passes surveillance
or is certified for longer is the certifier's judgement alone.
"""

_OPEN: Final = frozenset({Step.SUBMITTED, Step.RESUBMITTED, Step.RETURNED, Step.REVIEWED, Step.SITE_CHECKED})
_IN_HAND: Final = _OPEN - {Step.RETURNED}

STEP_RULES: Final[Mapping[Step, StepRule]] = MappingProxyType(
    {
        Step.REVIEWED: StepRule(frozenset({Step.SUBMITTED, Step.RESUBMITTED}), Party.CERTIFIER),
        Step.RETURNED: StepRule(_IN_HAND, Party.CERTIFIER),
        Step.RESUBMITTED: StepRule(frozenset({Step.RETURNED}), Party.APPLICANT),
        Step.SITE_CHECKED: StepRule(frozenset({Step.REVIEWED}), Party.CERTIFIER),
        Step.GRANTED: StepRule(frozenset({Step.SITE_CHECKED}), Party.CERTIFIER),
        Step.REFUSED: StepRule(_OPEN, Party.CERTIFIER),
        Step.RETRACTED: StepRule(_OPEN, Party.APPLICANT),
    }
)
"""What may be recorded of an application after it was submitted."""

GRANTED_WITHOUT_SITE_CHECK: Final = frozenset({Step.REVIEWED, Step.SITE_CHECKED})
GRANTED_WITHOUT_REVIEW: Final = _IN_HAND
"""A self-declaration is nobody's to review: its maker answers for it (ISO 14021, 5.3)."""


def event_refusal(kind: str, status: Status, party: Party) -> str | None:
    """Return why an event can not be recorded of a certificate that stands at `status`, or None when it can."""
    rule = CERTIFICATE_RULES.get(EventKind(kind)) if kind in set(EventKind) else None
    if rule is None:
        return f"must be one of {', '.join(CERTIFICATE_RULES)}."
    if party not in rule.by:
        return f"{kind} is for the {' or the '.join(sorted(rule.by))} to record, not for the {party}."
    if status not in rule.before:
        return f"a certificate that is {_said(status)} can not be {kind}; it must be {_list(rule.before)}."
    return None


def step_refusal(
    step: str, stage: Step, parties: frozenset[Party], *, self_declared: bool, site_check: bool
) -> str | None:
    """Return why a step can not be taken in an application at `stage` by who is all of `parties`, or None.

    `self_declared` and `site_check` are what its scheme says: whether the maker answers for the mark alone, and
    whether somebody must have seen the works before it is granted.
    """
    rule = STEP_RULES.get(Step(step)) if step in set(Step) else None
    if rule is None:
        return f"must be one of {', '.join(STEP_RULES)}."
    if rule.by not in parties:
        return f"{_said(step)} is for the {rule.by} to record."
    after = rule.after
    if step == Step.GRANTED and not site_check:
        after = GRANTED_WITHOUT_REVIEW if self_declared else GRANTED_WITHOUT_SITE_CHECK
    if stage not in after:
        return f"an application that is {_said(stage)} can not be {_said(step)}; it must be {_list(after)}."
    return None


def longest_end(valid_from: date, months: int) -> date:
    """Return the latest first day on which a certificate that holds for `months` from `valid_from` no longer holds.

    It is the same day of the month, and the first of the month after where that month is too short to have it.
    """
    year, month = divmod(valid_from.year * 12 + valid_from.month - 1 + months, 12)
    if year > MAXYEAR:
        return date.max
    if valid_from.day <= monthrange(year, month + 1)[1]:
        return date(year, month + 1, valid_from.day)
    return date(year, month + 2, 1)  # December is never too short


def _said(word: str) -> str:
    return str(word).replace("_", " ")


def _list(words: frozenset[Status] | frozenset[Step]) -> str:
    return " or ".join(sorted(_said(word) for word in words))
