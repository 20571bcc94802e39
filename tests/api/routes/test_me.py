import csv
import io
from datetime import datetime, timedelta

from httpx import AsyncClient
from redis.asyncio import Redis

from core import clock, db
from core.ids import new_id
from points import ledger
from points.earning.activities import Receipt
from points.earning.credits import record
from points.earning.funding import deferrals
from points.leaderboards import projection
from points.programmes.policy import Shortage, SpentPoints, Terms
from points.programmes.programmes import decide_policy
from tests.api.conftest import People
from tests.factories.clawbacks import spend
from tests.factories.credits import NOW, credit, sale
from tests.factories.identities import as_resident
from tests.factories.labels import Labelled, make_labelled
from tests.factories.programmes import make_programme
from tests.factories.reinstatements import fund, given_back, taken_back
from tests.factories.residents import make_residents


async def test_a_resident_without_anything_has_nothing(client: AsyncClient, people: People) -> None:
    held = (await client.get("/v1/me/balance", headers=people.resident)).json()
    assert (held.pop("maturing"), held.pop("expiring")) == ([], [])
    assert set(held.values()) == {0}
    page = (await client.get("/v1/me/statement", headers=people.resident)).json()
    assert page == {"entries": [], "next_cursor": None}


async def test_me_shows_the_member_code_and_the_programme(client: AsyncClient, people: People) -> None:
    me = (await client.get("/v1/me", headers=people.resident)).json()
    assert (me["resident_id"], me["programme"]) == (str(people.resident_id), people.programme.slug)
    assert len(me["member_code"]) == 12


async def test_somebody_erased_since_the_token_was_made_is_not_found(client: AsyncClient, people: People) -> None:
    response = await client.get("/v1/me", headers=as_resident(people.programme, new_id()))
    assert response.status_code == 404


