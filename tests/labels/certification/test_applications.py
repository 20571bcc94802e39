"""From an application to a certificate, step by step, and every way that is refused."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core import db
from core.ids import new_id
from labels import catalogue
from labels.catalogue import NewProduct, Registered, Rejected
from labels.certificates import Status
from labels.certification.application_queries import own_application, own_applications
from labels.certification.applications import NewStep, record_steps, submit
from labels.certification.histories import histories
from labels.registrations import NewApplication
from tests.factories.labels import NOW, fresh_gtin, make_certifier
from tests.factories.statements import counted

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2026, 3, 1)
LATER = date(2026, 3, 9)
START, END = date(2026, 4, 1), date(2029, 4, 1)


async def make_maker(session: AsyncSession) -> tuple[UUID, str]:
    """Return a maker and the GTIN of a product it registered."""
    made = await catalogue.register_organization(session, name_zh="厂", name_en="Works", roles=["maker"], now=NOW)
    row = NewProduct(fresh_gtin(), "茶", "Tea", registered_by_id=made.id)
    await catalogue.register_products(session, [row], now=NOW)
    return made.id, row.gtin


async def make_application(session: AsyncSession, scheme: str = "cn.low_carbon") -> NewApplication:
    maker, gtin = await make_maker(session)
    certifier = maker if scheme == "self.declared" else await make_certifier(session)
    return NewApplication(gtin, scheme, maker, certifier, actor="maker")


async def submitted(session: AsyncSession, row: NewApplication) -> UUID:
    (result,) = await submit(session, [row], now=NOW, day=DAY)
    assert isinstance(result, Registered), result
    return UUID(str(result.id))


async def test_an_application_is_reviewed_checked_and_granted_into_a_certificate() -> None:
    async with db.transaction() as session:
        row = await make_application(session)
        application_id = await submitted(session, row)
        number = f"T-{new_id().hex}"
        granting = NewStep(application_id, "granted", LATER, row.certifier_id, "c", "Sound.", number, START, END)
        for step in ("reviewed", "site_checked"):
            (early,) = await record_steps(session, [granting], now=NOW)
            assert isinstance(early, Rejected)
            taken = NewStep(application_id, step, LATER, row.certifier_id, "c", "Seen.")
            assert isinstance((await record_steps(session, [taken], now=NOW))[0], Registered)
        (granted,) = await record_steps(session, [granting], now=NOW)
        assert isinstance(granted, Registered)
        application = await own_application(session, application_id, row.applicant_id)
        history = (await histories(session, [number]))[number]
    assert application is not None
    assert [str(each.step) for each in application.steps] == ["submitted", "reviewed", "site_checked", "granted"]
    assert application.certificate_number == number
    assert (history.gtin, history.kind, history.scheme.id) == (row.gtin, "low_carbon", "cn.low_carbon")
    assert [history.status_on(day) for day in (LATER, START)] == [Status.NOT_ISSUED, Status.VALID]
    assert history.events[0].effective_on == LATER


async def test_each_side_takes_its_own_steps_and_strangers_find_nothing() -> None:
    async with db.transaction() as session:
        row = await make_application(session)
        application_id = await submitted(session, row)
        step = NewStep(application_id, "reviewed", LATER, row.applicant_id, "m", "Me.")
        (own,) = await record_steps(session, [step], now=NOW)
        (strange,) = await record_steps(session, [replace(step, by_id=new_id())], now=NOW)
        (back,) = await record_steps(session, [replace(step, step="returned", by_id=row.certifier_id)], now=NOW)
        (again,) = await record_steps(session, [replace(step, step="resubmitted")], now=NOW)
        (early,) = await record_steps(session, [replace(step, by_id=row.certifier_id, effective_on=DAY)], now=NOW)
        assert await own_application(session, application_id, new_id()) is None
    assert own == Rejected("step", "reviewed is for the certifier to record.")
    assert strange == Rejected("application_id", "is no application of yours.")
    assert isinstance(back, Registered)
    assert isinstance(again, Registered)
    assert early == Rejected("effective_on", f"must not be before the step before it, on {LATER}.")


async def test_a_claim_of_ones_own_goes_to_oneself_and_is_no_certifiers_mark() -> None:
    async with db.transaction() as session:
        row = await make_application(session, "self.declared")
        application_id = await submitted(session, row)
        number = f"T-{new_id().hex}"
        granting = NewStep(application_id, "granted", DAY, row.applicant_id, "m", "Ours.", number, START, END)
        assert isinstance((await record_steps(session, [granting], now=NOW))[0], Registered)
        history = (await histories(session, [number]))[number]
        other = replace(row, certifier_id=await make_certifier(session))
        (refused,) = await submit(session, [other], now=NOW, day=DAY)
        direct = catalogue.NewCertificate(
            "S", "self.declared", "self_declared", row.gtin, other.certifier_id, START, END
        )
        (not_so,) = await catalogue.register_certificates(session, [direct], now=NOW)
    assert (history.kind, history.scheme.self_declared) == ("self_declared", True)
    assert isinstance(refused, Rejected)
    assert "your own claim" in refused.reason
    assert isinstance(not_so, Rejected)
    assert not_so.field == "kind"


async def test_applications_are_refused_by_field() -> None:
    async with db.transaction() as session:
        row = await make_application(session)
        other_maker, other_gtin = await make_maker(session)
        rows = [
            replace(row, gtin=other_gtin),
            replace(row, gtin="nonsense"),
            replace(row, scheme_id="no.such"),
            replace(row, footprint_id=new_id()),
            replace(row, certifier_id=row.applicant_id),
            replace(row, certifier_id=other_maker),
        ]
        results = await submit(session, rows, now=NOW, day=DAY)
        listed = await own_applications(session, row.applicant_id, before=None, limit=10)
    fields = [each.field for each in results if isinstance(each, Rejected)]
    assert fields == ["gtin", "gtin", "scheme_id", "footprint_id", "certifier_id", "certifier_id"]
    assert listed == []


async def test_a_number_that_is_taken_grants_nothing() -> None:
    async with db.transaction() as session:
        rows = [await make_application(session, "kr.low_carbon") for _ in range(2)]
        ids = [await submitted(session, row) for row in rows]
        number = f"T-{new_id().hex}"
        results = []
        for row, application_id in zip(rows, ids, strict=True):
            review = NewStep(application_id, "reviewed", LATER, row.certifier_id, "c", "Seen.")
            await record_steps(session, [review], now=NOW)
            granting = NewStep(application_id, "granted", LATER, row.certifier_id, "c", "Sound.", number, START, END)
            results += await record_steps(session, [granting], now=NOW)
        second = await own_application(session, ids[1], rows[1].applicant_id)
    assert isinstance(results[0], Registered)
    assert isinstance(results[1], Rejected)
    assert results[1].taken
    assert second is not None
    assert second.stage == "reviewed"


async def test_granting_says_which_of_its_values_is_missing_or_too_much() -> None:
    async with db.transaction() as session:
        row = await make_application(session, "kr.low_carbon")
        application_id = await submitted(session, row)
        review = NewStep(application_id, "reviewed", LATER, row.certifier_id, "c", "Seen.")
        too_much = await record_steps(session, [replace(review, number="X")], now=NOW)
        twice = await record_steps(session, [review, replace(review, step="refused")], now=NOW)
        missing = await record_steps(session, [replace(review, step="granted", number="X")], now=NOW)
    assert too_much == [Rejected("number", "is for granting only; leave it out.")]
    assert [type(each) for each in twice] == [Registered, Rejected]
    assert missing == [Rejected("valid_from", "is needed to grant a certificate.")]


async def test_nothing_is_granted_for_longer_than_its_scheme_lets_it_hold() -> None:
    async with db.transaction() as session:
        row = await make_application(session)
        application_id = await submitted(session, row)
        for step in ("reviewed", "site_checked"):
            await record_steps(session, [NewStep(application_id, step, LATER, row.certifier_id, "c", "Seen.")], now=NOW)
        number, too_long = f"T-{new_id().hex}", END + timedelta(days=1)
        granting = NewStep(application_id, "granted", LATER, row.certifier_id, "c", "Sound.", number, START, too_long)
        refused = await record_steps(session, [granting], now=NOW)
        granted = await record_steps(session, [replace(granting, valid_until=END)], now=NOW)
    told = f"must be {END} or before, for cn.low_carbon holds for 36 months at most."
    assert refused == [Rejected("valid_until", told)]
    assert isinstance(granted[0], Registered)


@pytest.mark.parametrize("size", [1, 7])
async def test_a_batch_costs_the_same_statements_whatever_its_size(size: int) -> None:
    async with db.transaction() as session:
        rows = [await make_application(session) for _ in range(size)]
    async with db.transaction() as session:
        with counted() as sent:
            results = await submit(session, rows, now=NOW, day=DAY)
        steps = [
            NewStep(UUID(str(each.id)), "reviewed", LATER, row.certifier_id, "c", "Seen.")
            for each, row in zip(results, rows, strict=True)
            if isinstance(each, Registered)
        ]
        with counted() as taken:
            await record_steps(session, steps, now=NOW)
    assert len(steps) == size
    assert (len(sent), len(taken)) == (3, 7)
