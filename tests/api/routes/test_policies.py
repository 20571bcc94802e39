import asyncio
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from api.schemas.guards import GuardsInForce, NewGuards
from api.schemas.policies import (
    CapsInForce,
    DrawOrderInForce,
    EveryTermInForce,
    NewCaps,
    NewDrawOrder,
    NewTerms,
    TermsInForce,
)
from core import clock, db
from points.programmes.access import Role
from points.programmes.guard_terms import Guards
from points.programmes.policy import Caps, DrawOrder, Terms
from points.programmes.queries import rulebook
from points.programmes.tables import Policy
from tests.api.conftest import People
from tests.factories.identities import as_staff
from tests.factories.programmes import make_programme


def new(**terms: object) -> dict[str, Any]:
    return {"based_on": 1, "effective_from": (clock.now() + timedelta(days=30)).isoformat(), "terms": terms}


async def test_a_published_version_changes_what_it_names_and_is_announced_before_it_holds(
    client: AsyncClient, people: People
) -> None:
    body = new(caps={"grams_per_day": 15_000, "household_grams_per_day": 40_000}, expiry={"months": 6})
    made = await client.post("/v1/policies", json=body, headers=people.staff)
    assert made.status_code == 201, made.text
    shown = await client.get(made.headers["Location"], headers=people.staff)
    assert shown.json() == made.json()
    page = made.json()
    assert (page["version"], page["state"], page["effective_until"]) == (2, "coming", None)
    assert page["terms"]["caps"]["grams_per_day"] == 15_000
    assert page["terms"]["caps"]["grams_per_month"] == Terms().caps.grams_per_month
    assert page["terms"]["expiry"] == {"months": 6, "rounding": "none", "fixed_dates": []}
    slug = people.programme.slug
    listed = (await client.get(f"/v1/programmes/{slug}/policies")).json()["policies"]
    assert [(each["version"], each["state"]) for each in listed] == [(1, "in_force"), (2, "coming")]
    assert (await client.get(f"/v1/programmes/{slug}")).json()["rules"]["policy_version"] == 1
    compared = (await client.get(f"/v1/programmes/{slug}/policies/2/differences", params={"since": 1})).json()
    assert compared["differences"] == [
        {"path": "caps.grams_per_day", "before": 20_000, "after": 15_000},
        {"path": "caps.household_grams_per_day", "before": None, "after": 40_000},
        {"path": "expiry.months", "before": 12, "after": 6},
    ]


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"sale_evidence_bp": 10_001}, "#/terms/sale_evidence_bp"),
        ({"expiry": {"months": 0}}, "#/terms/expiry/months"),
        ({"expiry": {"months": 3, "fixed_dates": ["02-30"]}}, "#/terms/expiry/fixed_dates"),
        ({"expiry": {"months": 3, "rounding": "decade"}}, "#/terms/expiry/rounding"),
        ({"shortage": "print_more"}, "#/terms/shortage"),
        ({"caps": {"grams_per_day": 9, "grams_per_month": 8}}, "#/terms/caps/grams_per_month"),
        ({"caps": {"grams_per_day": None}}, "#/terms/caps/grams_per_day"),
        ({"schemes": []}, "#/terms/schemes"),
        ({"maturity_days": 400}, "#/terms/maturity_days"),
        ({"guards": {"till_lines_per_minute": 6}}, "#/terms/guards/till_characters"),
        ({"bonus": 1}, "#/terms/bonus"),
        ({}, "#/terms"),
    ],
)
async def test_a_term_that_can_not_be_held_is_named(
    client: AsyncClient, people: People, terms: dict[str, Any], pointer: str
) -> None:
    refused = await client.post("/v1/policies", json=new(**terms), headers=people.staff)
    assert refused.status_code == 422, refused.text
    assert pointer in [each["pointer"] for each in refused.json()["errors"]]


async def test_nothing_is_published_for_the_past_or_over_somebody_elses_version(
    client: AsyncClient, people: People
) -> None:
    past = new(return_days=10) | {"effective_from": (clock.now() - timedelta(hours=1)).isoformat()}
    refused = await client.post("/v1/policies", json=past, headers=people.staff)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/effective_from")
    first = await client.post("/v1/policies", json=new(return_days=10), headers=people.staff)
    second = await client.post("/v1/policies", json=new(return_days=20), headers=people.staff)
    assert (first.status_code, second.status_code) == (201, 409)
    assert "version 2" in second.json()["detail"]


