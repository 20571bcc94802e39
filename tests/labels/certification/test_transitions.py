from datetime import date
from itertools import product

import pytest

from labels.certificates import EventKind, Status
from labels.certification.transitions import (
    CERTIFICATE_RULES,
    STEP_RULES,
    Party,
    Step,
    event_refusal,
    longest_end,
    step_refusal,
)

NEXT = {
    (Status.NOT_ISSUED, "certifier"): {"withdrawn"},
    (Status.VALID, "certifier"): {"surveilled", "suspended", "renewed", "withdrawn", "expired"},
    (Status.SUSPENDED, "certifier"): {"surveilled", "reinstated", "withdrawn", "expired"},
    (Status.EXPIRED, "certifier"): {"renewed", "withdrawn"},
    (Status.NOT_ISSUED, "registry"): {"withdrawn"},
    (Status.VALID, "registry"): {"suspended", "withdrawn", "expired"},
    (Status.SUSPENDED, "registry"): {"reinstated", "withdrawn", "expired"},
    (Status.EXPIRED, "registry"): {"withdrawn"},
}
"""What may happen next, by status and party, read from the other side than the table; everything else may not."""


@pytest.mark.parametrize(("kind", "status", "party"), list(product(EventKind, Status, Party)))
def test_exactly_what_may_happen_next_is_allowed(kind: EventKind, status: Status, party: Party) -> None:
    assert (event_refusal(kind, status, party) is None) is (str(kind) in NEXT.get((status, str(party)), set()))


def test_nothing_follows_a_withdrawal_and_every_event_has_its_rule() -> None:
    assert set(CERTIFICATE_RULES) == set(EventKind) - {EventKind.ISSUED}
    assert not any(Status.WITHDRAWN in rule.before for rule in CERTIFICATE_RULES.values())


def test_a_refusal_says_what_would_be_right() -> None:
    assert event_refusal("miracle", Status.VALID, Party.CERTIFIER) == f"must be one of {', '.join(CERTIFICATE_RULES)}."
    assert event_refusal("renewed", Status.VALID, Party.REGISTRY) == (
        "renewed is for the certifier to record, not for the registry."
    )
    assert event_refusal("reinstated", Status.NOT_ISSUED, Party.CERTIFIER) == (
        "a certificate that is not issued can not be reinstated; it must be suspended."
    )


FOLLOWS = {
    "submitted": {"reviewed", "returned", "refused", "retracted"},
    "resubmitted": {"reviewed", "returned", "refused", "retracted"},
    "returned": {"resubmitted", "refused", "retracted"},
    "reviewed": {"returned", "site_checked", "refused", "retracted"},
    "site_checked": {"returned", "granted", "refused", "retracted"},
}
BY = {"resubmitted": Party.APPLICANT, "retracted": Party.APPLICANT}


@pytest.mark.parametrize(("step", "stage", "party"), list(product(Step, Step, [Party.APPLICANT, Party.CERTIFIER])))
def test_exactly_the_next_steps_can_be_taken_by_their_side(step: Step, stage: Step, party: Party) -> None:
    refusal = step_refusal(step, stage, frozenset({party}), self_declared=False, site_check=True)
    follows = str(step) in FOLLOWS.get(str(stage), set())
    assert (refusal is None) is (follows and party is BY.get(str(step), Party.CERTIFIER))


def test_a_scheme_without_site_check_is_granted_after_review_and_a_claim_of_ones_own_at_once() -> None:
    both = frozenset({Party.APPLICANT, Party.CERTIFIER})
    assert step_refusal("granted", Step.REVIEWED, both, self_declared=False, site_check=False) is None
    assert step_refusal("granted", Step.SUBMITTED, both, self_declared=False, site_check=False) is not None
    assert step_refusal("granted", Step.SUBMITTED, both, self_declared=True, site_check=False) is None


def test_what_is_decided_stays_decided() -> None:
    for stage in (Step.GRANTED, Step.REFUSED, Step.RETRACTED):
        assert not any(stage in rule.after for rule in STEP_RULES.values())


@pytest.mark.parametrize(
    ("valid_from", "months", "end"),
    [
        (date(2026, 4, 1), 36, date(2029, 4, 1)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2026, 1, 31), 1, date(2026, 3, 1)),
        (date(2028, 2, 29), 36, date(2031, 3, 1)),
        (date(9998, 6, 1), 24, date.max),
    ],
)
def test_months_end_on_the_same_day_of_the_month_or_the_first_after_a_short_one(
    valid_from: date, months: int, end: date
) -> None:
    assert longest_end(valid_from, months) == end
