import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from labels.tables import CertificateEvent
from points import ledger
from points.earning.activities import Cut, Evidence, Kind, Reason, Receipt, Refusal, Scan
from points.earning.credits import record
from points.errors import UnknownProgrammeError
from points.programmes.policy import Caps, Terms
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.labels import Labelled, make_labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.factories.statements import counted


async def test_a_sale_credits_the_whole_saving_and_its_points(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    [receipt] = await credit(programme, sale(resident, product.gtin, quantity=3))
    assert isinstance(receipt, Receipt)
    assert (receipt.saving_grams, receipt.grams, receipt.points, receipt.cuts) == (3000, 3000, 30, ())
    async with db.transaction() as session:
        has = await ledger.holdings(session, programme.programme_id, resident, now=NOW)
    assert (has.grams, has.available, has.pending) == (3000, 30, 0)
    await assert_clean(programme)


async def test_points_wait_for_the_return_window(product: Labelled) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=Terms(maturity_days=7))
        [resident_id] = await make_residents(session, programme, 1)
    await credit(programme, sale(resident_id, product.gtin))
    async with db.transaction() as session:
        has = await ledger.holdings(session, programme.programme_id, resident_id, now=NOW)
        assert (has.grams, has.available, has.pending) == (1000, 0, 10)
        await ledger.mature(session, programme.programme_id, now=NOW + timedelta(days=7))
        has = await ledger.holdings(session, programme.programme_id, resident_id, now=NOW)
    assert (has.available, has.pending) == (10, 0)
    await assert_clean(programme)