async def test_only_operators_publish(client: AsyncClient, people: People) -> None:
    async with db.transaction() as session:
        auditor = await as_staff(session, people.programme, email="audit@example.org", role=Role.AUDITOR)
    for headers in (people.resident, people.partner, auditor):
        assert (await client.post("/v1/policies", json=new(return_days=1), headers=headers)).status_code == 403
    missing = await client.get(f"/v1/programmes/{people.programme.slug}/policies/9")
    assert missing.status_code == 404


async def test_a_programme_may_stop_taking_codes_that_never_change(client: AsyncClient, people: People) -> None:
    made = await client.post("/v1/policies", json=new(static_member_codes=False), headers=people.staff)
    assert made.status_code == 201, made.text
    assert made.json()["terms"]["static_member_codes"] is False


async def test_a_programme_says_which_points_are_spent_first(client: AsyncClient, people: People) -> None:
    made = await client.post("/v1/policies", json=new(draw_order={"sale": 5, "campaign": 9}), headers=people.staff)
    assert made.status_code == 201, made.text
    order = {"sale": 5, "claimed": 0, "unit": 0, "scan": 0, "campaign": 9}
    assert made.json()["terms"]["draw_order"] == order
    version = made.json()["version"]
    slug = people.programme.slug
    told = await client.get(f"/v1/programmes/{slug}/policies/{version}/differences", params={"since": version - 1})
    assert told.json()["differences"] == [
        {"path": "draw_order.sale", "before": 0, "after": 5},
        {"path": "draw_order.campaign", "before": None, "after": 9},
    ]
    for wrong in ({"sale": 101}, {"sale": -1}, {"sale": None}, {"gift": 1}):
        body = new(draw_order=wrong) | {"based_on": version}
        refused = await client.post("/v1/policies", json=body, headers=people.staff)
        assert refused.status_code == 422, wrong
        assert "draw_order" in refused.text


async def test_staff_read_the_guards_they_published_and_what_changed_of_them_and_nobody_else_does(
    client: AsyncClient, people: People
) -> None:
    guards = {
        "visits_per_minute": 6,
        "resident_returns_bp": 4321,
        "staff_may_claim": False,
        "refusing": ["staff_claim", "visits_per_minute"],
    }
    made = await client.post("/v1/policies", json=new(guards=guards), headers=people.staff)
    assert made.status_code == 201, made.text
    async with db.transaction() as session:
        auditor = await as_staff(session, people.programme, email="look@example.org", role=Role.AUDITOR)
    for headers in (people.staff, auditor):
        shown = await client.get(made.headers["Location"], headers=headers)
        assert shown.json() == made.json()
        assert {name: shown.json()["terms"]["guards"][name] for name in guards} == guards
        compared = await client.get("/v1/policies/2/differences", params={"since": 1}, headers=headers)
        changed = {each["path"]: each["after"] for each in compared.json()["differences"]}
        assert changed == {f"guards.{name}": value for name, value in guards.items()}
    for path in ("/v1/policies/2", "/v1/policies/2/differences?since=1"):
        assert (await client.get(path)).status_code == 401
        for headers in (people.resident, people.partner):
            assert (await client.get(path, headers=headers)).status_code == 403
    public = f"/v1/programmes/{people.programme.slug}"
    for path in ("", "/policies", "/policies/2", "/policies/2/differences?since=1"):
        for headers in ({}, people.staff):
            told = await client.get(f"{public}{path}", headers=headers)
            assert told.status_code == 200
            assert "guards" not in told.text


async def test_staff_do_not_read_another_programmes_guards(client: AsyncClient, people: People) -> None:
    made = await client.post("/v1/policies", json=new(guards={"visits_per_minute": 6}), headers=people.staff)
    async with db.transaction() as session:
        other = await make_programme(session)
        stranger = await as_staff(session, other, email="else@example.org")
    assert (await client.get(made.headers["Location"], headers=stranger)).status_code == 404


async def test_a_version_that_has_not_begun_is_withdrawn_stays_readable_and_its_number_is_not_used_again(
    client: AsyncClient, people: People
) -> None:
    await client.post("/v1/policies", json=new(return_days=10), headers=people.staff)
    withdrawn = await client.post("/v1/policies/2/withdrawals", headers=people.staff)
    assert withdrawn.status_code == 200, withdrawn.text
    assert (withdrawn.json()["state"], withdrawn.json()["effective_until"]) == ("withdrawn", None)
    assert withdrawn.json()["withdrawn_at"] is not None
    again = await client.post("/v1/policies/2/withdrawals", headers=people.staff)
    assert again.json() == withdrawn.json()
    public = f"/v1/programmes/{people.programme.slug}/policies"
    assert (await client.get(f"{public}/2")).json()["withdrawn_at"] == withdrawn.json()["withdrawn_at"]
    stale = await client.post("/v1/policies", json=new(return_days=20) | {"based_on": 2}, headers=people.staff)
    assert (stale.status_code, "version 1 is" in stale.json()["detail"]) == (409, True)
    made = await client.post("/v1/policies", json=new(return_days=20), headers=people.staff)
    assert made.json()["version"] == 3
    listed = (await client.get(public)).json()["policies"]
    assert [(each["version"], each["state"], each["terms"]["return_days"]) for each in listed] == [
        (1, "in_force", 30),
        (2, "withdrawn", 10),
        (3, "coming", 20),
    ]
    assert listed[0]["effective_until"] == listed[2]["effective_from"]


