"""Labelled products for tests: a category of its own, a baseline, a product, its footprint and its certificate."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels import catalogue, factors
from labels.catalogue import NewCategory, NewCertificate, NewFootprint, NewProduct, Registered, Rejected, Result
from labels.factors import BaselineDraft

SINCE = date(2015, 1, 1)
"""Everything made here holds from this day on, so that real sales of past years fall under it."""
UNTIL = date(2099, 1, 1)
NOW = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled product and everything it stands on."""

    gtin: str
    category_id: str
    certifier_id: UUID
    footprint_id: UUID
    baseline_id: UUID
    certificate_id: UUID
    certificate_number: str


def gtin_of(digits: str) -> str:
    """Return the 14-digit GTIN of up to 13 digits, with its check digit added."""
    body = digits.zfill(13)
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


def fresh_gtin() -> str:
    """Return a GTIN of the demonstration range (952) that no test had before."""
    return gtin_of(f"952{new_id().int % 10**9:09d}")


def standing(result: Result) -> UUID:
    """Return the id of what is registered, now or before; fail with the reason when it was rejected."""
    assert not isinstance(result, Rejected), result
    assert isinstance(result.id, UUID), result
    return result.id


async def make_category(session: AsyncSession, functional_unit: str = "kg", **plausible: int) -> str:
    """Register a category of this test's own."""
    category_id = f"test.{new_id().hex}"
    row = NewCategory(category_id, "测试", "Test", functional_unit, **plausible)  # type: ignore[arg-type]  # two numbers
    assert await catalogue.register_categories(session, [row]) == [Registered(category_id)]
    return category_id


async def make_certifier(session: AsyncSession) -> UUID:
    """Register a certifier that also makes things."""
    made = await catalogue.register_organization(
        session, name_zh="认证机构", name_en="Certifier", roles=["certifier", "maker"], now=NOW
    )
    return made.id


async def make_baseline(
    session: AsyncSession, category_id: str, milligrams: int = 5_000_000, unit: str = "kg", region: str = "CN"
) -> UUID:
    """Register a baseline of a category, in mg CO2e per functional unit."""
    draft = BaselineDraft(
        category_id=category_id,
        from_category_id=category_id,
        milligrams_per_unit=milligrams,
        functional_unit=unit,
        boundary="cradle_to_gate",
        standard="ISO 14067",
        region=region,
        sample_size=3,
        lower_quartile_mg=milligrams * 9 // 10,
        upper_quartile_mg=milligrams * 11 // 10,
        source="test",
        source_row="1",
        licence="CC0",
    )
    (result,) = await factors.register_baselines(session, [draft], valid_from=SINCE, now=NOW)
    return standing(result)


async def make_labelled(
    session: AsyncSession,
    *,
    category_id: str | None = None,
    footprint_mg: int = 3_000_000,
    baseline_mg: int = 5_000_000,
    content_micro: int | None = 500_000,
    valid_from: date = SINCE,
    valid_until: date = UNTIL,
    boundary: str = "cradle_to_gate",
    scheme: str = "cn.carbon_footprint",
    kind: str = "carbon_label",
    gtin: str | None = None,
) -> Labelled:
    """Register a labelled product: half a kg of it, at 3 kg CO2e/kg against a baseline of 5, saves 1,000 g.

    A given category is taken with the baselines it has; a new one is made with a baseline of its own.
    """
    category = category_id or await make_category(session)
    baseline_id = await make_baseline(session, category, baseline_mg)
    certifier_id = await make_certifier(session)
    key = gtin or fresh_gtin()
    product = NewProduct(
        key, "测试茶", "Test tea", category_id=category, net_content_micro=content_micro, source="test"
    )
    assert await catalogue.register_products(session, [product], now=NOW) == [Registered(key)]
    footprint = NewFootprint(key, footprint_mg, "kg", boundary, "ISO 14067", "CN", SINCE, source="test")
    footprint_id = standing((await catalogue.register_footprints(session, [footprint], now=NOW))[0])
    number = f"TEST-{new_id().hex}"
    certificate = NewCertificate(
        number,
        scheme,
        kind,
        key,
        certifier_id,
        valid_from,
        valid_until,
        footprint_id=footprint_id,
        actor="test",
        self_declared=kind == "self_declared",
    )
    certificate_id = standing((await catalogue.register_certificates(session, [certificate], now=NOW))[0])
    return Labelled(key, category, certifier_id, footprint_id, baseline_id, certificate_id, number)
