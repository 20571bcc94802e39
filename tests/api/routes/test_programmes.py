from httpx import AsyncClient

from core import clock, db
from core.ids import new_id
from points.programmes.policy import Terms
from points.programmes.programmes import decide_policy
from points.programmes.tables import Programme
from points.residents.tables import District


async def test_a_programme_announces_its_rules_and_districts(client: AsyncClient, programme: Programme) -> None:
    async with db.transaction() as session:
        session.add(District(programme_id=programme.programme_id, name_zh="吴兴区", name_en="Wuxing"))
    response = await client.get(f"/v1/programmes/{programme.slug}")
    assert response.status_code == 200, response.text
    page = response.json()
    assert [each["name_zh"] for each in page["districts"]] == ["吴兴区"]
    assert (page["rules"]["points_per_tonne"], page["rules"]["maturity_days"]) == (10_000, 0)
    assert page["rules"]["caps"]["grams_per_day"] == 20_000


async def test_a_programme_announces_whose_certificates_earn(client: AsyncClient, programme: Programme) -> None:
    certifier = str(new_id())
    async with db.transaction() as session:
        terms = Terms(certifiers=(certifier,))
        await decide_policy(session, programme.programme_id, terms, effective_from=clock.now())
    rules = (await client.get(f"/v1/programmes/{programme.slug}")).json()["rules"]
    assert (rules["policy_version"], rules["certifiers"]) == (2, [certifier])


async def test_an_unknown_programme_is_not_found(client: AsyncClient, database: str) -> None:
    response = await client.get("/v1/programmes/atlantis")
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
