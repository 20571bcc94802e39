"""A return without a receipt takes the latest sale, and gives way to one that names it: all that is back is back."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import permutations
from random import Random
from uuid import UUID

import pytest
from sqlmodel import col, select

from core import db
from points.earning.activities import Reason, Receipt, Refusal
from points.earning.adjustments.return_lines import Bought, Returned, ReturnOutcome
from points.earning.adjustments.tables import Adjustment
from points.programmes.tables import Programme
from tests.factories.credits import assert_clean
from tests.factories.label_units import AGAIN_AT, BACK_AGAIN_AT, BACK_AT, SOLD_AT, grams, sold_as
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents
from tests.factories.retelling import Report, tell_all
from tests.factories.returns import back, member_of, reason, returned, told_back, units
from tests.factories.statements import counted

FULL = 1000
LATER = SOLD_AT + timedelta(minutes=10)


@pytest.fixture
async def member(programme: Programme, resident: UUID) -> str:
    return await member_of(programme, resident)


async def sell_two(programme: Programme, member: str, product: Labelled) -> tuple[UUID, UUID]:
    """Sell two, one after the other, and return their receipts."""
    older = await sold_as(programme, member, product.gtin, receipt="S1")
    newer = await sold_as(programme, member, product.gtin, receipt="S2", at=LATER)
    assert isinstance(older, Receipt)
    assert isinstance(newer, Receipt)
    return older.activity_id, newer.activity_id


def taken(outcome: ReturnOutcome) -> list[UUID]:
    assert isinstance(outcome, Returned), outcome
    return [each.activity_id for each in outcome.adjusted]


async def details(programme: Programme) -> list[dict[str, object]]:
    """Return what adjustments say of the returns they are of, but what was paid."""
    async with db.transaction() as session:
        query = select(Adjustment).where(col(Adjustment.programme_id) == programme.programme_id)
        rows = (await session.exec(query.order_by(col(Adjustment.adjustment_id)))).all()
    return [{name: value for name, value in (each.detail or {}).items() if name != "payments"} for each in rows]


@pytest.mark.parametrize("named", ["S1", "S2"])
@pytest.mark.parametrize("order", list(permutations(["S1", "S2", "without", "with"])))
async def test_in_any_order_both_are_back(
    programme: Programme, resident: UUID, member: str, product: Labelled, order: Sequence[str], named: str
) -> None:
    reports = {
        "S1": Report(partial(sold_as, programme, member, product.gtin, receipt="S1")),
        "S2": Report(partial(sold_as, programme, member, product.gtin, receipt="S2", at=LATER)),
        "without": Report(
            partial(told_back, programme, back(product, receipt="B1", bought=None, member=member, at=BACK_AT))
        ),
        "with": Report(partial(told_back, programme, back(product, receipt="B2", bought=Bought(named, 1), at=BACK_AT))),
    }
    told = await tell_all(reports, order)
    assert {name: reason(each) for name, each in told.items()} == dict.fromkeys(order)
    assert await grams(programme, resident) == [0]
    await assert_clean(programme)


async def test_a_guess_says_that_it_is_one_and_what_was_taken_in_place_of_what(
    programme: Programme, resident: UUID, member: str, product: Labelled
) -> None:
    older, newer = await sell_two(programme, member, product)
    first = await told_back(programme, back(product, bought=None, member=member, at=BACK_AT))
    second = await told_back(programme, back(product, bought=Bought("S2", 1), at=BACK_AGAIN_AT))
    assert (taken(first), taken(second)) == ([newer], [older])
    guess = {"guessed_until": BACK_AT.isoformat()}
    assert await details(programme) == [guess, {**guess, "instead_of": str(newer)}]
    assert await grams(programme, resident) == [0]


async def test_what_names_its_sale_guesses_nothing(
    programme: Programme, resident: UUID, member: str, product: Labelled
) -> None:
    older, newer = await sell_two(programme, member, product)
    first = await told_back(programme, back(product, bought=Bought("S2", 1), at=BACK_AT))
    second = await told_back(programme, back(product, bought=Bought("S1", 1), at=BACK_AT))
    assert (taken(first), taken(second), await details(programme)) == ([newer], [older], [{}, {}])
    assert await grams(programme, resident) == [0]


@pytest.mark.parametrize("reverse", [True, False])
async def test_in_one_batch_those_that_name_their_sale_come_first(
    programme: Programme, resident: UUID, member: str, product: Labelled, *, reverse: bool
) -> None:
    older, newer = await sell_two(programme, member, product)
    lines = [back(product, bought=None, member=member, at=BACK_AT), back(product, bought=Bought("S2", 1), at=BACK_AT)]
    outcomes = await returned(programme, *(reversed(lines) if reverse else lines))
    without, with_ = reversed(outcomes) if reverse else outcomes
    assert (taken(with_), taken(without)) == ([newer], [older])
    assert sorted(map(len, await details(programme))) == [0, 1], "only the one that had to guess says so"
    assert await grams(programme, resident) == [0]
    await assert_clean(programme)


async def test_of_a_line_of_several_what_is_left_goes_first_and_only_the_rest_of_others(
    programme: Programme, resident: UUID, member: str, product: Labelled
) -> None:
    older = await sold_as(programme, member, product.gtin, receipt="S1", quantity=3)
    newer = await sold_as(programme, member, product.gtin, receipt="S2", quantity=3, at=LATER)
    assert isinstance(older, Receipt)
    assert isinstance(newer, Receipt)
    await told_back(programme, back(product, 2, bought=None, member=member, at=BACK_AT))
    both = await told_back(programme, back(product, 3, bought=Bought("S2", 1), at=BACK_AGAIN_AT))
    assert (taken(both), units(both)) == ([newer.activity_id, older.activity_id], [(1, 0), (2, 1)])
    more = await told_back(programme, back(product, 1, bought=Bought("S2", 1), at=BACK_AGAIN_AT))
    assert reason(more) is Reason.ALREADY_RETURNED, "no guess of it is left that may have been another's"
    rest = await told_back(programme, back(product, 1, bought=Bought("S1", 1), at=BACK_AGAIN_AT))
    assert units(rest) == [(1, 0)]
    assert await grams(programme, resident) == [0]
    await assert_clean(programme)


async def test_where_no_other_sale_is_known_it_says_to_send_that_first(
    programme: Programme, resident: UUID, member: str, product: Labelled
) -> None:
    await sold_as(programme, member, product.gtin, receipt="S2", at=LATER)
    await told_back(programme, back(product, bought=None, member=member, at=BACK_AT))
    line = back(product, bought=Bought("S2", 1), at=BACK_AT)
    refused = await told_back(programme, line)
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.ALREADY_RETURNED
    assert "send that sale first" in refused.detail
    await sold_as(programme, member, product.gtin, receipt="S1")
    assert isinstance(await told_back(programme, line), Returned)
    assert await grams(programme, resident) == [0]
    plain = await told_back(programme, back(product, bought=Bought("S2", 1), at=BACK_AT))
    assert isinstance(plain, Refusal)
    assert "send that sale first" not in plain.detail, "no guess is left, and nothing to be mended so"
    await assert_clean(programme)


async def test_a_guess_does_not_give_way_to_what_somebody_else_bought(
    programme: Programme, resident: UUID, member: str, product: Labelled
) -> None:
    async with db.transaction() as session:
        [bob] = await make_residents(session, programme, 1)
    await sold_as(programme, await member_of(programme, bob), product.gtin, receipt="S1")
    await sold_as(programme, member, product.gtin, receipt="S2", at=LATER)
    await sold_as(programme, member, product.gtin, receipt="S3", at=AGAIN_AT)
    await told_back(programme, back(product, bought=None, member=member, at=BACK_AT))
    refused = await told_back(programme, back(product, bought=Bought("S2", 1), at=BACK_AGAIN_AT))
    assert reason(refused) is Reason.ALREADY_RETURNED, "nor to what was bought after the return that guessed"
    assert await grams(programme, resident, bob) == [FULL, FULL]


@pytest.mark.parametrize("guesses", [True, False])
async def test_returns_that_take_the_place_of_guesses_cost_the_same_number_of_statements_whatever_their_number(
    programme: Programme, resident: UUID, member: str, product: Labelled, *, guesses: bool
) -> None:
    """And where there were no guesses, nothing is asked for them."""
    costs = []
    for size in (1, 6):
        for number in range(2 * size):
            at = LATER if number < size else SOLD_AT
            await sold_as(programme, member, product.gtin, receipt=f"{size}/{number}", at=at)
        if guesses:
            await told_back(programme, back(product, size, bought=None, member=member, at=BACK_AT))
        lines = [back(product, bought=Bought(f"{size}/{number}", 1), at=BACK_AT) for number in range(size)]
        with counted() as statements:
            outcomes = await returned(programme, *lines)
        assert sum(each.grams for each in outcomes if isinstance(each, Returned)) == size * FULL
        costs.append(len(statements))
    assert costs[0] == costs[1]
    assert costs[0] <= (32 if guesses else 24)


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_comes_back_with_a_receipt_or_without_all_of_it_is_back_once_all_is_told(
    programme: Programme, resident: UUID, member: str, product: Labelled, seed: int
) -> None:
    random = Random(seed)
    bought = [random.randint(1, 3) for _ in range(random.randint(2, 4))]
    kept = 0
    reports: dict[str, Report] = {}
    for place, quantity in enumerate(bought):
        at = SOLD_AT + timedelta(minutes=place)
        sell = partial(sold_as, programme, member, product.gtin, receipt=f"S{place}", quantity=quantity, at=at)
        reports[f"S{place}"] = Report(sell)
        left = quantity
        while left and random.random() < 0.8:
            going = random.randint(1, left)
            left -= going
            name = f"B{place}-{left}"
            of = Bought(f"S{place}", 1) if random.random() < 0.5 else None
            shown = member if of is None else None
            when = BACK_AT + timedelta(minutes=random.randint(0, 9))
            line = back(product, going, receipt=name, bought=of, member=shown, at=when)
            reports[name] = Report(partial(told_back, programme, line))
        kept += left
    order = sorted(reports, key=lambda _: random.random())
    told = await tell_all(reports, order)
    assert {name: reason(each) for name, each in told.items()} == dict.fromkeys(order)
    assert await grams(programme, resident) == [kept * FULL]
    await assert_clean(programme)
