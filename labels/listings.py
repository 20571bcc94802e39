"""Look-ups and lists of the registry for pages, importers and staff; the hot path uses labels.queries instead."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.tables import Baseline, Category, Certificate, CertificateEvent, Factor, Footprint, Organization, Product

PAGE = 50


def pattern_of(words: str) -> str:
    """Return the LIKE pattern of anything that contains `words` as they are."""
    return "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


async def product(session: AsyncSession, gtin: str) -> Product | None:
    """Return the product registered under a 14-digit GTIN."""
    return await session.get(Product, gtin)


async def products(
    session: AsyncSession,
    *,
    words: str = "",
    category_id: str | None = None,
    certified: bool = False,
    after: str = "",
    limit: int = PAGE,
) -> Sequence[Product]:
    """Return products in order of GTIN, after the GTIN `after`, whose names, brand or GTIN contain `words`."""
    statement = select(Product).where(col(Product.gtin) > after).order_by(col(Product.gtin)).limit(limit)
    if words:
        pattern = pattern_of(words)
        fields = (col(Product.name_zh), col(Product.name_en), col(Product.brand), col(Product.gtin))
        statement = statement.where(or_(*(field.ilike(pattern) for field in fields)))
    if category_id is not None:
        statement = statement.where(Product.category_id == category_id)
    if certified:
        statement = statement.where(col(Product.gtin).in_(select(Certificate.gtin)))
    return (await session.exec(statement)).all()


async def product_count(session: AsyncSession) -> int:
    """Return how many products are registered."""
    return (await session.exec(select(func.count()).select_from(Product))).one()


async def category(session: AsyncSession, category_id: str) -> Category | None:
    """Return a category by its slug."""
    return await session.get(Category, category_id)


async def categories(session: AsyncSession) -> Sequence[Category]:
    """Return every category, in order of slug, so parents come before their children."""
    return (await session.exec(select(Category).order_by(col(Category.id)))).all()


async def organization(session: AsyncSession, organization_id: UUID) -> Organization | None:
    """Return an organization by its id."""
    return await session.get(Organization, organization_id)


async def organizations(session: AsyncSession) -> Sequence[Organization]:
    """Return every organization, in the order they were registered."""
    return (await session.exec(select(Organization).order_by(col(Organization.id)))).all()


async def footprints_of(session: AsyncSession, gtin: str) -> Sequence[Footprint]:
    """Return every version of a product's footprint, oldest first."""
    return (await session.exec(select(Footprint).where(Footprint.gtin == gtin).order_by(col(Footprint.id)))).all()


async def quarantined(session: AsyncSession, *, limit: int = PAGE) -> Sequence[Footprint]:
    """Return footprints outside their category's plausible range, oldest first: the review queue."""
    statement = select(Footprint).where(Footprint.status == "quarantined").order_by(col(Footprint.id)).limit(limit)
    return (await session.exec(statement)).all()


async def baselines_of(session: AsyncSession, category_id: str) -> Sequence[Baseline]:
    """Return every baseline of a category, latest first."""
    statement = select(Baseline).where(Baseline.category_id == category_id)
    order = (col(Baseline.valid_from).desc(), col(Baseline.recorded_at).desc(), col(Baseline.id).desc())
    return (await session.exec(statement.order_by(*order))).all()


async def factors_of(session: AsyncSession, metric: str) -> Sequence[Factor]:
    """Return every vintage of a metric's factors, by region and latest first."""
    statement = select(Factor).where(Factor.metric == metric)
    return (await session.exec(statement.order_by(col(Factor.region), col(Factor.valid_from).desc()))).all()


async def certificate(session: AsyncSession, number: str) -> Certificate | None:
    """Return a certificate by the number printed on it."""
    return (await session.exec(select(Certificate).where(Certificate.number == number))).one_or_none()


async def certificates_of(session: AsyncSession, gtin: str) -> Sequence[Certificate]:
    """Return every certificate of a product, oldest first."""
    return (await session.exec(select(Certificate).where(Certificate.gtin == gtin).order_by(col(Certificate.id)))).all()


async def events_of(session: AsyncSession, certificate_id: UUID) -> Sequence[CertificateEvent]:
    """Return what happened to a certificate, in the order in which it counts."""
    statement = select(CertificateEvent).where(CertificateEvent.certificate_id == certificate_id)
    order = (col(CertificateEvent.effective_on), col(CertificateEvent.recorded_at), col(CertificateEvent.id))
    return (await session.exec(statement.order_by(*order))).all()
