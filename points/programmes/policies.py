"""Publishing policies: each a new version from a moment that has not passed; what was receipted keeps its own."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from points.errors import InvalidInputError, NotFoundError, StateConflictError
from points.programmes.policy import PolicyVersion, Rulebook
from points.programmes.programmes import decide_policy
from points.programmes.queries import lock_programme, rulebook
from points.programmes.term_checks import check_start, check_terms
from points.programmes.versions import Held, changed, held


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
        StateConflictError: when `based_on` is not the latest version.
        UnknownProgrammeError: when there is no such programme.
    """
    await lock_programme(session, programme_id)
    latest = _latest(await rulebook(session, programme_id))
    if latest is None or latest.version != based_on:
        newest = "none is" if latest is None else f"version {latest.version} is"
        raise StateConflictError(f"based_on must be the latest version, and {newest}; read it and try again.")
    check_start(effective_from, now)
    try:
        terms = changed(latest.terms, changes)
    except ValidationError as error:
        raise _refused(error) from error
    check_terms(terms)
    if terms == latest.terms and effective_from >= latest.effective_from:
        raise InvalidInputError(f"terms must change something of version {based_on}.", field="terms")
    stored = await decide_policy(
        session, programme_id, terms, effective_from=effective_from.astimezone(UTC), staff_id=staff_id
    )
    return PolicyVersion(stored.version, stored.effective_from, terms)


async def published(session: AsyncSession, programme_id: UUID, *, now: datetime) -> list[Held[PolicyVersion]]:
    """Return every version of the policy, in the order they hold."""
    return held((await rulebook(session, programme_id)).policies, now)


async def version(session: AsyncSession, programme_id: UUID, number: int, *, now: datetime) -> Held[PolicyVersion]:
    """Return one version of the policy.

    Raises:
        NotFoundError: when there is no such version.
    """
    for each in await published(session, programme_id, now=now):
        if each.version.version == number:
            return each
    raise NotFoundError(f"This programme has no policy version {number}.")


def _latest(rules: Rulebook) -> PolicyVersion | None:
    return max(rules.policies, key=lambda each: each.version, default=None)


def _refused(error: ValidationError) -> InvalidInputError:
    """Return the first thing wrong about the values of terms."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = "/".join(str(step) for step in first["loc"])
    return InvalidInputError(f"{name}: {first['msg']}.", field=name)