async def test_who_withdrew_a_version_is_recorded_and_nobody_is_credited_by_it(
    client: AsyncClient, people: People
) -> None:
    coming = new(return_days=10)
    await client.post("/v1/policies", json=coming, headers=people.staff)
    await client.post("/v1/policies/2/withdrawals", headers=people.staff)
    async with db.transaction() as session:
        rules = await rulebook(session, people.programme.programme_id)
        stored = await session.get_one(Policy, (people.programme.programme_id, 2))
    assert stored.withdrawn_by_id == stored.published_by_id is not None
    held_then = rules.policy_at(datetime.fromisoformat(coming["effective_from"]) + timedelta(days=1))
    assert held_then is not None
    assert held_then.version == 1
    assert [each.version for each in rules.policies] == [1]


async def test_what_holds_already_is_not_withdrawn_and_only_operators_of_the_programme_withdraw(
    client: AsyncClient, people: People
) -> None:
    await client.post("/v1/policies", json=new(return_days=10), headers=people.staff)
    refused = await client.post("/v1/policies/1/withdrawals", headers=people.staff)
    assert (refused.status_code, "Publish the next version" in refused.json()["detail"]) == (409, True)
    assert (await client.post("/v1/policies/9/withdrawals", headers=people.staff)).status_code == 404
    async with db.transaction() as session:
        auditor = await as_staff(session, people.programme, email="audit@example.org", role=Role.AUDITOR)
        stranger = await as_staff(session, await make_programme(session), email="else@example.org")
    for headers in (auditor, people.resident, people.partner):
        assert (await client.post("/v1/policies/2/withdrawals", headers=headers)).status_code == 403
    assert (await client.post("/v1/policies/2/withdrawals", headers=stranger)).status_code == 404
    told = await client.get("/v1/policies/2", headers=people.staff)
    assert (told.json()["state"], told.json()["withdrawn_at"]) == ("coming", None)


async def test_a_version_that_a_later_one_would_undo_is_refused_until_that_one_is_withdrawn(
    client: AsyncClient, people: People
) -> None:
    await client.post("/v1/policies", json=new(return_days=10), headers=people.staff)
    soon = {"effective_from": (clock.now() + timedelta(days=1)).isoformat()}
    refused = await client.post("/v1/policies", json=new(claim_days=3) | soon | {"based_on": 2}, headers=people.staff)
    assert refused.status_code == 409, refused.text
    assert "withdraw version 2 first" in refused.json()["detail"]
    await client.post("/v1/policies/2/withdrawals", headers=people.staff)
    made = await client.post("/v1/policies", json=new(claim_days=3) | soon, headers=people.staff)
    assert (made.status_code, made.json()["version"]) == (201, 3), made.text


async def test_of_a_withdrawal_and_a_version_built_on_it_at_once_the_second_is_told(
    client: AsyncClient, people: People
) -> None:
    await client.post("/v1/policies", json=new(return_days=10), headers=people.staff)
    both = await asyncio.gather(
        client.post("/v1/policies/2/withdrawals", headers=people.staff),
        client.post("/v1/policies", json=new(claim_days=3) | {"based_on": 2}, headers=people.staff),
    )
    assert sorted(each.status_code for each in both) in ([200, 409], [201, 409]), [each.text for each in both]


def test_every_term_can_be_published_and_is_shown_but_for_the_thresholds_of_guards() -> None:
    terms, caps, guards, order = ({each.name for each in fields(kind)} for kind in (Terms, Caps, Guards, DrawOrder))
    assert set(NewTerms.model_fields) == terms - {"expiry_months"}
    assert set(TermsInForce.model_fields) == terms - {"guards"}
    assert set(NewCaps.model_fields) == set(CapsInForce.model_fields) == caps
    assert set(EveryTermInForce.model_fields) == terms
    assert set(NewGuards.model_fields) == set(GuardsInForce.model_fields) == guards
    assert set(NewDrawOrder.model_fields) == set(DrawOrderInForce.model_fields) == order