async def test_the_statement_goes_back_page_by_page_without_gaps_or_repeats(
    client: AsyncClient, people: People
) -> None:
    async with db.transaction() as session:
        products = [await make_labelled(session) for _ in range(3)]
    for product in products:
        await client.post("/v1/scans", json={"code": product.gtin}, headers=people.resident)
    whole = (await client.get("/v1/me/statement", headers=people.resident)).json()
    assert whole["next_cursor"] is None
    seen, cursor = [], None
    for _ in range(10):
        parameters = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/me/statement", params=parameters, headers=people.resident)).json()
        seen += page["entries"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == whole["entries"]
    assert sum(entry["change"]["available_points"] + entry["change"]["pending_points"] for entry in seen) == 3


async def test_a_balance_in_a_cursor_is_believed_only_as_we_told_it(client: AsyncClient, people: People) -> None:
    """Changed, or asked for by somebody else or until another time, it says where to go on and nothing else."""
    async with db.transaction() as session:
        products = [await make_labelled(session) for _ in range(3)]
    for product in products:
        await client.post("/v1/scans", json={"code": product.gtin}, headers=people.resident)
    whole = (await client.get("/v1/me/statement", headers=people.resident)).json()["entries"]
    first = (await client.get("/v1/me/statement", params={"limit": 1}, headers=people.resident)).json()
    entry, _, sealed = first["next_cursor"].partition(".")
    lies = [f"{entry}.{sealed[:60]}{'A' * 10}{sealed[70:]}", f"{entry}.{'A' * len(sealed)}", entry]
    for cursor in (first["next_cursor"], *lies):
        page = await client.get("/v1/me/statement", params={"cursor": cursor}, headers=people.resident)
        assert page.json()["entries"] == whole[1:], cursor
    until = {"effective_until": (clock.now() - timedelta(days=1)).isoformat(), "cursor": first["next_cursor"]}
    assert (await client.get("/v1/me/statement", params=until, headers=people.resident)).json()["entries"] == []
    for malformed in (f"{entry}.", f"{entry}.{sealed[:-1]}", f"{entry}.{sealed[:-1]}é", f".{sealed}"):
        refused = await client.get("/v1/me/statement", params={"cursor": malformed}, headers=people.resident)
        assert refused.status_code == 422, malformed


async def test_a_receipt_of_somebody_else_is_not_found(client: AsyncClient, people: People, labelled: Labelled) -> None:
    scanned = await client.post("/v1/scans", json={"code": labelled.gtin}, headers=people.resident)
    other = as_resident(people.programme, new_id())
    assert (await client.get(scanned.headers["Location"], headers=other)).status_code == 404


async def test_a_resident_decides_their_name_and_whether_to_be_ranked(client: AsyncClient, people: People) -> None:
    changed = await client.patch("/v1/me", json={"nickname": "竹风", "ranked": False}, headers=people.resident)
    assert (changed.status_code, changed.json()["nickname"], changed.json()["ranked"]) == (200, "竹风", False)
    back = await client.patch("/v1/me", json={"ranked": True}, headers=people.resident)
    assert (back.json()["nickname"], back.json()["ranked"]) == ("竹风", True)
    assert (await client.get("/v1/me", headers=people.resident)).json() == back.json()


async def test_a_nickname_that_nobody_can_see_is_refused(client: AsyncClient, people: People) -> None:
    before = (await client.get("/v1/me", headers=people.resident)).json()
    refused = await client.patch("/v1/me", json={"nickname": "\u200b\u3164"}, headers=people.resident)
    [told] = refused.json()["errors"]
    assert (refused.status_code, told["in"], told["pointer"]) == (422, "body", "#/nickname")
    assert told["detail"].startswith("Nothing of this nickname can be seen; ")
    assert (await client.get("/v1/me", headers=people.resident)).json() == before


async def test_a_nickname_turns_nothing_round(client: AsyncClient, people: People) -> None:
    changed = await client.patch("/v1/me", json={"nickname": "竹\u202e风"}, headers=people.resident)
    assert (changed.status_code, changed.json()["nickname"]) == (200, "竹风")


async def test_who_leaves_the_boards_is_gone_from_them(
    client: AsyncClient, people: People, labelled: Labelled, redis: Redis
) -> None:
    board = "/v1/leaderboards/residents?period=week"
    programme = people.programme
    async with db.transaction() as session:
        await record(session, programme.programme_id, [sale(people.resident_id, labelled.gtin)], now=clock.now())
    assert (await client.get(board, headers=people.resident)).json()["mine"]["grams"] == 1000
    await client.patch("/v1/me", json={"ranked": False}, headers=people.resident)
    async with db.transaction() as session:
        await projection.project_dirty(
            session, redis, programme.programme_id, time_zone=programme.time_zone, now=clock.now()
        )
    seen = (await client.get(board, headers=people.resident)).json()
    assert (seen["mine"], seen["members"]) == (None, 0)


async def test_a_district_of_nowhere_is_refused_by_name(client: AsyncClient, people: People) -> None:
    response = await client.patch("/v1/me", json={"district_id": str(new_id())}, headers=people.resident)
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "#/district_id")


async def test_the_balance_says_when_pending_points_can_be_spent_and_which_points_lapse_soon(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    programme_id, now = people.programme.programme_id, clock.now()
    old = now - timedelta(days=330)  # of the usual policy: spendable since long, and lapsing within 60 days
    async with db.transaction() as session:
        await decide_policy(session, programme_id, Terms(), effective_from=old)
    for moment in (old, now):
        async with db.transaction() as session:
            await record(
                session,
                programme_id,
                [sale(people.resident_id, labelled.gtin, receipt=str(moment), at=moment)],
                now=moment,
            )
    before = (await client.get("/v1/me/balance", headers=people.resident)).json()
    assert sum(each["points"] for each in before["maturing"]) == before["pending_points"] > 0
    async with db.transaction() as session:
        await ledger.mature(session, programme_id, now=now)
    balance = (await client.get("/v1/me/balance", headers=people.resident)).json()
    [pending], [lapsing] = balance["maturing"], balance["expiring"]
    zone = people.programme.time_zone
    assert pending["matures_on"] == str(clock.local_day(now + timedelta(days=7), zone))
    assert pending["points"] == balance["pending_points"]
    assert lapsing["points"] == balance["available_points"] > 0
    assert now < datetime.fromisoformat(lapsing["expires_at"]) < now + timedelta(days=60)


async def test_the_whole_statement_can_be_taken_along_as_csv(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    async with db.transaction() as session:
        for quantity in (1, 2):
            bought = sale(people.resident_id, labelled.gtin, line=quantity, quantity=quantity)
            await record(session, people.programme.programme_id, [bought], now=clock.now())
    exported = await client.get("/v1/me/statement.csv", headers=people.resident)
    assert exported.headers["content-type"].startswith("text/csv")
    assert "attachment" in exported.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(exported.text.removeprefix("\ufeff"))))
    entries = (await client.get("/v1/me/statement", headers=people.resident)).json()["entries"]
    assert [row["entry_id"] for row in rows] == [entry["entry_id"] for entry in entries]
    assert [(row["grams"], row["quantity"], row["gtin"]) for row in rows] == [
        ("2000", "2", labelled.gtin),
        ("1000", "1", labelled.gtin),
    ]
    assert (await client.get("/v1/me/statement.csv", headers=people.partner)).status_code == 403


