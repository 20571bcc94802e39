from datetime import date

import pytest

from labels.certificates import Status
from labels.certification.mark_use import MarkRules, mark_use_on

RULES = MarkRules(("packaging",), ("certifier",), "规则", "Rules", "Order 168", "28")


def test_a_valid_certificate_allows_its_mark_where_the_scheme_says_until_its_end() -> None:
    use = mark_use_on(Status.VALID, date(2027, 1, 1), RULES)
    assert (use.allowed, use.until, use.placements, use.must_show) == (
        True,
        date(2027, 1, 1),
        ("packaging",),
        ("certifier",),
    )


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.VALID])
def test_no_other_status_allows_it_anywhere_and_each_says_why(status: Status) -> None:
    use = mark_use_on(status, date(2027, 1, 1), RULES)
    assert (use.allowed, use.until, use.placements) == (False, None, ())
    assert use.reason_zh
    assert use.reason_en.startswith("The certificate")
