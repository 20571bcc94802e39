"""Loyalty numbers that retailers gave out, linked by residents who agree that their purchases are credited by them.

A number is kept as a keyed digest that names programme and retailer too: nobody can read it back, or find the same
number of another retailer by it. Withdrawing removes even that.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.errors import InvalidInputError, NotFoundError, StateConflictError
from points.residents import loyalty_queries
from points.residents.member_codes import normalized
from points.residents.tables import LoyaltyNumber


@dataclass(frozen=True, slots=True)
class Consent:
    """A text that residents agree to; a changed text has a new version."""

    version: str
    text_zh: str
    text_en: str


CONSENT: Final = Consent(
    version="2026-11",
    text_zh="我同意将该零售商的会员号与我的碳惠账户关联:自关联起,该零售商可凭此号码上报我的购买记录,"
    "用于计算减排量和积分。碳惠只保存该号码的加密摘要。我可以随时撤回,撤回后立即生效。",
    text_en="I agree that this retailer's loyalty number is linked to my account: from now on the retailer may report "
    "what I buy under this number, to work out savings and points. Only a keyed digest of the number is kept. I can "
    "withdraw at any time, and that ends it at once.",
)
_SHAPE: Final = re.compile(r"[0-9A-Z]{4,40}")


@dataclass(frozen=True, slots=True)
class LinkedNumber:
    """A loyalty number as its resident sees it: at whom, since when, by which consent."""

    loyalty_number_id: UUID
    retailer_id: UUID
    retailer_name_zh: str
    retailer_name_en: str
    consent_version: str
    linked_at: datetime
    withdrawn_at: datetime | None


def digest_of(programme_id: UUID, retailer_id: UUID, number: str, secret: bytes) -> bytes:
    """Return what a number is recognised by: 32 bytes of HMAC-SHA-256, different for each programme and retailer."""
    return hmac.digest(secret, f"{programme_id}:{retailer_id}:{normalized(number)}".encode(), "sha256")


async def link(
    session: AsyncSession,
    programme_id: UUID,
    resident_id: UUID,
    retailer_id: UUID,
    number: str,
    *,
    consent_version: str,
    secret: bytes,
    now: datetime,
) -> LinkedNumber:
    """Link a retailer's number to a resident from `now` on; linking it again changes nothing.

    Raises:
        InvalidInputError: when the retailer is none, or the number has not the shape of one.
        StateConflictError: when the text agreed to is not the one in force, the number is somebody else's, or the
            resident has another number of this retailer.
    """
    if not _SHAPE.fullmatch(normalized(number)):
        raise InvalidInputError("number must have 4 to 40 letters and digits.", field="number")
    if consent_version != CONSENT.version:
        raise StateConflictError(f"The text to agree to is now {CONSENT.version}; show it, and ask again.")
    if not await loyalty_queries.is_retailer(session, retailer_id):
        raise InvalidInputError("retailer_id must be a retailer of the register.", field="retailer_id")
    wanted = LoyaltyNumber(
        programme_id=programme_id,
        loyalty_number_id=new_id(),
        retailer_id=retailer_id,
        number_digest=digest_of(programme_id, retailer_id, number, secret),
        resident_id=resident_id,
        consent_version=consent_version,
        linked_at=now,
    )
    standing = await loyalty_queries.insert_or_find(session, wanted)
    if standing is None or standing.resident_id != resident_id:
        raise StateConflictError(
            "This number is linked to somebody else's account. If it is yours, ask the retailer for a new one."
        )
    if standing.number_digest != wanted.number_digest:
        raise StateConflictError("You have linked another number of this retailer; withdraw that one first.")
    [linked] = await numbers(session, programme_id, resident_id, loyalty_number_id=standing.loyalty_number_id)
    return linked


async def numbers(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, *, loyalty_number_id: UUID | None = None
) -> list[LinkedNumber]:
    """Return the numbers a resident ever linked, newest first, or the one with an id."""
    rows = await loyalty_queries.numbers_of(session, programme_id, resident_id)
    return [
        LinkedNumber(
            loyalty_number_id=row.loyalty_number_id,
            retailer_id=row.retailer_id,
            retailer_name_zh=row.name_zh,
            retailer_name_en=row.name_en,
            consent_version=row.consent_version,
            linked_at=row.linked_at,
            withdrawn_at=row.withdrawn_at,
        )
        for row in rows
        if loyalty_number_id is None or row.loyalty_number_id == loyalty_number_id
    ]


async def withdraw(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, loyalty_number_id: UUID, *, now: datetime
) -> LinkedNumber:
    """End a link at once and forget the number; withdrawing again changes nothing. What was credited stays.

    Raises:
        NotFoundError: when the resident has no such link.
    """
    await loyalty_queries.end(session, programme_id, resident_id, loyalty_number_id, now)
    found = await numbers(session, programme_id, resident_id, loyalty_number_id=loyalty_number_id)
    if not found:
        raise NotFoundError("You have linked no number with this id.")
    return found[0]
