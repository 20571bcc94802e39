from dataclasses import replace
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import event

from core import clock, db
from core.ids import new_id
from labels.errors import (
    InvalidRecordError,
    MissingUnitKeyError,
    SeriesRevokedError,
    UnknownProductError,
    UnknownSeriesError,
)
from labels.tables import Organization, Product
from labels.units.serials import series_key
from labels.units.tables import UnitSeries
from labels.units.unit_series import NewSeries, find_series, order_series, printing_key, revoke_series
from labels.units.verification import UnitState, verify_units
from tests.factories.labels import fresh_gtin

SECRET = sha256(b"a secret for tests").digest()
OTHER = sha256(SECRET).digest()


async def make_order(count: int = 100) -> NewSeries:
    """Return an order for a product of a maker's own."""
    maker, gtin = Organization(name_zh="厂", name_en="Maker", roles="maker"), fresh_gtin()
    async with db.transaction() as session:
        session.add(maker)
        await session.flush()
        session.add(Product(gtin=gtin, name_zh="茶", name_en="Tea", maker_id=maker.id))
    return NewSeries(gtin, count, maker.id, "partner:test")


async def make_series(order: NewSeries) -> UnitSeries:
    async with db.transaction() as session:
        return await order_series(session, order, secret=SECRET, now=clock.now())


async def state_of(gtin: str, serial: str, secret: bytes = SECRET) -> UnitState | None:
    async with db.transaction() as session:
        (unit,) = await verify_units(session, [(gtin, serial)], secret=secret)
    return None if unit is None else unit.state


async def test_every_label_of_a_series_verifies_and_nothing_beyond_it(database: str) -> None:
    series = await make_series(await make_order(count=100))
    key = printing_key(series, SECRET)
    async with db.transaction() as session:
        scanned = [(series.gtin, key.serial(number)) for number in range(1, 102)]
        units = await verify_units(session, scanned, secret=SECRET)
    assert [unit.number if unit else None for unit in units] == [*range(1, 101), None]


async def test_a_serial_of_one_product_is_nothing_on_another(database: str) -> None:
    series, another = await make_series(await make_order()), await make_series(await make_order())
    serial = printing_key(series, SECRET).serial(1)
    assert await state_of(series.gtin, serial) is UnitState.GENUINE
    assert await state_of(another.gtin, serial) is None


async def test_a_serial_made_with_the_code_but_another_secret_does_not_verify(database: str) -> None:
    series = await make_series(await make_order())
    forged = series_key(OTHER, series.code, series.gtin).serial(1)
    assert await state_of(series.gtin, forged) is None


async def test_a_revoked_series_does_not_verify_and_is_not_printed(database: str) -> None:
    order = await make_order()
    series, spared = await make_series(order), await make_series(order)
    serial = printing_key(series, SECRET).serial(7)
    for reason in ("stolen", "again"):
        async with db.transaction() as session:
            given = await revoke_series(
                session, order.organization_id, series.id, reason=reason, by="partner:test", now=clock.now()
            )
    assert given.revoked_reason == "stolen"
    assert await state_of(order.gtin, serial) is UnitState.REVOKED
    assert await state_of(order.gtin, printing_key(spared, SECRET).serial(7)) is UnitState.GENUINE
    with pytest.raises(SeriesRevokedError):
        printing_key(given, SECRET)


async def test_a_series_made_under_another_secret_says_so(database: str) -> None:
    series = await make_series(await make_order())
    with pytest.raises(MissingUnitKeyError):
        printing_key(series, OTHER)
    assert await state_of(series.gtin, printing_key(series, SECRET).serial(1), OTHER) is None


async def test_labels_are_made_for_those_whose_product_it_is(database: str) -> None:
    order = await make_order()
    with pytest.raises(UnknownProductError):
        await make_series(replace(order, organization_id=new_id()))
    with pytest.raises(UnknownProductError):
        await make_series(replace(order, gtin=fresh_gtin()))


@pytest.mark.parametrize("wrong", [{"count": 0}, {"count": 1_000_001}, {"gtin": "123"}, {"gtin": "02000000000008"}])
async def test_an_order_that_can_not_be_made_names_its_field(database: str, wrong: dict[str, object]) -> None:
    order = NewSeries(**{"gtin": fresh_gtin(), "count": 1, "organization_id": new_id(), "ordered_by": "x"} | wrong)  # type: ignore[arg-type]  # chosen by the case
    with pytest.raises(InvalidRecordError) as caught:
        await make_series(order)
    assert caught.value.context["field"] in wrong


async def test_a_series_is_its_makers_alone(database: str) -> None:
    series = await make_series(await make_order())
    async with db.transaction() as session:
        with pytest.raises(UnknownSeriesError):
            await find_series(session, new_id(), series.id)
        with pytest.raises(UnknownSeriesError):
            await find_series(session, series.organization_id, UUID(int=1))


async def test_any_number_of_serials_costs_one_statement_by_the_index(database: str) -> None:
    series = await make_series(await make_order())
    key = printing_key(series, SECRET)
    async with db.transaction() as session:
        connection = await session.connection()
        statements: list[str] = []
        event.listen(
            connection.sync_connection,
            "before_cursor_execute",
            lambda _c, _k, statement, *_: statements.append(statement),
        )
        await verify_units(session, [(series.gtin, key.serial(number)) for number in range(1, 65)], secret=SECRET)
        assert len(statements) == 1
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = await connection.exec_driver_sql(f"EXPLAIN SELECT * FROM unit_series WHERE code = '{series.code}'")
        assert "unit_series_code_key" in str(plan.all())


async def test_nonsense_asks_the_database_nothing(database: str) -> None:
    assert await state_of("09521234543213", "nonsense") is None
