"""Who asks: a resident's or staff member's token, a partner's key, each as the header that carries it."""

from collections.abc import Collection
from functools import cache
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import passwords, tokens
from api.principals import ResidentPrincipal, StaffPrincipal
from core import clock
from labels.tables import Organization
from points.programmes import access
from points.programmes.access import Role, Scope
from points.programmes.tables import Programme

PASSWORD = "a password for tests"


def bearing(credentials: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credentials}"}


def as_resident(programme: Programme, resident_id: UUID) -> dict[str, str]:
    """Return the header of a resident's token."""
    principal = ResidentPrincipal(programme.programme_id, resident_id)
    return bearing(tokens.issue(principal, now=clock.now(), minutes=10))


async def as_partner(
    session: AsyncSession,
    programme: Programme,
    scopes: Collection[str] = tuple(Scope),
    roles: str = "certifier,maker,retailer",
) -> tuple[UUID, dict[str, str]]:
    """Make an organization with a key; return its id and the header of the key."""
    organization = Organization(name_zh="测试店", name_en="Test Shop", roles=roles)
    session.add(organization)
    await session.flush()
    key = await access.issue_key(session, programme.programme_id, organization.id, name="test", scopes=scopes)
    return organization.id, bearing(key.secret)


async def as_staff(
    session: AsyncSession, programme: Programme, *, email: str, role: Role = Role.OPERATOR
) -> dict[str, str]:
    """Add a staff member with PASSWORD; return the header of a token."""
    staff = await access.add_staff(session, programme.programme_id, email=email, role=role, password_hash=_hashed())
    principal = StaffPrincipal(programme.programme_id, staff.staff_id, role)
    return bearing(tokens.issue(principal, now=clock.now(), minutes=10))


@cache
def _hashed() -> str:
    """Return the hash of PASSWORD, made once: it takes a tenth of a second, and nearly every test of the API asks."""
    return passwords.hashed(PASSWORD)
