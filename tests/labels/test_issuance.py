from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import select, update

from core import db
from core.ids import new_id
from labels import catalogue
from labels.catalogue import (
    NewCertificate,
    NewEvent,
    NewProduct,
    Registered,
    Rejected,
    Unchanged,
)
from labels.certificates import Status, status_on
from labels.queries import facts_for
from labels.tables import CertificateEvent
from tests.factories.labels import (
    NOW,
    SINCE,
    UNTIL,
    fresh_gtin,
    make_certifier,
    make_labelled,
    standing,
)

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2026, 3, 1)
MARKS = ("carbon_label",)


async def test_certificates_are_refused_by_field_and_the_same_again_is_unchanged() -> None:
    async with db.transaction() as session:
        made, other = await make_labelled(session), await make_labelled(session)
        retailer = await catalogue.register_organization(
            session, name_zh="店", name_en="Shop", roles=["retailer"], now=NOW
        )

        sound = NewCertificate(
            made.certificate_number,
            "cn.carbon_footprint",
            "carbon_label",
            made.gtin,
            made.certifier_id,
            SINCE,
            UNTIL,
            made.footprint_id,
        )
        rows = [
            sound,
            replace(sound, scheme="kr.carbon_footprint"),
            replace(sound, number="A", gtin=fresh_gtin()),
            replace(sound, number="A", footprint_id=other.footprint_id),
            replace(sound, number="A", certifier_id=retailer.id),
            replace(sound, number="A", kind="miracle"),
            replace(sound, number=" "),
            replace(sound, number="A", valid_until=SINCE),
            replace(sound, number="A", scheme="home grown"),
            replace(sound, number="A", scheme="<b>"),
            replace(sound, number="A", scheme="cn.low_carbon"),
        ]
        results = await catalogue.register_certificates(session, rows, now=NOW)
    assert results[0] == Unchanged(made.certificate_id)
    fields = [result.field for result in results[1:] if isinstance(result, Rejected)]
    by_itself = ["kind", "number", "valid_until"]
    assert fields == ["number", "gtin", "footprint_id", "certifier_id", *by_itself, "scheme", "scheme", "kind"]


async def test_who_makes_a_product_does_not_certify_it_though_it_certifies_others() -> None:
    async with db.transaction() as session:
        certifier, other = await make_certifier(session), await make_certifier(session)
        gtin = fresh_gtin()
        await catalogue.register_products(session, [NewProduct(gtin, "茶", maker_id=certifier)], now=NOW)
        own = NewCertificate(f"T-{gtin}", "cn.carbon_footprint", "carbon_label", gtin, certifier, SINCE, UNTIL)
        claim = replace(own, scheme="self.declared", kind="self_declared", self_declared=True, number=f"S-{gtin}")
        results = await catalogue.register_certificates(
            session, [own, replace(own, certifier_id=other), claim], now=NOW
        )
    assert isinstance(results[0], Rejected)
    assert (results[0].field, "maker" in results[0].reason) == ("certifier_id", True)
    assert [isinstance(each, Registered) for each in results[1:]] == [True, True]


async def test_events_change_the_status_from_their_day_on_and_nonsense_is_rejected() -> None:
    async with db.transaction() as session:
        made = await make_labelled(session)
        number = made.certificate_number

        async def happen(kind: str, day: date, reason: str = "", by_id: UUID | None = None) -> catalogue.Result:
            row = NewEvent(number, kind, day, "auditor", reason, by_id)
            return await catalogue.record_event(session, row, now=NOW)

        standing(await happen("suspended", date(2026, 1, 1)))
        assert isinstance(await happen("suspended", date(2026, 1, 5)), Rejected)
        assert isinstance(await happen("issued", date(2026, 1, 5)), Rejected)
        assert isinstance(await happen("reinstated", date(2026, 2, 1), by_id=new_id()), Rejected)
        standing(await happen("reinstated", date(2026, 2, 1), by_id=made.certifier_id))
        standing(await happen("withdrawn", date(2026, 6, 1), reason="false data"))
        unknown = await catalogue.record_event(session, NewEvent("?", "withdrawn", DAY, "auditor"), now=NOW)
        facts = (await facts_for(session, [made.gtin]))[made.gtin]
    assert isinstance(unknown, Rejected)
    (certificate,) = facts.certificates
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 1), date(2026, 6, 1), date(2030, 1, 1)]
    stands = [status_on(certificate.events, certificate.valid_from, certificate.valid_until, day) for day in days]
    assert stands == [Status.VALID, Status.SUSPENDED, Status.VALID, Status.WITHDRAWN, Status.WITHDRAWN]


async def test_the_database_refuses_to_change_what_happened_to_a_certificate() -> None:
    async with db.transaction() as session:
        made = await make_labelled(session)
    with pytest.raises(DBAPIError):
        async with db.transaction() as session:
            await session.exec(update(CertificateEvent).values(reason="never mind"))
    async with db.transaction() as session:
        events = await session.exec(
            select(CertificateEvent).where(CertificateEvent.certificate_id == made.certificate_id)
        )
        assert [each.kind for each in events] == ["issued"]
