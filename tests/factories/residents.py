"""Residents for tests, with points to spend and days to rank by."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points import ledger
from points.earning.tables import ResidentDay
from points.programmes.tables import Programme
from points.residents.residents import new_member_code
from points.residents.tables import Resident


async def make_residents(
    session: AsyncSession, programme: Programme, count: int, *, ranked: bool = True, left_at: datetime | None = None
) -> list[UUID]:
    """Let `count` residents join, called `r0`, `r1` ... in id order."""
    ids = [new_id() for _ in range(count)]
    session.add_all(
        Resident(
            programme_id=programme.programme_id,
            resident_id=resident_id,
            contact_digest=resident_id.bytes,
            member_code=new_member_code(),
            nickname=f"r{number}",
            ranked=ranked,
            left_at=left_at,
        )
        for number, resident_id in enumerate(ids)
    )
    await session.flush()
    return ids


async def give_points(
    session: AsyncSession,
    programme: Programme,
    resident_ids: Sequence[UUID],
    points: int,
    *,
    now: datetime,
    lasting: timedelta = timedelta(days=365),
) -> None:
    """Award each resident a lot of `points` from the base budget, to be spent at once and until `now` + `lasting`."""
    await ledger.lock(session, programme.programme_id, resident_ids)
    source = ledger.Account(ledger.AccountKind.BUDGET, programme.base_budget_id)
    drafts = [
        ledger.Draft(
            entry_id=new_id(),
            kind=ledger.EntryKind.AWARD,
            effective_at=now,
            postings=(
                ledger.Posting(
                    source, ledger.Account(ledger.AccountKind.RESIDENT, resident_id), ledger.Asset.POINTS, points
                ),
            ),
            resident_id=resident_id,
            lot=ledger.LotTerms(points, now, now + lasting, mature=True),
        )
        for resident_id in resident_ids
    ]
    await ledger.append(session, programme.programme_id, drafts)


async def give_day(
    session: AsyncSession, programme: Programme, days: Iterable[tuple[UUID, date, int, datetime]]
) -> None:
    """Write day totals: resident, day, grams, when it last grew."""
    session.add_all(
        ResidentDay(
            programme_id=programme.programme_id,
            resident_id=resident_id,
            day=day,
            grams=grams,
            points=0,
            activities=1,
            last_at=last_at,
        )
        for resident_id, day, grams, last_at in days
    )
    await session.flush()
