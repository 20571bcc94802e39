"""Who acts in the demonstration: residents who live there, and keys and tokens for one day.

Tokens and keys are made as the service makes them, by whoever runs it on its own database: there is no other way in.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from api import tokens
from api.codes import contact_digest
from api.principals import ResidentPrincipal, StaffPrincipal
from commands.demo import city
from commands.demo.loading import CERTIFIER_SCOPES, MAKER_SCOPES, RETAILER_SCOPES, STAFF
from commands.partners import chosen_organization
from core import clock
from core.db import transaction
from core.errors import OperatorError
from points.programmes import access_queries
from points.programmes.access import NewKey, issue_key, revoke_key
from points.programmes.queries import programme_by_slug
from points.programmes.tables import Programme
from points.residents.queries import districts
from points.residents.residents import join

_MINUTES: Final = 60
_FIRST: Final = "青云晨林江竹禾星山月"
_SECOND: Final = "柳满雀鹿荷露舟燕枫桐"


@dataclass(frozen=True, slots=True)
class Citizen:
    """A resident with a token for the day."""

    nickname: str
    member_code: str
    token: str


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody: `shops`, `maker` and `certifier` are API keys, `operator` is a token."""

    programme: Programme
    citizens: tuple[Citizen, ...]
    operator: str
    maker: str
    certifier: str
    shops: dict[str, str]


@asynccontextmanager
async def assembled(residents: int) -> AsyncIterator[Cast]:
    """Let residents join who have not, and give everybody what they sign in with; the keys end with the block."""
    async with transaction() as session:
        programme = await programme_by_slug(session, city.SLUG)
        citizens = await _citizens(session, programme, residents)
        operator = await _operator(session, programme)
        maker = await _key(session, programme, city.MAKER[1], MAKER_SCOPES)
        certifier = await _key(session, programme, city.CERTIFIER[1], CERTIFIER_SCOPES)
        shops = {en: await _key(session, programme, en, RETAILER_SCOPES) for _, en in city.RETAILERS}
    try:
        secrets = {name: key.secret for name, key in shops.items()}
        yield Cast(programme, citizens, operator, maker.secret, certifier.secret, secrets)
    finally:
        async with transaction() as session:
            for made in (maker, certifier, *shops.values()):
                await revoke_key(session, programme.programme_id, made.key.key_id, now=clock.now())


async def _citizens(session: AsyncSession, programme: Programme, count: int) -> tuple[Citizen, ...]:
    """Return residents 1 to `count`, always the same ones: resident-001@demo.example and so on."""
    homes = await districts(session, programme.programme_id)
    dice = Random(city.SLUG)  # noqa: S311 - where somebody lives in a demonstration is no secret
    joined = [
        await join(
            session,
            programme.programme_id,
            contact_digest(programme.programme_id, f"resident-{number:03d}@demo.example"),
            nickname=_nickname(number),
            district_id=dice.choice(homes).district_id,
            ranked=True,
        )
        for number in range(1, count + 1)
    ]
    return tuple(
        Citizen(
            each.nickname,
            each.member_code,
            tokens.issue(
                ResidentPrincipal(programme.programme_id, each.resident_id), now=clock.now(), minutes=_MINUTES
            ),
        )
        for each in joined
    )


def _nickname(number: int) -> str:
    names = len(_FIRST) * len(_SECOND)
    name = _FIRST[number % len(_FIRST)] + _SECOND[number // len(_FIRST) % len(_SECOND)]
    return name if number < names else f"{name}{number // names + 1}"


async def _operator(session: AsyncSession, programme: Programme) -> str:
    email = STAFF[0][0]
    staff = await access_queries.staff_by_email(session, programme.programme_id, email)
    if staff is None or staff.disabled_at is not None:
        raise OperatorError(f"The demonstration's operator, {email}, is gone; use an empty TANHUI_DATA_DIR.")
    principal = StaffPrincipal(staff.programme_id, staff.staff_id, staff.role)
    return tokens.issue(principal, now=clock.now(), minutes=_MINUTES)


async def _key(session: AsyncSession, programme: Programme, name: str, scopes: tuple[str, ...]) -> NewKey:
    owner = await chosen_organization(session, name)
    return await issue_key(session, programme.programme_id, owner.id, name="one day's demonstration", scopes=scopes)
