import socket
from datetime import UTC, datetime
from random import Random
from typing import Any, cast
from uuid import uuid4

import pytest
from sqlmodel import col, select

from commands.demo import city
from commands.demo.acts import Day
from commands.demo.loading import MAKER_SCOPES, load_demo_programme
from commands.door import completed
from core.db import transaction
from core.settings import settings
from labels.gtin import Scope, parse_code
from labels.queries import facts_for
from labels.savings import Basis, Obstacle, basis_on
from labels.tables import Organization, Product
from points.programmes import access
from tests.commands.conftest import Run

pytestmark = pytest.mark.usefixtures("own_database")


def test_every_number_of_the_demonstration_is_of_the_range_kept_for_demonstrations() -> None:
    labelled = (*city.PRODUCTS, city.EXPIRED, city.TO_THE_GATE, city.NEWCOMER)
    gtins = [*(each.gtin for each in labelled), city.UNLABELLED.gtin, city.UNREGISTERED]
    assert len(set(gtins)) == len(gtins)
    assert {parse_code(gtin).scope for gtin in gtins} == {Scope.DEMO}


def test_loading_it_twice_makes_one_city_whose_products_save_or_say_why_not(command: Run) -> None:
    first = completed(load_demo_programme)
    assert completed(load_demo_programme) is None
    assert first is None or set(first.keys) == {city.MAKER[1], city.CERTIFIER[1], *(en for _, en in city.RETAILERS)}

    async def bases() -> dict[str, Basis | Obstacle]:
        async with transaction() as session:
            gtins = [each.gtin.zfill(14) for each in (*city.PRODUCTS, city.EXPIRED, city.TO_THE_GATE)]
            facts = await facts_for(session, gtins)
            return {gtin: basis_on(facts[gtin], city.EXPIRED_ON, ["carbon_label"]) for gtin in gtins}

    found = completed(bases)
    expired, gate = found.pop(city.EXPIRED.gtin.zfill(14)), found.pop(city.TO_THE_GATE.gtin.zfill(14))
    assert isinstance(expired, Obstacle)
    assert expired.reason == "certificate_not_valid"
    assert isinstance(gate, Obstacle)
    assert gate.fields == ("boundary",)
    for basis in found.values():
        assert isinstance(basis, Basis)
        assert basis.footprint.milligrams_per_unit < basis.baseline.milligrams_per_unit


def test_the_maker_can_order_labels_for_units_of_its_products(command: Run) -> None:
    completed(load_demo_programme)

    async def registered_by() -> set[str]:
        async with transaction() as session:
            query = select(Organization.name_en).join(Product, col(Product.registered_by_id) == Organization.id)
            gtins = [each.gtin.zfill(14) for each in city.PRODUCTS]
            return set((await session.exec(query.where(col(Product.gtin).in_(gtins)))).all())

    assert access.Scope.UNITS_WRITE in MAKER_SCOPES
    assert completed(registered_by) == {city.MAKER[1]}


def test_a_day_goes_on_where_a_rule_of_the_programme_holds_a_scan() -> None:
    day = Day(cast("Any", None), cast("Any", None), "run", Random(1), datetime.now(UTC))
    held = {"review_id": str(uuid4()), "rule": "visits_per_minute", "detail": ""}
    day.count({"outcome": "held", "receipt": None, "refusal": None, "held": held}, "code")
    assert (dict(day.reasons), day.credited) == ({"visits_per_minute": 1}, 0)


def test_a_database_with_a_programme_of_its_own_gets_no_demonstration_unasked(command: Run) -> None:
    async def work() -> object:
        return await load_demo_programme(only_if_empty=True)

    assert completed(work) is None


def test_a_day_lived_over_http_is_as_it_has_to_be_and_adds_up(command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setenv("TANHUI_PORT", str(free.getsockname()[1]))
    monkeypatch.setenv("TANHUI_API_WORKERS", "1")
    settings.cache_clear()
    done = command("demo", "--residents", 80)
    assert done.code == 0, done
    assert "FAILS" not in done.text
    assert done.text.count("holds ") >= 14
    assert "demo: no differences." in done.text
