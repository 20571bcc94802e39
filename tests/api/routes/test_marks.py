from httpx import AsyncClient

from labels.catalogue import CertificateKind
from labels.certification.mark_use import Beside, Placement
from tests.api.conftest import People
from tests.factories.certificates import register
from tests.factories.labels import Labelled, fresh_gtin


async def test_marks_of_several_schemes_stand_in_one_view(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    number = await register(client, people.partner, labelled.gtin)
    response = await client.get(f"/v1/products/{labelled.gtin}/marks?on=2026-05-01")
    marks = {each["scheme"]["id"]: each for each in response.json()["marks"]}
    assert set(marks) == {"cn.low_carbon", "cn.carbon_footprint"}
    (certificate,) = marks["cn.low_carbon"]["certificates"]
    assert (certificate["number"], certificate["mark_use"]["placements"][0]) == (number, "product")
    assert marks["cn.carbon_footprint"]["certificates"][0]["mark_use"]["must_show"] == ["figure", "certificate_number"]
    again = await client.get(response.request.url, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert (await client.get(f"/v1/products/{fresh_gtin()}/marks")).status_code == 404


async def test_every_scheme_is_listed_with_its_source_and_rules_in_both_languages(
    client: AsyncClient, database: str
) -> None:
    schemes = (await client.get("/v1/schemes")).json()["schemes"]
    assert {each["kind"] for each in schemes} == set(CertificateKind)
    assert {"CN", "KR", "TW", "GB", "GLO"} <= {each["region"] for each in schemes}
    for each in schemes:
        assert each["source"]
        assert each["rules_zh"]
        assert each["rules_en"]
        assert set(each["placements"]) <= set(Placement)
        assert set(each["must_show"]) <= set(Beside)
    assert [each["id"] for each in schemes if each["self_declared"]] == ["self.declared"]
