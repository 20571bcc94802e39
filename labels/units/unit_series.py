"""Ordering, reading and revoking series of label units. A maker sees and touches its own alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import randbits
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels.errors import (
    InvalidCodeError,
    InvalidRecordError,
    MissingUnitKeyError,
    SeriesRevokedError,
    UnknownProductError,
    UnknownSeriesError,
)
from labels.gtin import parse_code, require_labelled
from labels.queries import run
from labels.units.serials import CODE_LENGTH, MOST_UNITS, SeriesKey, key_id, series_key, text_of
from labels.units.tables import UnitSeries

_CANDIDATES: Final = 8
"""Codes drawn for a new series, of which the first free one is taken. A billion codes; all eight are never taken."""

_OWNED: Final = text("SELECT 1 FROM product WHERE gtin = :gtin AND :id IN (maker_id, registered_by_id)")
_FREE: Final = text("""
    SELECT c.code FROM unnest(CAST(:codes AS varchar[])) AS c (code)
    WHERE NOT EXISTS (SELECT FROM unit_series AS s WHERE s.code = c.code) LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class NewSeries:
    """An order: `count` labels for a product, by whoever makes or registered it."""

    gtin: str
    count: int
    organization_id: UUID
    ordered_by: str
    note: str = ""


async def order_series(session: AsyncSession, order: NewSeries, *, secret: bytes, now: datetime) -> UnitSeries:
    """Make a series; its serials exist from then on.

    Raises:
        InvalidRecordError: when the GTIN or the count can not be used.
        UnknownProductError: when the organization neither makes the product nor registered it.
    """
    if not 1 <= order.count <= MOST_UNITS:
        raise InvalidRecordError(f"count must be 1 to {MOST_UNITS:,}; order several series for more.", field="count")
    gtin = _key(order.gtin)
    if not await run(session, _OWNED, {"gtin": gtin, "id": order.organization_id}):
        raise UnknownProductError(f"You have registered no product under {gtin}; register it first.")
    codes = [text_of(randbits(5 * CODE_LENGTH), CODE_LENGTH) for _ in range(_CANDIDATES)]
    ((code,),) = await run(session, _FREE, {"codes": codes})
    series = UnitSeries(
        id=new_id(),
        code=code,
        organization_id=order.organization_id,
        gtin=gtin,
        count=order.count,
        key_id=key_id(secret),
        note=order.note,
        ordered_by=order.ordered_by,
        ordered_at=now,
    )
    session.add(series)
    await session.flush()
    return series


def _key(gtin: str) -> str:
    try:
        return require_labelled(parse_code(gtin))
    except InvalidCodeError as error:
        raise InvalidRecordError(f"gtin: {error}", field="gtin") from error


async def find_series(session: AsyncSession, organization_id: UUID, series_id: UUID) -> UnitSeries:
    """Return a series of an organization.

    Raises:
        UnknownSeriesError: when the organization has none with this id.
    """
    series = await session.get(UnitSeries, series_id)
    if series is None or series.organization_id != organization_id:
        raise UnknownSeriesError
    return series


async def list_series(
    session: AsyncSession, organization_id: UUID, *, after: UUID | None, limit: int
) -> Sequence[UnitSeries]:
    """Return an organization's series, the newest first, from below `after` on."""
    query = select(UnitSeries).where(col(UnitSeries.organization_id) == organization_id)
    if after is not None:
        query = query.where(col(UnitSeries.id) < after)
    return (await session.exec(query.order_by(col(UnitSeries.id).desc()).limit(limit))).all()


async def revoke_series(
    session: AsyncSession, organization_id: UUID, series_id: UUID, *, reason: str, by: str, now: datetime
) -> UnitSeries:
    """Revoke a series for good: from now on no label of it verifies. Revoking it again changes nothing.

    Raises:
        UnknownSeriesError: when the organization has none with this id.
    """
    series = await find_series(session, organization_id, series_id)
    if series.revoked_at is None:
        series.revoked_at, series.revoked_by, series.revoked_reason = now, by, reason
        session.add(series)
        await session.flush()
    return series


def printing_key(series: UnitSeries, secret: bytes) -> SeriesKey:
    """Return what makes the serials of a series.

    Raises:
        SeriesRevokedError: when it is revoked.
        MissingUnitKeyError: when it was made under another secret.
    """
    if series.revoked_at is not None:
        raise SeriesRevokedError
    if series.key_id != key_id(secret):
        raise MissingUnitKeyError
    return series_key(secret, series.code, series.gtin)