async def test_the_statement_tells_what_was_known_and_what_was_in_effect_at_a_time(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    now = clock.now()
    async with db.transaction() as session:
        late = sale(people.resident_id, labelled.gtin, at=now - timedelta(days=3))  # told three days late
        await record(session, people.programme.programme_id, [late], now=now)

    async def known(parameter: str, moment: datetime) -> list[int]:
        page = await client.get("/v1/me/statement", params={parameter: moment.isoformat()}, headers=people.resident)
        grams = [entry["balance"]["grams"] for entry in page.json()["entries"]]
        balance = await client.get(
            "/v1/me/balance/as-of", params={parameter: moment.isoformat()}, headers=people.resident
        )
        assert balance.json()["grams"] == (grams or [0])[0]
        return grams

    two_days_ago = now - timedelta(days=2)
    assert await known("recorded_until", two_days_ago) == []
    assert await known("effective_until", two_days_ago) == [1_000]
    assert await known("effective_until", now - timedelta(days=4)) == []
    assert await known("recorded_until", clock.now()) == [1_000]


async def test_every_entry_that_a_purchase_led_to_names_its_receipt(client: AsyncClient, labelled: Labelled) -> None:
    """Points that waited, that were taken back, paid what was owed, and were given back: each is of one purchase."""
    terms = Terms(shortage=Shortage.WAIT_FOR_FUNDING)
    async with db.transaction() as session:
        programme = await make_programme(session, terms=terms, base_points=15)
        [who] = await make_residents(session, programme, 1)
    [bought] = await credit(programme, sale(who, labelled.gtin, quantity=2))
    assert isinstance(bought, Receipt)
    await fund(programme, 5)
    later = NOW + timedelta(days=8)
    async with db.transaction() as session:
        assert await deferrals.grant(session, programme.programme_id, now=NOW, limit=10) == 1
        await ledger.mature(session, programme.programme_id, now=later)
    assert await spend(programme, who, 4)
    order_id = await taken_back(programme, SpentPoints.OWED)
    await given_back(programme, order_id, who)
    async with db.transaction() as session:
        await ledger.mature(session, programme.programme_id, now=later)
        await ledger.expire(session, programme.programme_id, now=NOW + timedelta(days=800))
    headers = as_resident(programme, who)
    entries = (await client.get("/v1/me/statement", headers=headers)).json()["entries"]
    named = {entry["kind"] for entry in entries if entry["receipt_id"] is not None}
    assert named == {"award", "deferred", "maturity", "reversal", "reinstatement", "expiry"}
    assert {entry["receipt_id"] for entry in entries if entry["kind"] in named} == {str(bought.activity_id)}
    exported = (await client.get("/v1/me/statement.csv", headers=headers)).text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(exported)))
    assert [row["receipt_id"] for row in rows] == [entry["receipt_id"] or "" for entry in entries]
    assert [bool(row["gtin"]) for row in rows] == [bool(row["receipt_id"]) for row in rows]
