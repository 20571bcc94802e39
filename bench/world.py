"""A city to measure in: a programme of its own, certified products, residents, and budgets that do not run dry."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from core.sql import run
from labels.tables import Baseline, Category, Certificate, CertificateEvent, Footprint, Organization, Product
from points import ledger
from points.campaigns import campaigns
from points.campaigns.campaigns import CampaignDraft
from points.campaigns.rules import Bonus
from points.programmes.policy import Caps, Terms
from points.programmes.programmes import establish
from points.programmes.tables import Programme

BUDGET_POINTS: Final = 10**12
_SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)
_UNTIL: Final = datetime(2040, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = date(2020, 1, 1)
_LAST_DAY: Final = date(2040, 1, 1)
_UNCAPPED: Final = Caps(10**12, 10**12, 10**12, 10**12, 100)
_RATE: Final = 100_000
"""Points a tonne: the saving of one unit, 1,000 g, is worth 100 points, so that every activity draws on the budget.

A campaign adds a bonus from a budget of its own: three postings and two budgets an activity.
"""
# By hundreds of thousands, as in a city: else batches would meet at residents, which they hardly do in life.
_RESIDENTS: Final = text("""
    WITH joined AS (
        INSERT INTO resident (
            programme_id, resident_id, contact_digest, member_code, nickname, ranked, joined_at
        )
        SELECT :programme_id, t.id, uuid_send(t.id), 'B' || upper(lpad(to_hex(n.number), 11, '0')), 'bench', true, now()
        FROM generate_series(0, :most) AS n (number), LATERAL (
            SELECT CAST(left(replace(CAST(CAST(:programme_id AS uuid) AS text), '-', ''), 24)
                || lpad(to_hex(n.number), 8, '0') AS uuid)
        ) AS t (id)
        RETURNING programme_id, resident_id
    )
    INSERT INTO balance (programme_id, owner_id, kind, asset, amount)
    SELECT programme_id, resident_id, 1, asset, 0 FROM joined, (VALUES (1), (2)) AS a (asset)
""")


@dataclass(frozen=True, slots=True)
class World:
    """What a measurement refers to. `slug` is unique, so that runs on one database do not meet."""

    slug: str
    programme_id: UUID
    base_budget_id: UUID
    campaign_budget_id: UUID
    retailer_id: UUID
    certificate_id: UUID
    footprint_id: UUID
    baseline_id: UUID
    gtins: tuple[str, ...]
    resident_ids: tuple[UUID, ...]


async def make_world(
    session: AsyncSession, *, residents: int, products: int, expiry_months: int = 12, campaign_pays: bool = True
) -> World:
    """Set up a programme in which a scan counts in full, nothing is capped, and every product saves 1,000 g a unit.

    A campaign pays for every activity, or is over before the first.
    """
    terms = Terms(scan_evidence_bp=10_000, caps=_UNCAPPED, maturity_days=0, expiry_months=expiry_months)
    programme = await _funded(session, terms)
    slug = programme.slug
    ends = _UNTIL if campaign_pays else _SINCE + timedelta(days=1)
    draft = CampaignDraft("测速活动", "Bench Campaign", _SINCE, ends, Bonus(points=50))
    campaign = await campaigns.open(
        session, programme.programme_id, draft, funded_points=BUDGET_POINTS, staff_id=new_id(), now=_SINCE
    )
    maker = Organization(name_zh="测速厂", name_en="Bench Maker", roles="certifier,maker,retailer")
    session.add(maker)
    baseline = await _category(session, slug)
    gtins = [_gtin(slug, number) for number in range(products)]
    footprint, certificate = await _register(session, baseline, maker.id, gtins)
    await run(session, _RESIDENTS, {"programme_id": programme.programme_id, "most": residents - 1})
    resident_ids = [_numbered(programme.programme_id, number) for number in range(residents)]
    return World(
        slug=slug,
        programme_id=programme.programme_id,
        base_budget_id=programme.base_budget_id,
        campaign_budget_id=campaign.campaign.budget_id,
        retailer_id=maker.id,
        certificate_id=certificate.id,
        footprint_id=footprint.id,
        baseline_id=baseline.id,
        gtins=tuple(gtins),
        resident_ids=tuple(resident_ids),
    )


async def _funded(session: AsyncSession, terms: Terms) -> Programme:
    programme = await establish(
        session,
        slug=f"bench-{new_id().hex[-12:]}",
        name_zh="测速市碳普惠",
        name_en="Bench City",
        terms=terms,
        points_per_tonne=_RATE,
        effective_from=_SINCE,
    )
    base = programme.base_budget_id
    await ledger.fund(session, programme.programme_id, base, BUDGET_POINTS, key="fund:base", now=_SINCE)
    return programme


async def _category(session: AsyncSession, slug: str) -> Baseline:
    session.add(Category(id=slug, name_zh="饮料", name_en="Beverages", functional_unit="kg"))
    await session.flush()
    baseline = Baseline(
        category_id=slug,
        model="category_mean",
        milligrams_per_unit=5_000_000,
        functional_unit="kg",
        boundary="cradle_to_grave",
        standard="ISO 14067",
        region="CN",
        sample_size=5,
        method="median/1",
        source="made for a measurement",
        licence="none",
        valid_from=_FIRST_DAY,
    )
    session.add(baseline)
    await session.flush()
    return baseline


async def _register(
    session: AsyncSession, baseline: Baseline, maker_id: UUID, gtins: list[str]
) -> tuple[Footprint, Certificate]:
    """Register certified products; return the footprint and certificate of the first."""
    category = baseline.category_id
    session.add_all(
        Product(gtin=gtin, name_zh="饮料", name_en="Drink", category_id=category, net_content_micro=500_000)
        for gtin in gtins
    )
    await session.flush()
    footprints = [
        Footprint(
            gtin=gtin,
            milligrams_per_unit=3_000_000,
            functional_unit=baseline.functional_unit,
            boundary=baseline.boundary,
            standard=baseline.standard,
            region=baseline.region,
            valid_from=_FIRST_DAY,
        )
        for gtin in gtins
    ]
    session.add_all(footprints)
    await session.flush()
    certificates = [_certificate(footprint, maker_id) for footprint in footprints]
    session.add_all(certificates)
    await session.flush()
    session.add_all(
        CertificateEvent(certificate_id=each.id, kind="issued", effective_on=_FIRST_DAY, actor="bench")
        for each in certificates
    )
    await session.flush()
    return footprints[0], certificates[0]


def _certificate(footprint: Footprint, certifier_id: UUID) -> Certificate:
    return Certificate(
        number=f"bench-{footprint.gtin}",
        scheme="city.carbon_label",
        kind="carbon_label",
        gtin=footprint.gtin,
        footprint_id=footprint.id,
        certifier_id=certifier_id,
        valid_from=_FIRST_DAY,
        valid_until=_LAST_DAY,
    )


def member_code(number: int) -> str:
    """Return the code of a world's resident by their number."""
    return f"B{number:011X}"


def _numbered(programme_id: UUID, number: int) -> UUID:
    """Return an id whose last eight digits are `number`, so that pgbench can make it out of a random number."""
    return UUID(programme_id.hex[:24] + f"{number:08x}")


def _gtin(slug: str, number: int) -> str:
    """Return a GTIN of GS1's demonstration range 952 that no other run has, with its check digit."""
    digits = f"0952{int(slug[-12:], 16) % 10**5:05d}{number:04d}"
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"
