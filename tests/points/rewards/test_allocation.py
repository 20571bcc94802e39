from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from points.rewards.allocation import Offer, Refusal, Wish, allocate

NOW = datetime(2026, 4, 1, tzinfo=UTC)
PEOPLE = [new_id() for _ in range(4)]
TEA, CUP, GONE = new_id(), new_id(), new_id()
OFFERS = {TEA: Offer(TEA, 10, NOW, None), CUP: Offer(CUP, 3, NOW, None)}


def wish(resident_id: UUID, reward_id: UUID = TEA) -> Wish:
    return Wish(new_id(), resident_id, reward_id)


def test_who_asks_first_is_served_first() -> None:
    wishes = [wish(person) for person in PEOPLE[:3]]
    funds = dict.fromkeys(PEOPLE, 10)
    assert allocate(wishes, OFFERS, {TEA: 2}, funds, now=NOW) == [None, None, Refusal.SOLD_OUT]


def test_a_wish_that_can_not_be_paid_leaves_its_voucher_to_the_next() -> None:
    poor, rich = PEOPLE[:2]
    verdicts = allocate([wish(poor), wish(rich)], OFFERS, {TEA: 1}, {poor: 9, rich: 10}, now=NOW)
    assert verdicts == [Refusal.NOT_ENOUGH_POINTS, None]


def test_a_wish_that_is_sold_out_leaves_its_points_to_the_next() -> None:
    person = PEOPLE[0]
    verdicts = allocate([wish(person), wish(person, CUP)], OFFERS, {CUP: 1}, {person: 10}, now=NOW)
    assert verdicts == [Refusal.SOLD_OUT, None]


def test_nobody_spends_the_same_points_twice() -> None:
    person = PEOPLE[0]
    verdicts = allocate([wish(person), wish(person)], OFFERS, {TEA: 9}, {person: 19}, now=NOW)
    assert verdicts == [None, Refusal.NOT_ENOUGH_POINTS]


@pytest.mark.parametrize(
    ("opens_at", "closes_at", "verdict"),
    [
        (NOW, NOW + timedelta(microseconds=1), None),
        (NOW + timedelta(microseconds=1), None, Refusal.REWARD_CLOSED),
        (NOW - timedelta(days=1), NOW, Refusal.REWARD_CLOSED),
    ],
)
def test_a_reward_opens_at_its_first_moment_and_is_gone_at_its_last(
    opens_at: datetime, closes_at: datetime | None, verdict: Refusal | None
) -> None:
    offers = {TEA: Offer(TEA, 10, opens_at, closes_at)}
    assert allocate([wish(PEOPLE[0])], offers, {TEA: 1}, {PEOPLE[0]: 10}, now=NOW) == [verdict]


def test_an_unknown_reward_is_said_to_be_unknown() -> None:
    assert allocate([wish(PEOPLE[0], GONE)], OFFERS, {}, {PEOPLE[0]: 10}, now=NOW) == [Refusal.UNKNOWN_REWARD]


@given(
    asked=st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from([TEA, CUP]))),
    stock=st.fixed_dictionaries({TEA: st.integers(0, 5), CUP: st.integers(0, 5)}),
    funds=st.fixed_dictionaries({person: st.integers(0, 40) for person in PEOPLE}),
)
def test_never_more_than_there_is_and_nothing_left_that_somebody_refused_could_have_had(
    asked: list[tuple[UUID, UUID]], stock: dict[UUID, int], funds: dict[UUID, int]
) -> None:
    wishes = [wish(*one) for one in asked]
    verdicts = allocate(wishes, OFFERS, stock, funds, now=NOW)
    granted = [one for one, verdict in zip(wishes, verdicts, strict=True) if verdict is None]
    left = Counter(stock)
    left.subtract(one.reward_id for one in granted)
    purse = Counter(funds)
    for one in granted:
        purse[one.resident_id] -= OFFERS[one.reward_id].points
    assert min(left.values()) >= 0
    assert min(purse.values()) >= 0
    for one, verdict in zip(wishes, verdicts, strict=True):
        if verdict is Refusal.SOLD_OUT:
            assert left[one.reward_id] == 0
        if verdict is Refusal.NOT_ENOUGH_POINTS:
            assert purse[one.resident_id] < OFFERS[one.reward_id].points