async def test_a_bare_scan_informs_and_earns_a_discovery_point_but_no_grams(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    first, again = await credit(programme, Scan(resident, product.gtin, NOW), Scan(resident, product.gtin, NOW))
    assert isinstance(first, Receipt)
    assert (first.kind, first.grams, first.points, first.potential_grams) == (Kind.SCAN, 0, 1, 1000)
    assert again == Receipt(**{name: getattr(first, name) for name in first.__slots__} | {"replayed": True})
    async with db.transaction() as session:
        left = await ledger.budget_left(session, programme.programme_id, programme.engagement_budget_id)
    assert left == 1_000_000 - 1, "discovery points come from the engagement budget"
    await assert_clean(programme)


async def test_discoveries_are_capped_per_day(programme: Programme, resident: UUID) -> None:
    async with db.transaction() as session:
        gtins = [(await make_labelled(session)).gtin for _ in range(7)]
    outcomes = await credit(programme, *(Scan(resident, gtin, NOW) for gtin in gtins[:3]))
    outcomes += await credit(programme, *(Scan(resident, gtin, NOW) for gtin in gtins[3:]))
    assert [outcome.points for outcome in outcomes if isinstance(outcome, Receipt)] == [1, 1, 1, 1, 1, 0, 0]
    assert all(isinstance(each, Receipt) and each.cuts == (Cut.DISCOVERIES_PER_DAY,) for each in outcomes[5:])
    await assert_clean(programme)


async def test_the_days_gone_by_are_no_store_of_discoveries(programme: Programme, resident: UUID) -> None:
    async with db.transaction() as session:
        gtins = [(await make_labelled(session)).gtin for _ in range(5)]
    outcomes = await credit(
        programme, *(Scan(resident, gtin, NOW - timedelta(days=days)) for days in range(30) for gtin in gtins)
    )
    points = [outcome.points for outcome in outcomes if isinstance(outcome, Receipt)]
    assert points == [1] * 5 * (1 + AT_ONCE.scan_backdating_days)
    assert {outcome.reason for outcome in outcomes if isinstance(outcome, Refusal)} == {Reason.TOO_OLD}
    await assert_clean(programme)


async def test_a_repeated_line_is_told_the_first_receipt_and_credits_nothing(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    [first] = await credit(programme, sale(resident, product.gtin))
    [second] = await credit(programme, sale(resident, product.gtin))
    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert (second.activity_id, second.replayed) == (first.activity_id, True)
    async with db.transaction() as session:
        assert (await ledger.holdings(session, programme.programme_id, resident, now=NOW)).grams == 1000
    await assert_clean(programme)


async def test_a_replay_after_the_reporting_window_still_finds_the_first_receipt(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    [first] = await credit(programme, sale(resident, product.gtin))
    [late] = await credit(programme, sale(resident, product.gtin), now=NOW + timedelta(days=40))
    assert isinstance(first, Receipt)
    assert isinstance(late, Receipt)
    assert late.activity_id == first.activity_id


async def test_the_same_line_for_another_resident_or_quantity_is_refused(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    async with db.transaction() as session:
        [other] = await make_residents(session, programme, 1)
    await credit(programme, sale(resident, product.gtin))
    outcomes = await credit(programme, sale(other, product.gtin), sale(resident, product.gtin, quantity=2))
    assert [each.reason for each in outcomes if isinstance(each, Refusal)] == [Reason.REPORTED_DIFFERENTLY] * 2
    await assert_clean(programme)


async def test_a_refused_line_may_be_sent_again_once_it_can_be_credited(programme: Programme, resident: UUID) -> None:
    gtin = "00952000000007"
    [refused] = await credit(programme, sale(resident, gtin))
    assert isinstance(refused, Refusal)
    async with db.transaction() as session:
        product = await make_labelled(session)
    [credited] = await credit(programme, sale(resident, product.gtin))
    assert isinstance(credited, Receipt), "the refusal took no claim"


async def test_guilty_lines_are_refused_alone_each_with_its_reason(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    async with db.transaction() as session:
        expired = await make_labelled(session, valid_until=date(2016, 1, 1))
        other_scheme = await make_labelled(session, scheme="self.declared", kind="self_declared")
        elsewhere = await make_labelled(session, boundary="cradle_to_grave")
        heavy = await make_labelled(session, footprint_mg=6_000_000)
        unsized = await make_labelled(session, content_micro=None)
        withdrawn = await make_labelled(session)
        session.add(
            CertificateEvent(
                certificate_id=withdrawn.certificate_id, kind="withdrawn", effective_on=date(2020, 1, 1), actor="t"
            )
        )
    lines = {
        Reason.INVALID_CODE: sale(resident, "6901234567891", line=1),
        Reason.CANNOT_CARRY_LABEL: sale(resident, "2000000000008", line=2),
        Reason.UNKNOWN_PRODUCT: sale(resident, "00000096385074", line=3),
        Reason.CERTIFICATE_NOT_VALID: sale(resident, expired.gtin, line=4),
        Reason.SCHEME_NOT_RECOGNISED: sale(resident, other_scheme.gtin, line=5),
        Reason.NOT_COMPARABLE: sale(resident, elsewhere.gtin, line=6),
        Reason.NO_SAVING: sale(resident, heavy.gtin, line=7),
        Reason.NO_NET_CONTENT: sale(resident, unsized.gtin, line=8),
        Reason.ANONYMOUS: sale(None, product.gtin, line=9, member_code=None),
        Reason.UNKNOWN_MEMBER: sale(None, product.gtin, line=10),
        Reason.IN_FUTURE: sale(resident, product.gtin, line=11, at=NOW + timedelta(minutes=6)),
        Reason.TOO_OLD: sale(resident, product.gtin, line=12, at=NOW - timedelta(days=30, seconds=1)),
        Reason.RETURNS_NOT_ACCEPTED: sale(resident, product.gtin, line=13, quantity=-1),
        Reason.NO_QUANTITY: sale(resident, product.gtin, line=14, quantity=0),
        Reason.TOO_MANY_UNITS: sale(resident, product.gtin, line=15, quantity=101),
        Reason.NO_RULES_YET: sale(resident, product.gtin, line=16, at=datetime(2019, 12, 31, tzinfo=UTC)),
    }
    good = sale(resident, product.gtin, line=99)
    outcomes = await credit(programme, *lines.values(), sale(resident, withdrawn.gtin, line=17), good)
    reasons = [each.reason for each in outcomes if isinstance(each, Refusal)]
    assert reasons == [*lines, Reason.CERTIFICATE_NOT_VALID]
    assert isinstance(outcomes[-1], Receipt)
    await assert_clean(programme)


async def test_a_programme_that_names_its_certifiers_credits_only_theirs(product: Labelled) -> None:
    async with db.transaction() as session:
        elsewhere = await make_labelled(session)
        terms = Terms(maturity_days=0, certifiers=(str(product.certifier_id),))
        programme = await make_programme(session, terms=terms)
        [resident] = await make_residents(session, programme, 1)
    ours, theirs = await credit(programme, sale(resident, product.gtin), sale(resident, elsewhere.gtin, line=2))
    assert isinstance(ours, Receipt)
    assert isinstance(theirs, Refusal)
    assert theirs.reason is Reason.CERTIFIER_NOT_RECOGNISED
    assert elsewhere.certificate_number in theirs.detail
    assert str(elsewhere.certifier_id) in theirs.detail
    await assert_clean(programme)


async def test_a_resident_of_another_programme_earns_nothing_here(programme: Programme, product: Labelled) -> None:
    async with db.transaction() as session:
        elsewhere = await make_programme(session)
        [stranger] = await make_residents(session, elsewhere, 1)
    [outcome] = await credit(programme, sale(stranger, product.gtin))
    assert isinstance(outcome, Refusal)
    assert outcome.reason is Reason.UNKNOWN_MEMBER


async def test_caps_hold_within_a_batch_and_across_batches(product: Labelled) -> None:
    caps = Caps(grams_per_day=2500, grams_per_month=3200, points_per_day=22, points_per_month=1000)
    async with db.transaction() as session:
        programme = await make_programme(session, terms=Terms(maturity_days=0, caps=caps))
        [resident_id] = await make_residents(session, programme, 1)
    noon = datetime(2026, 3, 10, 4, tzinfo=UTC)
    today = await credit(programme, *(sale(resident_id, product.gtin, line=i, at=noon) for i in (1, 2)), now=noon)
    today += await credit(programme, sale(resident_id, product.gtin, line=3, at=noon), now=noon)
    tomorrow = noon + timedelta(days=1)
    today += await credit(programme, sale(resident_id, product.gtin, line=4, at=tomorrow), now=tomorrow)
    receipts = [each for each in today if isinstance(each, Receipt)]
    assert [(each.saving_grams, each.grams) for each in receipts] == [
        (1000, 1000),
        (1000, 1000),
        (1000, 500),
        (1000, 700),
    ]
    assert [each.points for each in receipts] == [10, 10, 2, 7]
    assert receipts[2].cuts == (Cut.GRAMS_PER_DAY, Cut.POINTS_PER_DAY)
    assert receipts[3].cuts == (Cut.GRAMS_PER_MONTH,)
    await assert_clean(programme)


async def test_days_are_the_programmes_own(programme: Programme, resident: UUID, product: Labelled) -> None:
    late_evening_utc = datetime(2026, 2, 28, 16, 30, tzinfo=UTC)  # half past midnight on 1 March in Shanghai
    [receipt] = await credit(programme, sale(resident, product.gtin, at=late_evening_utc), now=late_evening_utc)
    assert isinstance(receipt, Receipt)
    assert receipt.day == date(2026, 3, 1)


async def test_an_empty_budget_leaves_grams_without_points_and_says_so(product: Labelled) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, base_points=15)
        [resident_id] = await make_residents(session, programme, 1)
    outcomes = await credit(programme, *(sale(resident_id, product.gtin, line=line) for line in (1, 2, 3)))
    receipts = [each for each in outcomes if isinstance(each, Receipt)]
    assert [(each.grams, each.points) for each in receipts] == [(1000, 10), (1000, 5), (1000, 0)]
    assert [each.cuts for each in receipts] == [(), (Cut.BUDGET,), (Cut.BUDGET,)]
    await assert_clean(programme)


async def test_sixty_four_identical_reports_at_once_credit_once(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    outcomes = await asyncio.gather(*(credit(programme, sale(resident, product.gtin)) for _ in range(64)))
    receipts = [each for [each] in outcomes if isinstance(each, Receipt)]
    assert len(receipts) == 64
    assert len({each.activity_id for each in receipts}) == 1
    assert [each.replayed for each in receipts].count(False) == 1
    await assert_clean(programme)


@pytest.mark.parametrize("size", [3, 200])
async def test_a_batch_costs_the_same_number_of_statements_whatever_its_size(programme: Programme, size: int) -> None:
    async with db.transaction() as session:
        residents = await make_residents(session, programme, size)
        gtins = [(await make_labelled(session)).gtin for _ in range(3)]
        await record(session, programme.programme_id, [sale(residents[0], gtins[0], receipt="known")], now=NOW)
    batch: list[Evidence] = [
        sale(resident_id, gtins[number % 3], line=number) for number, resident_id in enumerate(residents)
    ]
    batch += [sale(residents[0], gtins[0], receipt="known"), sale(residents[0], "nonsense", receipt="bad")]
    batch += [Scan(resident_id, gtins[0], NOW) for resident_id in residents]
    with counted() as statements:
        await credit(programme, *batch)
    assert len(statements) <= 22, "\n".join(statements)


async def test_an_unknown_programme_is_an_error_of_the_whole_batch(product: Labelled) -> None:
    async with db.transaction() as session:
        with pytest.raises(UnknownProgrammeError):
            await record(session, new_id(), [Scan(new_id(), product.gtin, NOW)], now=NOW)


def test_the_default_rules_are_those_the_tests_speak_of() -> None:
    assert AT_ONCE.backdating_days == 30
    assert AT_ONCE.scan_backdating_days == 2
    assert AT_ONCE.clock_skew_minutes == 5
