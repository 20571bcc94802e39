from datetime import date

from httpx import AsyncClient

from core import db
from labels.tables import CertificateEvent
from tests.factories.labels import Labelled

BROWSER = {"Accept": "text/html", "Accept-Language": "en"}


async def test_a_certificate_shows_its_status_by_the_day_and_its_history(
    client: AsyncClient, labelled: Labelled
) -> None:
    async with db.transaction() as session:
        for kind, day in (("suspended", date(2020, 3, 1)), ("reinstated", date(2020, 4, 1))):
            event = CertificateEvent(
                certificate_id=labelled.certificate_id, kind=kind, effective_on=day, actor="test", reason="an audit"
            )
            session.add(event)
    address = f"/certificates/{labelled.certificate_number}"
    today = (await client.get(address, headers=BROWSER)).text
    assert 'class="badge valid"' in today
    assert today.index("Issued") < today.index("Suspended") < today.index("Reinstated")
    then = (await client.get(address, params={"on": "2020-03-15"}, headers=BROWSER)).text
    assert 'class="badge suspended"' in then
    assert "the mark may not be shown" in then


async def test_an_unknown_certificate_is_not_found(client: AsyncClient, database: str) -> None:
    response = await client.get("/certificates/no/such?lang=zh", headers=BROWSER)
    assert (response.status_code, response.headers["Content-Language"]) == (404, "zh-CN")


async def test_a_day_that_is_none_is_refused_with_a_page(client: AsyncClient, labelled: Labelled) -> None:
    response = await client.get(f"/certificates/{labelled.certificate_number}?on=yesterday", headers=BROWSER)
    assert (response.status_code, "Invalid request" in response.text) == (422, True)
