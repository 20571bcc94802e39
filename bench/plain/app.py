"""The same work as most would write it first: FastAPI and SQLModel, one ORM session and one transaction a request."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, Request
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import tokens
from api.errors import NotAuthenticatedError
from api.principals import ResidentPrincipal
from api.schemas import Schema
from api.schemas.sales import NewSales
from api.schemas.scans import NewScan
from bench.plain import tables as rows
from core import clock
from core.db import transaction
from core.ids import new_id
from labels.gtin import parse_code, require_labelled
from labels.tables import Baseline, Certificate, CertificateEvent, Footprint, Product
from points import ledger
from points.campaigns.tables import Campaign
from points.ledger import AccountKind, Asset, EntryKind
from points.programmes import access
from points.programmes.tables import ConversionRate, Policy, Programme
from points.residents.tables import Resident

_YEAR = timedelta(days=365)

app = FastAPI(openapi_url=None)


class Credited(Schema):
    """What was credited."""

    receipt_id: UUID
    gtin: str
    grams: int
    points: int


class CreditedLines(Schema):
    """What was credited, line by line."""

    credited: int
    results: list[Credited]


@dataclass(frozen=True, slots=True)
class _Reported:
    """What is credited, by whom, and the key that makes it once."""

    programme_id: UUID
    resident_id: UUID
    gtin: str
    key: str
    kind: int
    quantity: int = 1


Drawn = dict[UUID, int]
"""Points to take from each budget once all else is written: the hot rows last, and always in one order."""


class _Facts(Schema):
    """What the registry knows of a product, and its saving in grams."""

    basis_id: UUID
    grams: int


async def _resident(request: Request) -> ResidentPrincipal:
    principal = tokens.read(request.headers.get("authorization", "").removeprefix("Bearer "))
    if not isinstance(principal, ResidentPrincipal):
        raise NotAuthenticatedError
    return principal


@app.get("/readyz")
async def show_readiness() -> str:
    """Say that it is there."""
    return "ready"


@app.post("/v1/scans", status_code=201)
async def create_scan(body: NewScan, resident: Annotated[ResidentPrincipal, Depends(_resident)]) -> Credited:
    """Credit a scan, once a day."""
    now = clock.now()
    gtin = require_labelled(parse_code(body.code, body.symbology))
    async with transaction() as session:
        programme = await session.get_one(Programme, resident.programme_id)
        day = clock.local_day(now, programme.time_zone)
        assert await session.get(Resident, (resident.programme_id, resident.resident_id)) is not None
        key = f"scan:{resident.resident_id}:{gtin}:{day}"
        reported = _Reported(resident.programme_id, resident.resident_id, gtin, key, kind=2)
        drawn: Drawn = defaultdict(int)
        credited = await _credit(session, programme, reported, drawn, now)
        await _draw(session, programme, drawn)
    return credited


@app.post("/v1/sales")
async def create_sales(body: NewSales, request: Request) -> CreditedLines:
    """Credit the lines of a till, all in one transaction; buyers in order, so that requests do not lock in a circle."""
    now = clock.now()
    drawn: Drawn = defaultdict(int)
    async with transaction() as session:
        key = await access.holder_of_key(session, request.headers.get("authorization", "").removeprefix("Bearer "))
        if key is None:
            raise NotAuthenticatedError
        programme = await session.get_one(Programme, key.programme_id)
        credited = []
        for line in sorted(body.lines, key=lambda each: each.member_code or ""):
            members = select(Resident).where(Resident.programme_id == key.programme_id)
            resident = (await session.exec(members.where(Resident.member_code == line.member_code))).one()
            reported = _Reported(
                programme_id=key.programme_id,
                resident_id=resident.resident_id,
                gtin=require_labelled(parse_code(line.code, None)),
                key=f"sale:{key.organization_id}:{line.receipt}:{line.line}",
                kind=1,
                quantity=line.quantity,
            )
            credited.append(await _credit(session, programme, reported, drawn, now))
        await _draw(session, programme, drawn)
    return CreditedLines(credited=len(credited), results=credited)


async def _credit(
    session: AsyncSession, programme: Programme, reported: _Reported, drawn: Drawn, now: datetime
) -> Credited:
    """Credit one thing, if it was not before; what its budgets pay for is added to `drawn`."""
    programme_id, resident_id, gtin = reported.programme_id, reported.resident_id, reported.gtin
    facts = await _facts(session, gtin, reported.quantity)
    key, entry_id, day = reported.key, new_id(), clock.local_day(now, programme.time_zone)
    if (known := await session.get(rows.PlainClaim, (programme_id, key))) is not None and known.entry_id is not None:
        activity = await session.get_one(rows.PlainActivity, (programme_id, known.entry_id))
        return Credited(receipt_id=known.entry_id, gtin=gtin, grams=activity.grams, points=activity.points)
    digest = ledger.input_hash(resident_id, gtin, reported.quantity)
    session.add(rows.PlainClaim(programme_id=programme_id, key=key, input_hash=digest, entry_id=entry_id))
    await session.flush()
    rate = (await session.exec(select(ConversionRate).where(ConversionRate.programme_id == programme_id))).one()
    campaign = (await session.exec(select(Campaign).where(Campaign.programme_id == programme_id))).one()
    base, bonus = facts.grams * rate.points_per_tonne // 1_000_000, campaign.rule["points"]
    await _add(session, programme_id, resident_id, AccountKind.RESIDENT, Asset.GRAMS, facts.grams)
    await _add(session, programme_id, resident_id, AccountKind.RESIDENT, Asset.POINTS, base + bonus)
    postings = [
        (AccountKind.ISSUED, programme_id, Asset.GRAMS, facts.grams),
        (AccountKind.BUDGET, programme.base_budget_id, Asset.POINTS, base),
        (AccountKind.BUDGET, campaign.budget_id, Asset.POINTS, bonus),
    ]
    session.add_all(_entry(programme_id, entry_id, resident_id, postings, now))
    policy = (await session.exec(select(Policy).where(Policy.programme_id == programme_id))).one()
    who: dict[str, Any] = {"activity_id": entry_id, "resident_id": resident_id, "kind": reported.kind}
    session.add(_activity(who, facts, policy, rate, campaign, now, day, base + bonus))
    await _count(session, programme_id, resident_id, facts.grams, base + bonus, now, day)
    await session.flush()
    for _, owner, _, amount in postings[1:]:
        drawn[owner] += amount
    return Credited(receipt_id=entry_id, gtin=gtin, grams=facts.grams, points=base + bonus)


async def _draw(session: AsyncSession, programme: Programme, drawn: Drawn) -> None:
    """Take points from budgets; always the base budget first: else two requests could wait for each other."""
    for owner in sorted(drawn, key=lambda each: each != programme.base_budget_id):
        await _add(session, programme.programme_id, owner, AccountKind.BUDGET, Asset.POINTS, -drawn[owner])


async def _facts(session: AsyncSession, gtin: str, quantity: int) -> _Facts:
    product = await session.get_one(Product, gtin)
    certificate = (await session.exec(select(Certificate).where(Certificate.gtin == gtin))).one()
    events = await session.exec(select(CertificateEvent).where(CertificateEvent.certificate_id == certificate.id))
    assert [event.kind for event in events] == ["issued"]
    footprint = await session.get_one(Footprint, certificate.footprint_id)
    category = select(Baseline).where(col(Baseline.category_id) == product.category_id)
    baseline = (await session.exec(category)).one()
    units_micro = (product.net_content_micro or 0) * quantity
    saved = (baseline.milligrams_per_unit - footprint.milligrams_per_unit) * units_micro
    return _Facts(
        basis_id=certificate.id,  # any id: this variant only writes it, as the service does but once in thousands
        grams=saved // 1_000_000_000,
    )


def _activity(
    who: dict[str, Any],
    facts: _Facts,
    policy: Policy,
    rate: ConversionRate,
    campaign: Campaign,
    now: datetime,
    day: date,
    points: int,
) -> rows.PlainActivity:
    bonus = campaign.rule["points"]
    return rows.PlainActivity(
        programme_id=policy.programme_id,
        effective_at=now,
        saving_grams=facts.grams,
        points=points,
        day=day,
        evidence_bp=policy.terms["scan_evidence_bp"],
        policy_version=policy.version,
        rate_version=rate.version,
        quantity=1,
        detail={"awards": [{"campaign_id": str(campaign.campaign_id), "wanted": bonus, "points": bonus}]},
        **facts.model_dump(),
        **who,
    )


async def _add(
    session: AsyncSession, programme_id: UUID, owner_id: UUID, kind: AccountKind, asset: Asset, amount: int
) -> None:
    place = (programme_id, owner_id, int(kind), int(asset))
    balance = await session.get_one(rows.PlainBalance, place, with_for_update=True)
    balance.amount += amount


def _entry(
    programme_id: UUID,
    entry_id: UUID,
    resident_id: UUID,
    postings: list[tuple[AccountKind, UUID, Asset, int]],
    now: datetime,
) -> list[rows.Plain]:
    points = sum(amount for _, _, asset, amount in postings if asset is Asset.POINTS)
    ids = {"programme_id": programme_id, "resident_id": resident_id}
    return [
        rows.PlainEntry(entry_id=entry_id, effective_at=now, kind=EntryKind.AWARD, **ids),
        *(
            rows.PlainPosting(
                programme_id=programme_id,
                entry_id=entry_id,
                number=number,
                source_kind=kind,
                source_id=owner,
                destination_kind=AccountKind.RESIDENT,
                destination_id=resident_id,
                asset=asset,
                amount=amount,
            )
            for number, (kind, owner, asset, amount) in enumerate(postings, start=1)
        ),
        rows.PlainLot(
            lot_id=entry_id,
            amount=points,
            remaining=points,
            matures_at=now,
            expires_at=now + _YEAR,
            mature=True,
            priority=0,
            **ids,
        ),
    ]


async def _count(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, grams: int, points: int, now: datetime, day: date
) -> None:
    row = await session.get(rows.PlainDay, (programme_id, resident_id, day), with_for_update=True)
    if row is None:
        row = rows.PlainDay(programme_id=programme_id, resident_id=resident_id, day=day, last_at=now)
        session.add(row)
    row.grams += grams
    row.points += points
    row.activities += 1
    row.last_at = now
