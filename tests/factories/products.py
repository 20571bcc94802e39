"""Labelled products for tests, each with a category of its own, in the GTIN range GS1 keeps for demonstrations."""

from dataclasses import dataclass
from datetime import date
from itertools import count
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels.tables import Baseline, Category, Certificate, CertificateEvent, Footprint, Organization, Product

_numbers = count(new_id().int % 10**8)
"""Starts anywhere, so that two runs on one database do not meet."""

FOREVER = date(2099, 1, 1)
LONG_AGO = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Labelled:
    """What was registered."""

    gtin: str
    category_id: str
    footprint_id: UUID
    baseline_id: UUID
    certificate_id: UUID


def next_gtin() -> str:
    """Return a GTIN of the 952 range that no test has used."""
    body = f"0952{next(_numbers) % 10**9:09d}"
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(body))
    return f"{body}{-total % 10}"


async def make_labelled(
    session: AsyncSession,
    *,
    footprint_mg: int = 3_000_000,
    baseline_mg: int = 5_000_000,
    net_content_micro: int | None = 500_000,
    uncertainty_bp: int = 0,
    scheme: str = "carbon_label",
    category_id: str | None = None,
    valid_until: date = FOREVER,
    boundary: str = "cradle_to_grave",
) -> Labelled:
    """Register a product with footprint, baseline and an issued certificate; by default one unit saves 1,000 g."""
    gtin = next_gtin()
    category_id = category_id or f"test.{gtin}"
    maker = Organization(name_zh="测试厂", name_en="Test Maker", roles="certifier,maker")
    category = Category(id=category_id, name_zh="测试", name_en="Test", functional_unit="kg")
    session.add_all([maker, category])
    await session.flush()
    baseline = Baseline(
        category_id=category_id,
        model="category_mean",
        milligrams_per_unit=baseline_mg,
        functional_unit="kg",
        boundary="cradle_to_grave",
        standard="ISO 14067",
        region="CN",
        sample_size=3,
        method="median/1",
        source="made for a test",
        licence="none",
        valid_from=LONG_AGO,
    )
    session.add_all(
        [
            baseline,
            Product(
                gtin=gtin,
                name_zh="测试品",
                name_en="Test Product",
                maker_id=maker.id,
                category_id=category_id,
                net_content_micro=net_content_micro,
            ),
        ]
    )
    await session.flush()
    footprint = Footprint(
        gtin=gtin,
        milligrams_per_unit=footprint_mg,
        functional_unit="kg",
        boundary=boundary,
        standard="ISO 14067",
        region="CN",
        uncertainty_bp=uncertainty_bp,
        valid_from=LONG_AGO,
    )
    session.add(footprint)
    await session.flush()
    certificate = Certificate(
        number=f"T-{gtin}",
        scheme=scheme,
        kind=scheme,
        gtin=gtin,
        footprint_id=footprint.id,
        certifier_id=maker.id,
        valid_from=LONG_AGO,
        valid_until=valid_until,
    )
    session.add(certificate)
    await session.flush()
    session.add(CertificateEvent(certificate_id=certificate.id, kind="issued", effective_on=LONG_AGO, actor="a test"))
    await session.flush()
    return Labelled(gtin, category_id, footprint.id, baseline.id, certificate.id)
