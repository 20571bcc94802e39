"""What becomes of a sale told after its unit came back, alone: it may be the one a guess took another for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core.ids import new_id
from labels.savings import Saving
from points.earning.activities import Kind, Reason, Refusal
from points.earning.appraisals import Candidate
from points.earning.bases import CitedBasis
from points.earning.evidence.matching import Confirmed, Match, Matching
from points.earning.evidence.units import BROUGHT_BACK, NOBODY, Stay, Unit
from points.programmes.policy import PolicyVersion, Rate, Terms
from tests.factories.cases import GTIN, RETAILER, SINCE, basis

MONDAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
KEY = (GTIN, "SERIAL")
ANN, BOB = UUID(int=1), UUID(int=2)


def hour(number: int) -> datetime:
    return MONDAY + timedelta(hours=number)


def sale(at: int, *, who: UUID = ANN, quantity: int = 1, retailer: UUID = RETAILER) -> Candidate:
    grams = 1_000 * quantity
    return Candidate(
        resident_id=who,
        retailer_id=retailer,
        kind=Kind.SALE,
        gtin=GTIN,
        category_id="test",
        quantity=quantity,
        effective_at=hour(at),
        day=hour(at).date(),
        cited=CitedBasis.of(GTIN, basis()),
        saving=Saving(quantity * 1_000_000, grams, grams, quantity, 10_000),
        policy=PolicyVersion(1, SINCE, Terms()),
        rate=Rate(1, SINCE, 10_000),
        serial=KEY[1],
    )


def told(candidate: Candidate, *stays: Stay) -> tuple[Match, Matching]:
    """Match a sale of a unit that is back after stays."""
    last = stays[-1]
    unit = Unit(KEY, last.resident_id, NOBODY, 0, last.back_at, BROUGHT_BACK, back_at=last.back_at)
    matching = Matching.of([unit], {KEY: stays}, [], [])
    activity_id = new_id()
    return matching.match({activity_id: candidate})[activity_id], matching


def reason(match: Match) -> Reason | None:
    return match.reason if isinstance(match, Refusal) else None


GUESSED = Stay(hour(3), hour(5), RETAILER, ANN, guessed=True)


@pytest.mark.parametrize("at", [1, 3, 4])
def test_a_guess_makes_up_for_its_residents_sale_there_and_is_settled_by_it(at: int) -> None:
    match, matching = told(sale(at), GUESSED)
    assert match == Confirmed()
    assert [(key, each.sold_at) for (_, key), each in matching.settled.items()] == [(hour(3), hour(at))]


@pytest.mark.parametrize(
    ("candidate", "stay"),
    [
        (sale(4, who=BOB), GUESSED),
        (sale(4, retailer=new_id()), GUESSED),
        (sale(4), replace(GUESSED, guessed=False)),
        (sale(4), replace(GUESSED, settled=True)),
    ],
    ids=["another's", "elsewhere", "no guess", "settled before"],
)
def test_else_it_credits_nothing_for_the_unit_but_what_else_it_sold(candidate: Candidate, stay: Stay) -> None:
    match, matching = told(candidate, stay)
    assert reason(match) is Reason.ALREADY_RETURNED
    more = replace(candidate, quantity=3)
    assert told(more, stay)[0] == Confirmed(back=1)
    assert matching.settled == {}


def test_a_unit_that_others_had_after_this_sale_is_not_its_own_any_more() -> None:
    assert reason(told(sale(1, who=BOB), GUESSED)[0]) is Reason.UNIT_ALREADY_CLAIMED


def test_what_came_back_of_this_very_line_while_it_was_nobodys_is_not_left_out_twice() -> None:
    """Its quantity is what is left of it."""
    match, _ = told(sale(3, quantity=2), Stay(hour(3), hour(5), RETAILER, NOBODY))
    assert match == Confirmed()


@pytest.mark.parametrize("who", [ANN, BOB])
def test_a_sale_made_when_it_was_back_has_it(who: UUID) -> None:
    match, matching = told(sale(5, who=who), GUESSED)
    assert match == Confirmed()
    assert (matching.changed[KEY].resident_id, matching.changed[KEY].named, matching.settled) == (who, True, {})


def test_two_that_a_guess_could_make_up_for_in_one_batch_are_not_both_credited() -> None:
    unit = Unit(KEY, ANN, NOBODY, 0, GUESSED.back_at, BROUGHT_BACK, back_at=GUESSED.back_at)
    matching = Matching.of([unit], {KEY: [GUESSED]}, [], [])
    first, second = matching.match({new_id(): sale(2), new_id(): sale(4)}).values()
    assert first == Confirmed()
    assert reason(second) is Reason.ALREADY_RETURNED
