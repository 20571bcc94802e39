from datetime import date

from httpx import AsyncClient

from core import clock, db
from core.ids import new_id
from labels.factors import register_factors
from labels.metrics import Metric, NewFactor

BROWSER = {"Accept": "text/html", "Accept-Language": "en"}


async def test_factors_are_found_by_words_metric_and_region(client: AsyncClient, database: str) -> None:
    subject = f"generation.{new_id().hex}"
    row = NewFactor(
        metric=Metric.ELECTRICITY_FOOTPRINT,
        nanograms_per_unit=577_700_000_000,
        unit="kgCO2e/kWh",
        region="CN",
        year=2024,
        boundary="life_cycle",
        source="a test",
        source_row="1",
        licence="CC0",
        valid_from=date(2025, 1, 1),
        subject=subject,
    )
    async with db.transaction() as session:
        await register_factors(session, [row], now=clock.now())
    wanted = {"q": subject, "metric": Metric.ELECTRICITY_FOOTPRINT.value, "region": "cn"}
    shown = (await client.get("/factors", params=wanted, headers=BROWSER)).text
    assert "0.5777 kg CO₂e/kWh" in shown
    assert "China" in shown
    other = wanted | {"metric": Metric.ELECTRICITY_CO2.value}
    assert "No factor matches." in (await client.get("/factors", params=other, headers=BROWSER)).text
