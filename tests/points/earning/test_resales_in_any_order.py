"""A unit that came back and was sold again to nobody known is scanned by who bought it, told in any order."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import permutations
from uuid import UUID

import pytest

from core import db
from points.earning.activities import Claimable, Kind, Outcome, Reason, Receipt, Refusal
from points.earning.adjustments.return_lines import Bought, Returned, ReturnLine
from points.programmes.tables import Programme
from tests.factories.credits import assert_clean
from tests.factories.label_units import AGAIN_AT, BACK_AGAIN_AT, BACK_AT, claimed, grams, scanned, sold_as
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents
from tests.factories.retelling import Report, is_taken, tell_all
from tests.factories.returns import SOLD, back, member_of, reason, returned, told_back

FULL, HALF = 1000, 500


@pytest.fixture
async def people(programme: Programme) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, programme, 3)


async def resold(programme: Programme, code: str, **what: int) -> Outcome:
    """Sell the unit to nobody known, after it came back."""
    return await sold_as(programme, None, code, receipt="S2", at=AGAIN_AT, **what)


async def bring_back(programme: Programme, line: ReturnLine) -> None:
    assert isinstance(await told_back(programme, line), Returned)


@pytest.mark.parametrize("claims", ["who scanned", "another"])
@pytest.mark.parametrize("before", ["named", "unnamed", "nobody's"])
@pytest.mark.parametrize("order", list(permutations(["back", "resale", "scan", "claim"])))
async def test_in_any_order_who_claims_the_receipt_of_the_resale_has_it_in_full(
    programme: Programme,
    people: list[UUID],
    product: Labelled,
    code: str,
    order: Sequence[str],
    before: str,
    claims: str,
) -> None:
    ann, bob, carl = people
    member = None if before == "nobody's" else await member_of(programme, ann)
    await sold_as(programme, member, code if before == "named" else product.gtin)
    who = bob if claims == "who scanned" else carl
    told_of: list[Outcome] = []

    async def sell() -> Outcome:
        told_of[:] = [await resold(programme, code)]
        return told_of[0]

    async def claim() -> Outcome:
        if not told_of or not isinstance(told_of[0], Claimable):
            return Refusal(Reason.NO_SUCH_RECEIPT, "It is not printed yet.")
        return await claimed(programme, who, told_of[0])

    reports = {
        "back": Report(partial(told_back, programme, back(code, receipt="B1", bought=SOLD, at=BACK_AT))),
        "resale": Report(sell),
        "scan": Report(partial(scanned, programme, bob, code), lasts=False),
        "claim": Report(claim),
    }
    told = await tell_all(reports, order)
    assert is_taken(told["back"]), told
    assert is_taken(told["claim"]), told
    assert await grams(programme, *people) == [0, *([FULL, 0] if who == bob else [0, FULL])]
    await assert_clean(programme)


@pytest.mark.parametrize("resale_first", [True, False])
@pytest.mark.parametrize("again_at", [AGAIN_AT, BACK_AT])
async def test_it_is_worth_half_to_who_scans_it_while_its_line_waits(
    programme: Programme, people: list[UUID], code: str, *, resale_first: bool, again_at: datetime
) -> None:
    """Sold again before the return was told, or after, and at the very moment at which it came back."""
    ann, bob, _ = people
    await sold_as(programme, await member_of(programme, ann), code)
    if resale_first:
        await sold_as(programme, None, code, receipt="S2", at=again_at)
    await bring_back(programme, back(code, bought=SOLD, at=BACK_AT))
    if not resale_first:
        await sold_as(programme, None, code, receipt="S2", at=again_at)
    label = await scanned(programme, bob, code)
    assert isinstance(label, Receipt), label
    assert (label.kind, label.grams) == (Kind.UNIT, HALF)
    own = await scanned(programme, ann, code)
    assert not isinstance(own, Receipt) or own.replayed, "who had it last is told their own receipt, or refused"
    assert await grams(programme, ann, bob) == [0, HALF]
    await assert_clean(programme)


@pytest.mark.parametrize("by", ["line", "nobody's line"])
async def test_who_had_it_last_does_not_scan_it(
    programme: Programme, people: list[UUID], product: Labelled, code: str, by: str
) -> None:
    ann, bob, _ = people
    await sold_as(programme, None if by == "nobody's line" else await member_of(programme, ann), product.gtin)
    if by == "nobody's line":
        await scanned(programme, ann, code)
    await bring_back(programme, back(code, bought=SOLD, at=BACK_AT))
    await resold(programme, code)
    assert reason(await scanned(programme, ann, code)) in {None, Reason.ALREADY_RETURNED}
    assert await grams(programme, ann) == [0]
    assert isinstance(await scanned(programme, bob, code), Receipt)
    assert await grams(programme, ann, bob) == [0, HALF]


@pytest.mark.parametrize("gone", ["claimed", "returned", "a member's after all", "before that"])
async def test_a_line_that_does_not_wait_any_more_lets_nobody_scan_it(
    programme: Programme, people: list[UUID], product: Labelled, code: str, gone: str
) -> None:
    ann, bob, carl = people
    await sold_as(programme, await member_of(programme, ann), product.gtin)
    await bring_back(programme, back(code, bought=SOLD, at=BACK_AT))
    early = timedelta(microseconds=1)
    sale = await sold_as(programme, None, code, receipt="S2", at=BACK_AT - early if gone == "before that" else AGAIN_AT)
    if gone == "claimed":
        await claimed(programme, carl, sale)
    elif gone == "returned":
        await bring_back(programme, back(code, bought=Bought("S2", 1), at=BACK_AGAIN_AT))
    elif gone == "a member's after all":
        await sold_as(programme, await member_of(programme, carl), code, receipt="S2", at=AGAIN_AT)
    expected = {"claimed": Reason.UNIT_ALREADY_CLAIMED, "a member's after all": Reason.UNIT_ALREADY_CLAIMED}
    assert reason(await scanned(programme, bob, code)) is expected.get(gone, Reason.ALREADY_RETURNED)
    assert await grams(programme, ann, bob) == [0, 0]
    await assert_clean(programme)


async def test_a_line_that_came_back_in_parts_told_at_once_waits_no_more(
    programme: Programme, people: list[UUID], product: Labelled, code: str
) -> None:
    ann, bob, _ = people
    await sold_as(programme, await member_of(programme, ann), product.gtin)
    await bring_back(programme, back(code, bought=SOLD, at=BACK_AT))
    await resold(programme, code, quantity=2)
    parts = [back(product, 1, bought=Bought("S2", 1), at=BACK_AGAIN_AT) for _ in range(2)]
    assert all(isinstance(each, Returned) for each in await returned(programme, *parts))
    assert reason(await scanned(programme, bob, code)) is Reason.ALREADY_RETURNED
    await assert_clean(programme)


async def test_what_is_left_of_a_line_of_several_still_waits(
    programme: Programme, people: list[UUID], product: Labelled, code: str
) -> None:
    ann, bob, _ = people
    await sold_as(programme, await member_of(programme, ann), product.gtin)
    await bring_back(programme, back(code, bought=SOLD, at=BACK_AT))
    sale = await resold(programme, code, quantity=2)
    await bring_back(programme, back(product, 1, bought=Bought("S2", 1), at=BACK_AGAIN_AT))
    assert isinstance(await scanned(programme, bob, code), Receipt)
    assert isinstance(await claimed(programme, bob, sale), Receipt)
    assert await grams(programme, ann, bob) == [0, FULL]
    await assert_clean(programme)


@pytest.mark.parametrize("named_by", ["the earlier sale", "the later sale"])
async def test_a_sale_of_a_unit_that_another_has_is_refused_until_it_came_back_or_is_sent_without_its_serial(
    programme: Programme, people: list[UUID], product: Labelled, code: str, named_by: str
) -> None:
    ann, bob, _ = people
    earlier = partial(sold_as, programme, await member_of(programme, ann))
    later = partial(sold_as, programme, await member_of(programme, bob), receipt="S2", at=AGAIN_AT)
    first, second = (earlier, later) if named_by == "the earlier sale" else (later, earlier)
    assert isinstance(await first(code), Receipt)
    for quantity in (1, 2):
        refused = await second(code, quantity=quantity)
        assert reason(refused) is Reason.UNIT_ALREADY_CLAIMED
        assert isinstance(refused, Refusal)
        assert "without the serial" in refused.detail
    if named_by == "the earlier sale":
        await bring_back(programme, back(code, bought=SOLD, at=BACK_AT))
        assert isinstance(await second(code), Receipt)
        assert await grams(programme, ann, bob) == [0, FULL]
    else:
        assert isinstance(await second(product.gtin), Receipt)
        assert await grams(programme, ann, bob) == [FULL, FULL]
        await bring_back(programme, back(code, bought=SOLD, at=BACK_AT))
        assert await grams(programme, ann, bob) == [0, FULL], "the return of the earlier buyer, told after that"
    await assert_clean(programme)
