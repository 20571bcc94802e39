"""Loading the demonstration city into a database that has none: all of it in one database transaction, once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.passwords import hashed
from commands.demo import city
from core import clock
from core.db import transaction
from core.errors import OperatorError
from labels import catalogue
from labels.catalogue import NewCertificate, NewFootprint, Rejected, Result, Role
from labels.certification.tables import Scheme
from labels.factors import register_baselines
from labels.seed.library import register_library
from labels.tables import Organization
from points import ledger
from points.programmes import access, queries
from points.programmes.access import Scope
from points.programmes.programmes import establish
from points.programmes.tables import Programme
from points.residents.tables import District
from points.rewards import rewards
from points.rewards.rewards import RewardDraft

STAFF: Final = (
    ("operator@demo.example", access.Role.OPERATOR),
    ("auditor@demo.example", access.Role.AUDITOR),
    ("administrator@demo.example", access.Role.ADMINISTRATOR),
)
MAKER_SCOPES: Final = (Scope.PRODUCTS_WRITE, Scope.FOOTPRINTS_WRITE, Scope.UNITS_WRITE)
CERTIFIER_SCOPES: Final = (Scope.FOOTPRINTS_WRITE, Scope.CERTIFICATES_WRITE)
RETAILER_SCOPES: Final = (Scope.SALES_WRITE,)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the city's people sign in with; nobody can read these again."""

    passwords: dict[str, str]
    keys: dict[str, str]


async def load_demo_programme(*, only_if_empty: bool = False) -> Credentials | None:
    """Set the demonstration city up, with the base library, and return its credentials, to be shown once.

    None when the city is there already, and with `only_if_empty` also when there is any other programme: nobody's city
    gets a demonstration unasked.

    Raises:
        OperatorError: the registry holds something else under the demonstration's numbers.
    """
    now = clock.now()
    async with transaction() as session:
        slugs = {each.slug for each in await queries.programmes(session)}
        if city.SLUG in slugs or (only_if_empty and slugs):
            return None
        await register_library(session, now=now)
        programme = await _programme(session)
        certifier = await _organization(session, city.CERTIFIER, Role.CERTIFIER, now)
        maker = await _organization(session, city.MAKER, Role.MAKER, now)
        await _register_products(session, maker.id, certifier.id, now)
        await _offer_rewards(session, programme, now)
        keys = await _add_partners(session, programme, (maker, certifier), now)
        return Credentials(await _add_staff(session, programme), keys)


async def _programme(session: AsyncSession) -> Programme:
    """Establish the programme, fund its budgets and lay out its districts."""
    programme = await establish(
        session,
        slug=city.SLUG,
        name_zh=city.NAME_ZH,
        name_en=city.NAME_EN,
        terms=city.TERMS,
        points_per_tonne=city.POINTS_PER_TONNE,
        effective_from=city.SINCE,
        time_zone=city.TIME_ZONE,
    )
    programme_id = programme.programme_id
    base, engagement = programme.base_budget_id, programme.engagement_budget_id
    await ledger.fund(session, programme_id, base, city.BASE_POINTS, key="fund:demo:base", now=city.SINCE)
    await ledger.fund(
        session, programme_id, engagement, city.ENGAGEMENT_POINTS, key="fund:demo:engagement", now=city.SINCE
    )
    session.add_all(District(programme_id=programme_id, name_zh=zh, name_en=en) for zh, en in city.DISTRICTS)
    await session.flush()
    return programme


