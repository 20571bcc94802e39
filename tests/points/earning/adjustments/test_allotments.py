"""How many units of which sales a return takes: a guess is of the latest, and gives way to what names its sale."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from points.earning.activities import Kind, Reason, Refusal
from points.earning.adjustments.allotments import Allotment, Allotted, Left
from points.earning.adjustments.plans import Case
from points.earning.adjustments.return_lines import Bought, ReturnLine
from tests.factories.cases import GTIN, make_case

MONDAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
OLD, NEW, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


def hour(number: int) -> datetime:
    return MONDAY + timedelta(hours=number)


def line(quantity: int = 1, *, at: int = 9) -> ReturnLine:
    return ReturnLine("B1", 1, None, None, GTIN, quantity, hour(at))


def left_of(*cases: Case) -> Left:
    return Left.of({each.activity_id: each for each in cases})


def taken(found: Allotment | Refusal) -> list[tuple[UUID, int, UUID | None]]:
    assert not isinstance(found, Refusal), found
    return [(each.activity_id, each.units, each.instead_of) for each in found]


def reason(found: Allotment | Refusal) -> Reason | None:
    return found.reason if isinstance(found, Refusal) else None


def test_a_return_that_names_its_line_takes_that_and_guesses_nothing() -> None:
    old, new = make_case(OLD, 2, hour(0)), make_case(NEW, 2, hour(1))
    assert left_of(old, new).named(line(2), old) == [Allotted(OLD, 2)]
    assert reason(left_of(old, new).named(line(3), old)) is Reason.MORE_THAN_BOUGHT


def test_a_return_that_does_not_takes_the_latest_first_and_says_until_when_it_may_be_of_others() -> None:
    old, new = make_case(OLD, 2, hour(0)), make_case(NEW, 2, hour(1))
    found = left_of(old, new).latest(line(3), [old, new], None)
    assert found == [Allotted(NEW, 2, hour(9)), Allotted(OLD, 1, hour(9))]
    assert reason(left_of(old, new).latest(line(5), [old, new], None)) is Reason.MORE_THAN_BOUGHT


def test_the_sale_that_named_the_unit_is_likely_and_still_a_guess() -> None:
    old, new = make_case(OLD, 1, hour(0)), make_case(NEW, 2, hour(1))
    found = left_of(old, new).latest(line(2), [old, new], OLD)
    assert found == [Allotted(OLD, 1, hour(9)), Allotted(NEW, 1, hour(9))]


def test_what_one_of_a_batch_takes_is_not_there_for_the_next() -> None:
    old, new = make_case(OLD, 1, hour(0)), make_case(NEW, 1, hour(1))
    left = left_of(old, new)
    for each in (NEW, OLD):
        found = left.latest(line(), [old, new], None)
        assert taken(found) == [(each, 1, None)]
        assert isinstance(found, list)
        left.take(found)
    assert reason(left.latest(line(), [old, new], None)) is Reason.ALREADY_RETURNED


def test_what_a_guess_took_of_a_named_line_is_made_up_for_by_another_sale() -> None:
    old, new = make_case(OLD, 2, hour(0)), make_case(NEW, 1, hour(1), guessed=1, guessed_until=hour(5))
    left = left_of(old, new)
    found = left.named(line(2), new)
    assert found == [Allotted(NEW, 1), Allotted(OLD, 1, hour(5), instead_of=NEW, in_place=True)]
    assert isinstance(found, list)
    left.take(found)
    assert reason(left.named(line(), new)) is Reason.ALREADY_RETURNED, "no more than had been guessed"
    assert taken(left.named(line(), old)) == [(OLD, 1, None)]


def test_what_was_made_up_for_in_an_earlier_batch_is_not_made_up_for_again() -> None:
    old = make_case(OLD, 5, hour(0), guessed=1, guessed_until=hour(5), instead={NEW: 1})
    new = make_case(NEW, 0, hour(1), guessed=1, guessed_until=hour(5))
    assert reason(left_of(old, new).named(line(), new)) is Reason.ALREADY_RETURNED


@pytest.mark.parametrize(
    "other",
    [
        make_case(OTHER, 1, hour(0), resident_id=OTHER),
        make_case(OTHER, 1, hour(0), retailer_id=OTHER),
        make_case(OTHER, 1, hour(0), gtin="09520000000011"),
        make_case(OTHER, 1, hour(0), kind=Kind.UNIT),
        make_case(OTHER, 1, hour(6)),
        make_case(OTHER, 0, hour(0)),
    ],
    ids=["another's", "elsewhere", "another product", "a label", "after the guess", "nothing left"],
)
def test_a_guess_can_not_have_been_of_every_sale(other: Case) -> None:
    new = make_case(NEW, 0, hour(1), guessed=1, guessed_until=hour(5))
    refused = left_of(other, new).named(line(), new)
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.ALREADY_RETURNED
    assert "send that sale first" in refused.detail


def test_where_nothing_was_guessed_it_is_not_said_that_anything_was() -> None:
    refused = left_of(make_case(OLD, 1, hour(0)), new := make_case(NEW, 0, hour(1))).named(line(), new)
    assert isinstance(refused, Refusal)
    assert "without a receipt" not in refused.detail


@dataclass(frozen=True, slots=True)
class Bringing:
    """A return as it really was: units of one sale, at an hour, with its receipt or without."""

    sale: int
    units: int
    at: int
    named: bool


@dataclass(slots=True)
class Till:
    """Tells returns in batches, and remembers what each took as adjustments do."""

    sold_at: list[int]
    bought: list[int]
    taken: list[tuple[Allotted, ...]] = field(default_factory=list)

    def cases(self) -> dict[UUID, Case]:
        rows = [each for found in self.taken for each in found]
        cases = {}
        for place, (at, units) in enumerate(zip(self.sold_at, self.bought, strict=True)):
            own = [each for each in rows if each.activity_id == UUID(int=place)]
            guesses = [(each.units, each.guessed_until) for each in own if each.guessed_until is not None]
            cases[UUID(int=place)] = make_case(
                UUID(int=place),
                units - sum(each.units for each in own),
                hour(at),
                guessed=sum(number for number, _ in guesses),
                guessed_until=max((until for _, until in guesses), default=None),
                instead={each.instead_of: each.units for each in own if each.instead_of is not None},
            )
        return cases

    def tell(self, batch: list[Bringing]) -> list[Bringing]:
        """Return what is refused; those that name their sale come first."""
        cases, refused = self.cases(), []
        left = Left.of(cases)
        for each in sorted(batch, key=lambda it: not it.named):
            told = ReturnLine("B", 1, Bought("S", each.sale), None, GTIN, each.units, hour(each.at))
            meant = [case for case in cases.values() if case.effective_at <= told.returned_at]
            found = left.named(told, cases[UUID(int=each.sale)]) if each.named else left.latest(told, meant, None)
            if isinstance(found, Refusal):
                refused.append(each)
            else:
                left.take(found)
                self.taken.append(tuple(found))
        return refused


@st.composite
def stories(draw: st.DrawFn) -> tuple[Till, list[Bringing]]:
    """Draw sales, and returns that may really have been, in an order in which they are told."""
    sold_at = draw(st.lists(st.integers(0, 9), min_size=1, max_size=4))
    bought = [draw(st.integers(1, 3)) for _ in sold_at]
    returns = []
    for sale, (at, there) in enumerate(zip(sold_at, bought, strict=True)):
        units = there
        while units and draw(st.booleans()):
            going = draw(st.integers(1, units))
            units -= going
            returns.append(Bringing(sale, going, draw(st.integers(at, 10)), draw(st.booleans())))
    return Till(sold_at, bought), draw(st.permutations(returns))


@given(story=stories(), data=st.data())
def test_however_they_are_told_as_many_are_back_as_came_back(
    story: tuple[Till, list[Bringing]], data: st.DataObject
) -> None:
    till, waiting = story
    assume(waiting)
    wanted = sum(each.units for each in waiting)
    for _ in count():
        size = data.draw(st.integers(1, len(waiting)))
        batches = [waiting[place : place + size] for place in range(0, len(waiting), size)]
        refused = [each for batch in batches for each in till.tell(batch)]
        if not refused or len(refused) == len(waiting):
            break
        waiting = refused
    assert refused == []
    assert sum(each.units for found in till.taken for each in found) == wanted
    assert all(case.standing.units >= 0 for case in till.cases().values())
    assert sum(case.standing.units for case in till.cases().values()) == sum(till.bought) - wanted
