"""Every SQL statement about loyalty numbers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.residents.tables import LoyaltyNumber

_IS_RETAILER: Final = text("""
    SELECT id FROM organization WHERE id = :retailer_id AND 'retailer' = ANY(string_to_array(roles, ','))
""")
_NUMBERS: Final = text("""
    SELECT n.loyalty_number_id, n.retailer_id, o.name_zh, o.name_en, n.consent_version, n.linked_at, n.withdrawn_at
    FROM loyalty_number AS n JOIN organization AS o ON o.id = n.retailer_id
    WHERE n.programme_id = :programme_id AND n.resident_id = :resident_id
    ORDER BY n.loyalty_number_id DESC
""")
_END: Final = text("""
    UPDATE loyalty_number SET withdrawn_at = :now, number_digest = NULL
    WHERE programme_id = :programme_id AND resident_id = :resident_id AND loyalty_number_id = :loyalty_number_id
        AND withdrawn_at IS NULL
""")


async def is_retailer(session: AsyncSession, retailer_id: UUID) -> bool:
    """Tell whether an organization is a retailer."""
    return bool(await run(session, _IS_RETAILER, {"retailer_id": retailer_id}))


async def insert_or_find(session: AsyncSession, wanted: LoyaltyNumber) -> LoyaltyNumber | None:
    """Insert a link unless one stands in its way, and return what stands then: of two that come at once, one is first.

    The number's own link is preferred to another one the resident has at the retailer. None where what stood in the way
    ended meanwhile.
    """
    statement = insert(LoyaltyNumber).values(wanted.model_dump())
    await (await session.connection()).execute(statement.on_conflict_do_nothing())
    same_number = col(LoyaltyNumber.number_digest) == wanted.number_digest
    same_place = (col(LoyaltyNumber.resident_id) == wanted.resident_id) & (
        col(LoyaltyNumber.retailer_id) == wanted.retailer_id
    )
    found = await session.exec(
        select(LoyaltyNumber)
        .where(LoyaltyNumber.programme_id == wanted.programme_id)
        .where(col(LoyaltyNumber.withdrawn_at).is_(None))
        .where(or_(same_number, same_place))
        .order_by(same_number.desc())
    )
    return found.first()


async def numbers_of(session: AsyncSession, programme_id: UUID, resident_id: UUID) -> Sequence[Row[Any]]:
    """Return every link of a resident with the retailer's names, newest first."""
    return await run(session, _NUMBERS, {"programme_id": programme_id, "resident_id": resident_id})


async def end(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, loyalty_number_id: UUID, now: datetime
) -> None:
    """End a link that has not ended, and forget the digest."""
    parameters = {"programme_id": programme_id, "resident_id": resident_id, "loyalty_number_id": loyalty_number_id}
    await run(session, _END, {**parameters, "now": now})
