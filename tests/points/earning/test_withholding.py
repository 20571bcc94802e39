from dataclasses import fields, replace
from uuid import UUID

import pytest

from points.earning.activities import Claimable, Cut, Held, Kind, Outcome, Reason, Receipt, Refusal
from points.earning.withholding import told_to_tills
from tests.factories.credits import NOW

ID = UUID(int=1)
RECEIPT = Receipt(ID, ID, Kind.SALE, "09521234543213", 2, NOW, NOW.date(), 900, 800, 700, 7, ())
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
    "outcome", [Refusal(Reason.TOO_OLD, "It is older."), Claimable(Reason.ANONYMOUS, "Print it.", "CODE"), RECEIPT]
)
def test_anything_else_is_told_as_it_is(outcome: Outcome) -> None:
    assert told_to_tills(outcome) is outcome


@pytest.mark.parametrize("cut", Cut)
def test_tills_are_told_of_caps_of_their_own_and_of_none_of_their_buyers(cut: Cut) -> None:
    told = told_to_tills(replace(RECEIPT, cuts=(cut,)))
    assert isinstance(told, Receipt)
    mine = cut is Cut.BUDGET or cut.value.startswith("retailer_")
    assert told.cuts == ((cut,) if mine else ())


def test_tills_are_told_what_a_line_was_credited_and_not_what_was_scanned_before() -> None:
    told = told_to_tills(replace(RECEIPT, matched=(ID,), cuts=(Cut.GRAMS_PER_DAY, Cut.BUDGET)))
    assert told == replace(RECEIPT, cuts=(Cut.BUDGET,))
    assert {each.name for each in fields(Receipt)} - {"cuts", "matched"} <= {
        *("activity_id", "resident_id", "kind", "gtin", "quantity", "effective_at", "day", "potential_grams"),
        *("saving_grams", "grams", "points", "awards", "waiting_points", "replayed"),
    }, "whoever adds a field decides whether tills are told"
