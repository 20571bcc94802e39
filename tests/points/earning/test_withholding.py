from uuid import UUID

import pytest

from points.earning.activities import Claimable, Held, Outcome, Reason, Refusal
from points.earning.withholding import told_to_tills

ID = UUID(int=1)
FOUND = "Another retailer reports a purchase 3 minutes apart."


@pytest.mark.parametrize(
    "outcome",
    [Held(ID, "two_retailers_at_once", FOUND), Refusal(Reason.REFUSED_BY_GUARD, f"two_retailers_at_once: {FOUND}")],
)
def test_tills_are_not_told_which_rule_stopped_a_line(outcome: Outcome) -> None:
    told = told_to_tills(outcome)
    assert type(told) is type(outcome)
    assert "retailer" not in str(told)


@pytest.mark.parametrize(
    "outcome", [Refusal(Reason.TOO_OLD, "It is older."), Claimable(Reason.ANONYMOUS, "Print it.", "CODE")]
)
def test_anything_else_is_told_as_it_is(outcome: Outcome) -> None:
    assert told_to_tills(outcome) is outcome
