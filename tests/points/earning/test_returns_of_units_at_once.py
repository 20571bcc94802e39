"""Returns of label units beside scans and sales of the same ones, each on a connection of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

import pytest

from core import db
from points.earning.activities import Claimable, Outcome, Reason, Receipt
from points.earning.adjustments.return_lines import Bought, Returned, ReturnLine
from points.errors import StateConflictError
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean
from tests.factories.label_units import AGAIN_AT, BACK_AT, SOLD_AT, claimed, grams, make_codes, scanned, sold_as
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents
from tests.factories.returns import SOLD, back, member_of, reason, returned

FULL, HALF = 1000, 500
ROUNDS = 6


async def joined(programme: Programme) -> tuple[UUID, str]:
    async with db.transaction() as session:
        [resident] = await make_residents(session, programme, 1)
    return resident, await member_of(programme, resident)


async def again(send: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """Send something until it is no conflict: as tills do."""
    for _ in range(5):
        try:
            return await send()
        except StateConflictError:
            continue
    raise AssertionError("It was a conflict five times.")


async def brought_back(programme: Programme, line: ReturnLine) -> Returned:
    """Send a return until it is no conflict, and once more: the first result stands."""
    for _ in range(5):
        try:
            [first] = await returned(programme, line)
        except StateConflictError:
            continue
        [repeated] = await returned(programme, line)
        assert isinstance(first, Returned), first
        assert isinstance(repeated, Returned), repeated
        assert (repeated.return_id, repeated.grams, repeated.replayed) == (first.return_id, first.grams, True)
        return first
    raise AssertionError("It was a conflict five times.")


@pytest.mark.parametrize("known", [True, False])
async def test_a_return_and_the_first_scan_of_its_unit_leave_nothing(
    programme: Programme, product: Labelled, *, known: bool
) -> None:
    """Whoever is second finds what the first did: the label is refused, or goes with the return."""
    ann, member = await joined(programme)
    bob, _ = await joined(programme)
    for number, code in enumerate(await make_codes(product, ROUNDS)):
        receipt = f"S{number}"
        await sold_as(programme, member if known else None, product.gtin, receipt=receipt)
        _, told = await asyncio.gather(
            brought_back(programme, back(code, bought=Bought(receipt, 1), at=BACK_AT)), scanned(programme, bob, code)
        )
        assert isinstance(told, Receipt) or reason(told) is Reason.ALREADY_RETURNED
        assert await grams(programme, ann, bob) == [0, 0], "whichever was first"
        await scanned(programme, ann, code)
        assert await grams(programme, ann, bob) == [0, 0]
    await assert_clean(programme)


@pytest.mark.parametrize("named", [True, False])
async def test_a_return_and_the_next_sale_of_its_unit_both_count_in_the_end(
    programme: Programme, product: Labelled, *, named: bool
) -> None:
    ann, shows_ann = await joined(programme)
    bob, shows_bob = await joined(programme)
    for number, code in enumerate(await make_codes(product, ROUNDS)):
        first, second = f"A{number}", f"B{number}"
        await sold_as(programme, shows_ann, code if named else product.gtin, receipt=first)
        line = back(code, bought=Bought(first, 1), at=BACK_AT)

        async def resale(code: str = code, receipt: str = second) -> Outcome:
            return await sold_as(programme, shows_bob, code, receipt=receipt, at=AGAIN_AT)

        outcomes = await asyncio.gather(returned(programme, line), resale(), return_exceptions=True)
        strange = [each for each in outcomes if isinstance(each, BaseException | None)]
        assert all(isinstance(each, StateConflictError) for each in strange), strange
        if isinstance(outcomes[1], Receipt) and not isinstance(outcomes[0], list):
            assert await grams(programme, ann) == [FULL], "nothing half done"
        [taken] = await returned(programme, line)
        if not isinstance(taken, Returned):  # the sale that named the unit came first
            assert reason(taken) is Reason.NO_SUCH_SALE
            [taken] = await returned(programme, back(product, bought=Bought(first, 1), at=BACK_AT))
        sold = await resale()
        assert isinstance(sold, Receipt), sold
        assert (sold.grams, await grams(programme, ann, bob)) == (FULL, [0, (number + 1) * FULL])
    await assert_clean(programme)


@pytest.mark.parametrize("named", [True, False])
async def test_a_return_and_the_sale_its_label_waited_for_agree_whose_unit_it_was(
    programme: Programme, product: Labelled, *, named: bool
) -> None:
    """The return comes first and is refused, or last and finds the sale; sent again it is taken, once."""
    for number, code in enumerate(await make_codes(product, ROUNDS)):
        ann, member = await joined(programme)
        await scanned(programme, ann, code, at=SOLD_AT)
        line = back(code, bought=None, member=member, at=BACK_AT)
        early, sold = await asyncio.gather(
            returned(programme, line),
            again(partial(sold_as, programme, member, code if named else product.gtin, receipt=f"S{number}")),
            return_exceptions=True,
        )
        assert isinstance(sold, Receipt), sold
        assert sold.grams == HALF
        if isinstance(early, list):
            assert reason(early[0]) in {None, Reason.NO_SUCH_SALE}
        else:
            assert isinstance(early, StateConflictError), early
        was_taken = isinstance(early, list) and isinstance(early[0], Returned)
        [taken] = await returned(programme, line)
        assert isinstance(taken, Returned), taken
        assert (taken.grams, taken.replayed) == (FULL, was_taken)
        assert await grams(programme, ann) == [0], "whichever was first"
    await assert_clean(programme)


@pytest.mark.parametrize("known", [True, False])
async def test_a_resale_and_a_scan_by_who_had_the_unit_before_credit_only_who_has_it(
    programme: Programme, product: Labelled, *, known: bool
) -> None:
    ann, shows_ann = await joined(programme)
    bob, shows_bob = await joined(programme)
    for number, code in enumerate(await make_codes(product, ROUNDS)):
        first, second = f"A{number}", f"B{number}"
        await sold_as(programme, shows_ann, code, receipt=first)
        await returned(programme, back(code, bought=Bought(first, 1), at=BACK_AT))
        resale, _, _ = await asyncio.gather(
            again(partial(sold_as, programme, shows_bob if known else None, code, receipt=second, at=AGAIN_AT)),
            scanned(programme, ann, code),
            scanned(programme, bob, code),
        )
        assert isinstance(resale, Receipt if known else Claimable)
        await scanned(programme, ann, code)
        told = await scanned(programme, bob, code)
        assert isinstance(told, Receipt), told
        if known:
            assert told.activity_id == getattr(resale, "activity_id", None)
        assert await grams(programme, ann, bob) == [0, number * FULL + (FULL if known else HALF)]
        if not known:
            await claimed(programme, bob, resale)
        assert await grams(programme, ann, bob) == [0, (number + 1) * FULL]
    await assert_clean(programme)


async def test_many_who_scan_a_unit_sold_again_at_once_are_credited_once(
    programme: Programme, product: Labelled
) -> None:
    [code] = await make_codes(product, 1)
    people = [(await joined(programme))[0] for _ in range(4)]
    await sold_as(programme, None, code)
    await returned(programme, back(code, bought=SOLD, at=BACK_AT))
    await sold_as(programme, None, code, receipt="S2", at=AGAIN_AT)
    told = await asyncio.gather(*(scanned(programme, each, code, at=NOW) for each in people * 2))
    assert {each.activity_id for each in told if isinstance(each, Receipt)}
    assert sorted(await grams(programme, *people)) == [0, 0, 0, HALF]
    await assert_clean(programme)
