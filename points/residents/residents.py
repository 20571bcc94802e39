"""Joining a programme, and what a resident decides about it."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.errors import InvalidInputError
from points.residents import queries
from points.residents.member_codes import STATIC_ALPHABET, STATIC_LENGTH
from points.residents.tables import District, Resident


def new_member_code() -> str:
    """Return an unguessable code of 12 characters (59 bits) for the till."""
    return "".join(secrets.choice(STATIC_ALPHABET) for _ in range(STATIC_LENGTH))


async def join(
    session: AsyncSession,
    programme_id: UUID,
    contact_digest: bytes,
    *,
    nickname: str,
    district_id: UUID | None = None,
    ranked: bool = False,
) -> Resident:
    """Return the resident with this contact, who joins now unless they have before; two at once join once.

    Raises:
        InvalidInputError: when the programme has no such district.
    """
    if (known := await queries.by_contact(session, programme_id, contact_digest)) is not None:
        known.left_at = None  # whoever comes back finds what they had
        return known
    await require_district(session, programme_id, district_id)
    joining = Resident(
        programme_id=programme_id,
        resident_id=new_id(),
        contact_digest=contact_digest,
        member_code=new_member_code(),
        nickname=nickname,
        district_id=district_id,
        ranked=ranked,
    )
    statement = insert(Resident).values(joining.model_dump())
    await (await session.connection()).execute(statement.on_conflict_do_nothing(constraint="uq_resident_contact"))
    joined = await queries.by_contact(session, programme_id, contact_digest)
    assert joined is not None
    return joined


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a resident wants changed; None leaves it as it is."""

    nickname: str | None = None
    district_id: UUID | None = None
    ranked: bool | None = None


async def change(session: AsyncSession, programme_id: UUID, resident_id: UUID, wishes: Wishes) -> Resident:
    """Change what is a resident's own to decide: the name others see, the district, whether to be ranked at all.

    Raises:
        NotFoundError: when the programme has no such resident.
        InvalidInputError: when the programme has no such district.
    """
    await require_district(session, programme_id, wishes.district_id)
    changing = await queries.resident(session, programme_id, resident_id)
    if wishes.nickname is not None:
        changing.nickname = wishes.nickname
    if wishes.district_id is not None:
        changing.district_id = wishes.district_id
    if wishes.ranked is not None:
        changing.ranked = wishes.ranked
    await session.flush()
    return changing


async def require_district(session: AsyncSession, programme_id: UUID, district_id: UUID | None) -> None:
    """Make sure that a district, if one is named, is one of the programme's.

    Raises:
        InvalidInputError: when the programme has no such district.
    """
    if district_id is not None and await session.get(District, (programme_id, district_id)) is None:
        raise InvalidInputError("district_id must be one of the programme's districts.", field="district_id")
