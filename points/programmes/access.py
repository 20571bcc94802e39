"""Who may act for a programme: partner keys and staff. The secret of a key is seen once, by whoever it is made for."""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.errors import InvalidInputError, NotFoundError, StateConflictError
from points.programmes import access_queries as queries
from points.programmes.tables import PartnerKey, Staff

_KEY: Final = re.compile(r"tanhui_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")


class Scope(StrEnum):
    """What a partner key may do."""

    SALES_WRITE = "sales:write"
    PRODUCTS_WRITE = "products:write"
    FOOTPRINTS_WRITE = "footprints:write"
    CERTIFICATES_WRITE = "certificates:write"
    UNITS_WRITE = "units:write"


class Role(StrEnum):
    """What a staff member may do."""

    OPERATOR = "operator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made, with `secret`, the whole of what the partner sends; it is never shown again."""

    key: PartnerKey
    secret: str


async def issue_key(
    session: AsyncSession, programme_id: UUID, organization_id: UUID, *, name: str, scopes: Collection[str]
) -> NewKey:
    """Make a key for an organization within a programme.

    Raises:
        InvalidInputError: when a scope is unknown or none is given.
    """
    if not scopes or (unknown := set(scopes) - set(Scope)):
        known = ", ".join(Scope)
        raise InvalidInputError(f"scopes must be some of {known}; {sorted(unknown) if scopes else 'none'} given.")
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = PartnerKey(
        programme_id=programme_id,
        organization_id=organization_id,
        name=name,
        prefix=prefix,
        secret_digest=sha256(secret.encode()).digest(),
        scopes=",".join(sorted(set(scopes))),
    )
    session.add(key)
    await session.flush()
    return NewKey(key, f"tanhui_{prefix}_{secret}")


async def holder_of_key(session: AsyncSession, presented: str) -> PartnerKey | None:
    """Return the key that `presented` is, unless it is unknown, wrong or revoked: callers do not learn which."""
    shape = _KEY.fullmatch(presented)
    if shape is None:
        return None
    prefix, secret = shape.groups()
    digest = sha256(secret.encode()).digest()
    keys = await queries.keys_by_prefix(session, prefix)
    return next((key for key in keys if compare_digest(digest, key.secret_digest) and key.revoked_at is None), None)


async def revoke_key(session: AsyncSession, programme_id: UUID, key_id: UUID, *, now: datetime) -> None:
    """End a key. Processes that just saw it may honour it for a few seconds more.

    Raises:
        NotFoundError: when the programme has no such key.
    """
    key = await session.get(PartnerKey, (programme_id, key_id))
    if key is None:
        raise NotFoundError
    key.revoked_at = key.revoked_at or now


async def add_staff(session: AsyncSession, programme_id: UUID, *, email: str, role: str, password_hash: str) -> Staff:
    """Add a staff member.

    Raises:
        InvalidInputError: when the address or the role can not be used.
        StateConflictError: when the address belongs to one of its staff already.
    """
    address = normalized(email)
    if not _EMAIL.fullmatch(address):
        raise InvalidInputError("email must be an address such as ling@example.org.", field="email")
    if role not in set(Role):
        raise InvalidInputError(f"role must be one of {', '.join(Role)}.", field="role")
    if await queries.staff_by_email(session, programme_id, address) is not None:
        raise StateConflictError(f"{address} is staff already; choose another address.")
    staff = Staff(programme_id=programme_id, email=address, role=role, password_hash=password_hash)
    session.add(staff)
    await session.flush()
    return staff


async def disable_staff(session: AsyncSession, programme_id: UUID, *, email: str, now: datetime) -> Staff:
    """Let a staff member get no more tokens. Those already issued work until they end; a second time changes nothing.

    Raises:
        NotFoundError: when nobody of the programme's staff has the address.
    """
    address = normalized(email)
    staff = await queries.staff_by_email(session, programme_id, address)
    if staff is None:
        raise NotFoundError(f"Nobody of the programme's staff has the address {address}.")
    staff.disabled_at = staff.disabled_at or now
    await session.flush()
    return staff


def normalized(email: str) -> str:
    """Return an e-mail address as it is compared: without surrounding space, in lower case."""
    return email.strip().casefold()