async def _register_products(session: AsyncSession, maker_id: UUID, certifier_id: UUID, now: datetime) -> None:
    """Put categories, baselines, products, footprints and certificates into the registry.

    The products are the maker's own, so that it can order labels for units of them.
    """
    labelled = (*city.PRODUCTS, city.EXPIRED, city.TO_THE_GATE)
    products = [
        replace(each, registered_by_id=maker_id) for each in (*(one.product() for one in labelled), city.UNLABELLED)
    ]
    _require(await catalogue.register_categories(session, city.CATEGORIES))
    drafts = [each.draft() for each in city.USUAL]
    _require(await register_baselines(session, drafts, valid_from=city.VALID_FROM, now=now))
    session.add(Scheme(**city.MARK))
    await session.flush()
    _require(await catalogue.register_products(session, products, now=now))
    footprints = [footprint_of(each) for each in labelled]
    registered = _require(await catalogue.register_footprints(session, footprints, now=now))
    certificates = [
        _certificate(number, each, certifier_id, UUID(str(footprint_id)))
        for number, (each, footprint_id) in enumerate(zip(labelled, registered, strict=True), start=1)
    ]
    _require(await catalogue.register_certificates(session, certificates, now=now))


def footprint_of(labelled: city.Labelled) -> NewFootprint:
    """Return the footprint on a product's label."""
    return NewFootprint(
        gtin=labelled.gtin,
        milligrams_per_unit=labelled.milligrams,
        functional_unit="kg",
        boundary=labelled.boundary,
        standard=city.STANDARD,
        region=city.REGION,
        valid_from=city.VALID_FROM,
        source="made up for the demonstration",
    )


def _certificate(number: int, labelled: city.Labelled, certifier_id: UUID, footprint_id: UUID) -> NewCertificate:
    return NewCertificate(
        number=f"{city.SCHEME}-{number:04d}",
        scheme=city.SCHEME,
        kind="carbon_label",
        gtin=labelled.gtin,
        certifier_id=certifier_id,
        valid_from=city.VALID_FROM,
        valid_until=labelled.expires_on,
        footprint_id=footprint_id,
        actor="demonstration",
    )


async def _offer_rewards(session: AsyncSession, programme: Programme, now: datetime) -> None:
    offered = [
        (await rewards.create(session, programme.programme_id, RewardDraft(zh, en, points, now), now=now), stock)
        for zh, en, points, stock in city.REWARDS
    ]
    for reward, stock in offered:
        codes = [f"DEMO-{secrets.token_hex(4).upper()}" for _ in range(stock)]
        await rewards.add_vouchers(session, programme.programme_id, reward.reward_id, codes)


async def _add_staff(session: AsyncSession, programme: Programme) -> dict[str, str]:
    passwords = {email: secrets.token_urlsafe(18) for email, _ in STAFF}
    for email, role in STAFF:
        await access.add_staff(
            session, programme.programme_id, email=email, role=role, password_hash=hashed(passwords[email])
        )
    return passwords


async def _add_partners(
    session: AsyncSession, programme: Programme, known: tuple[Organization, Organization], now: datetime
) -> dict[str, str]:
    """Register the retailers, and make everybody a key."""
    maker, certifier = known
    shops = [await _organization(session, names, Role.RETAILER, now) for names in city.RETAILERS]
    holders: list[tuple[Organization, Sequence[Scope]]] = [
        (maker, MAKER_SCOPES),
        (certifier, CERTIFIER_SCOPES),
        *((shop, RETAILER_SCOPES) for shop in shops),
    ]
    return {
        holder.name_en: (
            await access.issue_key(session, programme.programme_id, holder.id, name="first key", scopes=scopes)
        ).secret
        for holder, scopes in holders
    }


async def _organization(session: AsyncSession, names: tuple[str, str], role: Role, now: datetime) -> Organization:
    zh, en = names
    return await catalogue.register_organization(session, name_zh=zh, name_en=en, roles=[role], now=now)


def _require(results: Sequence[Result]) -> list[UUID | str]:
    """Return the ids of what stands in the registry now."""
    stands = [each.id for each in results if not isinstance(each, Rejected)]
    if wrong := [each for each in results if isinstance(each, Rejected)]:
        raise OperatorError(
            f"The registry holds something else under the demonstration's numbers: {wrong[0].field} {wrong[0].reason} "
            "Use an empty database: set TANHUI_DATA_DIR to another folder."
        )
    return stands
