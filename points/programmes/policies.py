"""Publishing policies, and withdrawing them before they begin; what was receipted keeps its own version."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from points.errors import InvalidInputError, StateConflictError
from points.programmes.policy import PolicyVersion
from points.programmes.programmes import decide_policy
from points.programmes.queries import announced, lock_programme
from points.programmes.tables import Policy
from points.programmes.term_checks import check_start, check_terms
from points.programmes.versions import Held, changed, check_turn, check_withdrawal, held, latest, numbered


async def publish(
    session: AsyncSession,
    programme_id: UUID,
    changes: Mapping[str, Any],
    *,
    based_on: int,
    effective_from: datetime,
    staff_id: UUID,
    now: datetime,
) -> PolicyVersion:
    """Publish version `based_on` with `changes` as the next version, to hold from `effective_from` on.

    Terms that `changes` do not name stay as they are in `based_on`, which must be the latest: so that of two people at
    work at once nobody undoes what the other has just published.

    Raises:
        InvalidInputError: when a term is wrong, nothing changes, or it would hold from a moment that has passed.
        StateConflictError: when `based_on` is not the latest version that stands, or one that stands begins later.
        UnknownProgrammeError: when there is no such programme.
    """
    await lock_programme(session, programme_id)
    versions = (await announced(session, programme_id)).policies
    newest = latest(versions)
    if newest is None or newest.version != based_on:
        named = "none is" if newest is None else f"version {newest.version} is"
        raise StateConflictError(f"based_on must be the latest version, and {named}; read it and try again.")
    check_start(effective_from, now)
    check_turn(versions, effective_from)
    try:
        terms = changed(newest.terms, changes)
    except ValidationError as error:
        raise _refused(error) from error
    check_terms(terms, within="terms/")
    if terms == newest.terms:
        raise InvalidInputError(f"terms must change something of version {based_on}.", field="terms")
    stored = await decide_policy(
        session, programme_id, terms, effective_from=effective_from.astimezone(UTC), staff_id=staff_id
    )
    return PolicyVersion(stored.version, stored.effective_from, terms)


async def withdraw(
    session: AsyncSession, programme_id: UUID, number: int, *, staff_id: UUID, now: datetime
) -> Held[PolicyVersion]:
    """Withdraw a version that has not begun; what holds before it goes on. A second time changes nothing.

    Raises:
        NotFoundError: when there is no such version.
        StateConflictError: when something may be credited by it, others were built on it, or it is the only one.
        UnknownProgrammeError: when there is no such programme.
    """
    await lock_programme(session, programme_id)
    rules = await announced(session, programme_id)
    found = numbered(held(rules.policies, now), number).version
    if found.withdrawn_at is None:
        check_withdrawal(found, rules.policies, rules, now)
        stored = await session.get_one(Policy, (programme_id, number))
        stored.withdrawn_at, stored.withdrawn_by_id = now, staff_id
        await session.flush()
    return await version(session, programme_id, number, now=now)


async def published(session: AsyncSession, programme_id: UUID, *, now: datetime) -> list[Held[PolicyVersion]]:
    """Return every version of the policy in the order they hold, those that were withdrawn among them."""
    return held((await announced(session, programme_id)).policies, now)


async def version(session: AsyncSession, programme_id: UUID, number: int, *, now: datetime) -> Held[PolicyVersion]:
    """Return one version of the policy.

    Raises:
        NotFoundError: when there is no such version.
    """
    return numbered(await published(session, programme_id, now=now), number)


def _refused(error: ValidationError) -> InvalidInputError:
    """Return the first thing wrong about the values of terms."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = "/".join(str(step) for step in first["loc"])
    return InvalidInputError(f"{name}: {first['msg']}.", field=f"terms/{name}")
