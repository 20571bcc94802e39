"""Whom a till means: by the code that never changes, by one that rotates, or by the retailer's own loyalty number."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.values import unguarded
from points.programmes.policy import Rulebook, Terms
from points.residents.loyalty_numbers import digest_of
from points.residents.member_codes import LENGTH, Opened, Proves, normalized, opened
from points.residents.queries import linked_numbers, members


@dataclass(frozen=True, slots=True)
class TillKeys:
    """What reports of sales are read with: secrets for claim codes, members, loyalty numbers and labels, each its own.

    `proves` is called for the signing keys only where a rotating code has to be checked: they lie in files.
    """

    claims: bytes
    members: bytes
    numbers: bytes
    units: bytes
    proves: Callable[[], Proves]


@unguarded
@dataclass(frozen=True, slots=True)
class Shown:
    """What a buyer showed at a retailer's till, and when."""

    retailer_id: UUID
    code: str
    sold_at: datetime

    @property
    def rotates(self) -> bool:
        """Whether it has the length of a code that rotates, which no other code has."""
        return len(normalized(self.code)) == LENGTH


class Fault(StrEnum):
    """Why a till means nobody."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    INVALID = "invalid"
    NOT_TAKEN = "not_taken"


async def recognise(
    session: AsyncSession, rulebook: Rulebook, shown: Collection[Shown], keys: TillKeys
) -> dict[Shown, UUID | Fault]:
    """Return who showed each code, or why that is nobody, in at most two statements. Who has left is nobody.

    A rotating code holds while it may be shown, a loyalty number from the moment it was linked; the programme's rules
    are those of the time of the sale.
    """
    programme_id = rulebook.programme_id
    said = _opened(programme_id, shown, keys)
    codes = {each: _member_code(each, said) for each in shown}
    residents = await members(session, programme_id, {code for code in codes.values() if code is not None})
    meant: dict[Shown, UUID | Fault] = {}
    for each, code in codes.items():
        terms = _terms(rulebook, each.sold_at)
        fault = _overdue(each, said[each.code], terms) if each.rotates else _not_taken(terms)
        resident_id = None if code is None else residents.get(code)
        nobody = fault if each.rotates else None  # of a code unknown to us it is not said that it is not taken
        meant[each] = nobody or (Fault.UNKNOWN if resident_id is None else fault or resident_id)
    digests = {
        each: digest_of(programme_id, each.retailer_id, each.code, keys.numbers)
        for each, found in meant.items()
        if isinstance(found, Fault) and not each.rotates
    }
    linked = await linked_numbers(session, programme_id, digests.values()) if digests else {}
    links = {each: linked[digest] for each, digest in digests.items() if digest in linked}
    return meant | {each: link.resident_id for each, link in links.items() if link.linked_at <= each.sold_at}


def _opened(programme_id: UUID, shown: Collection[Shown], keys: TillKeys) -> Mapping[str, Opened | None]:
    """Return what each rotating code says; the lines of one receipt carry one code, whose signature is checked once."""
    codes = {each.code for each in shown if each.rotates}
    if not codes:
        return {}
    proves = keys.proves()
    return {code: opened(programme_id, normalized(code), secret=keys.members, proves=proves) for code in codes}


def _member_code(shown: Shown, said: Mapping[str, Opened | None]) -> str | None:
    """Return the code that never changes, as it was shown or as a rotating code says it."""
    if not shown.rotates:
        return normalized(shown.code)
    opened_code = said[shown.code]
    return None if opened_code is None else opened_code.member_code


def _overdue(shown: Shown, said: Opened | None, terms: Terms | None) -> Fault | None:
    if said is None:
        return Fault.INVALID
    skew = timedelta(minutes=0 if terms is None else terms.clock_skew_minutes)
    return None if said.holds_at(shown.sold_at, skew) else Fault.EXPIRED


def _not_taken(terms: Terms | None) -> Fault | None:
    return None if terms is None or terms.static_member_codes else Fault.NOT_TAKEN


def _terms(rulebook: Rulebook, moment: datetime) -> Terms | None:
    policy = rulebook.policy_at(moment)
    return None if policy is None else policy.terms
