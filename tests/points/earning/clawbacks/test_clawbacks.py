"""Orders: tried out before anything is taken, the same figures when it is, and nothing without an order."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import select

from core import db
from core.sql import run
from labels import catalogue
from labels.catalogue import NewEvent, NewFootprint
from points.earning.adjustments.tables import Adjustment
from points.earning.adjustments.values import AdjustmentKind
from points.earning.audit import audit
from points.earning.clawbacks import chunks, clawbacks, order_queries
from points.earning.clawbacks.scopes import OfCertificate, OfFigures, OfFraud, OfRetailer, ReceiptLine
from points.earning.clawbacks.tables import ClawbackResident
from points.errors import NotFoundError, StateConflictError
from points.programmes.policy import SpentPoints
from points.programmes.tables import Programme
from points.residents import notices
from tests.factories.clawbacks import (
    EVER,
    bought,
    held,
    overview,
    placed,
    prepared,
    previewed,
    spend,
    worked,
)
from tests.factories.credits import NOW, RETAILER, assert_clean, credit, sale
from tests.factories.labels import NOW as REGISTERED
from tests.factories.labels import SINCE, Labelled, make_baseline, make_labelled, standing
from tests.factories.residents import make_residents

DAY = NOW.astimezone(ZoneInfo("Asia/Shanghai")).date()


async def joined(programme: Programme, count: int) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, programme, count)


async def taken_of(programme: Programme, order_id: UUID, phase: int) -> dict[UUID, tuple[int, ...]]:
    async with db.transaction() as session:
        rows: list[ClawbackResident] = await order_queries.residents(
            session, programme.programme_id, order_id, phase=phase, after=None, limit=100
        )
    return {
        each.resident_id: (each.grams, each.points, each.pending, each.available, each.expired, each.owed, each.borne)
        for each in rows
    }


async def adjustments(programme: Programme) -> list[Adjustment]:
    async with db.transaction() as session:
        query = select(Adjustment).where(Adjustment.programme_id == programme.programme_id)
        return list((await session.exec(query)).all())


async def withdraw(product: Labelled) -> None:
    async with db.transaction() as session:
        event = NewEvent(product.certificate_number, "withdrawn", DAY - timedelta(days=2), "test", "a test")
        standing(await catalogue.record_event(session, event, now=NOW))


async def test_the_preview_tells_what_the_run_takes_and_changes_nothing(
    programme: Programme, product: Labelled
) -> None:
    residents = await joined(programme, 4)
    for number, resident in enumerate(residents):
        for _ in range(number + 1):
            await bought(programme, resident, product)
    await spend(programme, residents[3], 25)
    order_id = await previewed(programme, EVER)
    assert await adjustments(programme) == []
    assert await held(programme, residents[3]) == (4000, 15, 0)
    tried = await taken_of(programme, order_id, order_queries.TRIED)
    assert tried[residents[3]] == (4000, 40, 0, 15, 0, 25, 0)
    assert tried[residents[0]] == (1000, 10, 0, 10, 0, 0, 0)
    await placed(programme, order_id)
    assert await worked(programme, order_id) == set(residents)
    assert await taken_of(programme, order_id, order_queries.TAKEN) == tried
    shown = await overview(programme, order_id)
    assert shown.order.state == "done"
    assert shown.previewed == shown.taken
    assert (shown.taken.residents, shown.taken.activities, shown.taken.owed) == (4, 10, 25)
    assert [(each.day, each.activities, each.points) for each in shown.by_day] == [(DAY, 10, 100)]
    assert [each.figures.points for each in shown.by_district] == [100]
    assert await held(programme, residents[3]) == (0, 0, 25)
    await assert_clean(programme)


@pytest.mark.parametrize(("spent", "owed", "borne"), [(None, 10, 0), (SpentPoints.PROGRAMME, 0, 10)])
async def test_an_order_may_say_who_bears_what_was_spent(
    programme: Programme, resident: UUID, product: Labelled, spent: SpentPoints | None, owed: int, borne: int
) -> None:
    await bought(programme, resident, product)
    await spend(programme, resident, 10)
    order_id = await previewed(programme, EVER, spent)
    await placed(programme, order_id)
    await worked(programme, order_id)
    taken = (await overview(programme, order_id)).taken
    assert (taken.points, taken.owed, taken.borne, taken.spent) == (10, owed, borne, 10)
    await assert_clean(programme)


async def test_a_certificate_that_is_withdrawn_takes_what_it_earned_from_that_day_on(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    async with db.transaction() as session:
        other = await make_labelled(session)
    for days in (0, 2, 3):
        await credit(programme, sale(resident, product.gtin, receipt=f"{days}", at=NOW - timedelta(days=days)))
    await bought(programme, resident, other)
    await withdraw(product)
    wanted = OfCertificate(product.certificate_number, DAY - timedelta(days=2))
    order_id = await previewed(programme, wanted)
    await placed(programme, order_id)
    await worked(programme, order_id)
    assert (await overview(programme, order_id)).taken.activities == 2
    assert await held(programme, resident) == (2000, 20, 0)
    [refused] = await credit(programme, sale(resident, product.gtin, receipt="later"))
    assert "certificate" in str(refused), "the certificate's status refuses what comes later"
    await assert_clean(programme)


async def test_only_some_lines_of_a_retailer(programme: Programme, resident: UUID, product: Labelled) -> None:
    await credit(programme, *[sale(resident, product.gtin, receipt="R", line=line) for line in (1, 2, 3)])
    order_id = await previewed(
        programme, OfRetailer(RETAILER, EVER.from_at, EVER.until_at, (ReceiptLine("R", 1), ReceiptLine("R", 3)))
    )
    await placed(programme, order_id)
    await worked(programme, order_id)
    assert await held(programme, resident) == (1000, 10, 0)
    await assert_clean(programme)


async def test_fraud_takes_all_of_some_and_single_ones_of_others(programme: Programme, product: Labelled) -> None:
    one, two, honest = await joined(programme, 3)
    for who in (one, one, two, honest):
        await bought(programme, who, product)
    single = await bought(programme, two, product, 3)
    order_id = await previewed(programme, OfFraud((one,), (single,)))
    await placed(programme, order_id)
    await worked(programme, order_id)
    assert [await held(programme, who) for who in (one, two, honest)] == [(0, 0, 0), (1000, 10, 0), (1000, 10, 0)]
    await assert_clean(programme)


async def test_the_registry_alone_changes_nothing_that_was_granted(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    await bought(programme, resident, product)
    await withdraw(product)
    async with db.transaction() as session:
        footprint = NewFootprint(
            product.gtin, 4_000_000, "kg", "cradle_to_gate", "ISO 14067", "CN", SINCE, source="right"
        )
        standing((await catalogue.register_footprints(session, [footprint], now=REGISTERED))[0])
        await make_baseline(session, product.category_id, 4_500_000)
    assert await held(programme, resident) == (1000, 10, 0)
    assert await adjustments(programme) == []
    await assert_clean(programme)


async def test_a_wrong_figure_is_put_right_downward_and_never_pays(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    await bought(programme, resident, product, 3)
    async with db.transaction() as session:
        lower = await make_baseline(session, product.category_id, 4_500_000)
        higher = await make_baseline(session, product.category_id, 9_000_000)
    results = []
    for right in (higher, lower):
        order_id = await previewed(programme, OfFigures(baselines={product.baseline_id: right}))
        await placed(programme, order_id)
        await worked(programme, order_id)
        results.append((await overview(programme, order_id)).taken.points)
    assert results == [0, 8]
    assert await held(programme, resident) == (2250, 22, 0)
    assert {each.kind for each in await adjustments(programme)} == {AdjustmentKind.CORRECTION}
    async with db.transaction() as session:
        told = await notices.listed(session, programme.programme_id, resident, before=None, limit=10)
    assert [(each.kind, each.grams, each.points) for each in told.notices] == [("correction", 750, 8)]
    await assert_clean(programme)


async def test_a_wrong_figure_without_a_right_one_takes_everything(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    await bought(programme, resident, product)
    order_id = await previewed(programme, OfFigures(footprints={product.footprint_id: None}))
    await placed(programme, order_id)
    await worked(programme, order_id)
    assert await held(programme, resident) == (0, 0, 0)
    assert {each.kind for each in await adjustments(programme)} == {AdjustmentKind.CLAWBACK}
    await assert_clean(programme)


async def test_what_came_in_since_the_preview_has_to_be_looked_at_first(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    await bought(programme, resident, product)
    order_id = await previewed(programme, EVER)
    await bought(programme, resident, product)
    with pytest.raises(StateConflictError, match="1 activities came in since the preview"):
        await placed(programme, order_id)
    async with db.transaction() as session:
        await clawbacks.preview(session, programme.programme_id, order_id, now=NOW)
    await worked(programme, order_id)
    await placed(programme, order_id)
    await worked(programme, order_id)
    assert (await overview(programme, order_id)).taken.activities == 2


async def test_what_comes_in_while_it_runs_is_found_and_the_notice_grows(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    await bought(programme, resident, product)
    order_id = await previewed(programme, OfFraud((resident,)))
    await placed(programme, order_id)
    await bought(programme, resident, product, 2)
    await worked(programme, order_id)
    shown = await overview(programme, order_id)
    assert shown.previewed is not None
    assert (shown.previewed.activities, shown.taken.activities, shown.progress.late) == (1, 2, 1)
    async with db.transaction() as session:
        told = await notices.listed(session, programme.programme_id, resident, before=None, limit=10)
    assert [(each.about_id, each.grams, each.points) for each in told.notices] == [(order_id, 3000, 30)]
    assert await held(programme, resident) == (0, 0, 0)
    await assert_clean(programme)


async def test_two_orders_about_the_same_take_it_once(programme: Programme, resident: UUID, product: Labelled) -> None:
    await bought(programme, resident, product, 2)
    first, second = await previewed(programme, EVER), await previewed(programme, OfFraud((resident,)))
    for order_id in (first, second):
        await placed(programme, order_id)
        await worked(programme, order_id)
    assert (await overview(programme, first)).taken.points == 20
    assert (await overview(programme, second)).taken.points == 0
    async with db.transaction() as session:
        told = await notices.listed(session, programme.programme_id, resident, before=None, limit=10)
    assert [each.about_id for each in told.notices] == [first], "who is taken nothing is told nothing"
    await assert_clean(programme)


async def test_a_cancelled_order_stops_and_says_how_far_it_came(programme: Programme, product: Labelled) -> None:
    for resident in await joined(programme, 3):
        await bought(programme, resident, product)
    order_id = await previewed(programme, EVER)
    with pytest.raises(NotFoundError):
        await placed(programme, programme.programme_id)
    draft = await prepared(programme, EVER)
    with pytest.raises(StateConflictError, match="draft"):
        await placed(programme, draft)
    await placed(programme, order_id)
    with pytest.raises(StateConflictError, match="ordered"):
        async with db.transaction() as session:
            await clawbacks.preview(session, programme.programme_id, order_id, now=NOW)
    for _ in range(2):
        async with db.transaction() as session:
            await chunks.advance(session, programme.programme_id, order_id, now=NOW, taken=1)
    async with db.transaction() as session:
        await clawbacks.cancel(session, programme.programme_id, order_id, note="Wrong shop.", actor="s", now=NOW)
    assert await worked(programme, order_id) == set()
    shown = await overview(programme, order_id)
    assert (shown.order.state, shown.order.note, shown.progress.done) == ("cancelled", "Wrong shop.", 1)
    with pytest.raises(StateConflictError, match="cancelled"):
        async with db.transaction() as session:
            await clawbacks.cancel(session, programme.programme_id, order_id, note="x", actor="s", now=NOW)
    await assert_clean(programme)


@pytest.mark.parametrize(
    ("breach", "proof"),
    [
        ("DELETE FROM clawback_activity", "each clawback took what its adjustments say"),
        ("DELETE FROM notice", "each resident was told once what a clawback took"),
    ],
)
async def test_the_audit_finds_an_order_that_says_something_else(
    programme: Programme, resident: UUID, product: Labelled, breach: str, proof: str
) -> None:
    await bought(programme, resident, product)
    order_id = await previewed(programme, EVER)
    await placed(programme, order_id)
    await worked(programme, order_id)
    await assert_clean(programme)
    async with db.transaction() as session:
        await run(session, text(f"{breach} WHERE programme_id = :id"), {"id": programme.programme_id})
        findings = await audit(session, programme.programme_id)
    assert [each.name for each in findings if each.differences] == [proof]
