"""How versions follow each other, which can be withdrawn, and what one says differently from another. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

from points.errors import NotFoundError, StateConflictError
from points.programmes.expiry import EXPIRY
from points.programmes.policy import TERMS, PolicyVersion, Rate, Rulebook, Terms
from points.programmes.term_checks import CLOCK_SKEW

Version = TypeVar("Version", PolicyVersion, Rate)


class Standing(StrEnum):
    """Where a version stands at a moment."""

    PAST = "past"
    IN_FORCE = "in_force"
    COMING = "coming"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Held(Generic[Version]):
    """A version with the time it holds for: `effective_from` of its own until `effective_until`, None for open end.

    One that another replaced from the very same moment never held, nor did one that was withdrawn.
    """

    version: Version
    effective_until: datetime | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Difference:
    """One term that two versions do not share, by its path, such as caps.grams_per_day; None where one lacks it."""

    path: str
    before: Any
    after: Any


def held(versions: Sequence[Version], now: datetime) -> list[Held[Version]]:
    """Return the versions in the order they hold, each with its end and where it stands at `now`."""
    found: list[Held[Version]] = []
    end: datetime | None = None
    for each in sorted(versions, key=_order, reverse=True):
        if each.withdrawn_at is not None:
            found.append(Held(each, None, Standing.WITHDRAWN))
            continue
        found.append(Held(each, end, _standing(each, end, now)))
        end = each.effective_from
    return found[::-1]


def numbered(versions: Sequence[Held[Version]], number: int) -> Held[Version]:
    """Return the version of that number.

    Raises:
        NotFoundError: when there is none.
    """
    for each in versions:
        if each.version.version == number:
            return each
    raise NotFoundError(f"There is no version {number}; the list of versions says which there are.")


def latest(versions: Sequence[Version]) -> Version | None:
    """Return the version that was published last and stands."""
    return max(_standing_ones(versions), key=lambda each: each.version, default=None)


def check_turn(versions: Sequence[Version], effective_from: datetime) -> None:
    """Refuse a start before that of a version published earlier, which would end it with terms that know nothing of it.

    Raises:
        StateConflictError: naming the version that begins later, and what to do.
    """
    last = max(_standing_ones(versions), key=_order, default=None)
    if last is not None and effective_from < last.effective_from:
        raise StateConflictError(
            f"Version {last.version} begins later, at {last.effective_from.isoformat()}, and would end what this one "
            f"says. Let this one hold from that moment or a later one, or withdraw version {last.version} first."
        )


def check_withdrawal(version: Version, versions: Sequence[Version], rules: Rulebook, now: datetime) -> None:
    """Refuse to withdraw what something may have been credited by, or what others were built on.

    What is reported may be ahead of our clock by as much as a policy says; and our machines' clocks may differ, which
    is far more than a withdrawal takes to be seen by everybody.

    Raises:
        StateConflictError: saying what to do instead.
    """
    ahead = max((each.terms.clock_skew_minutes for each in _standing_ones(rules.policies)), default=0)
    until = version.effective_from - timedelta(minutes=ahead) - CLOCK_SKEW
    if now >= until:
        raise StateConflictError(
            f"Version {version.version} could be withdrawn until {until.isoformat()}; by now something may be credited "
            "by it. Publish the next version instead: from the same moment or a later one it takes over."
        )
    others = [each for each in _standing_ones(versions) if each.version != version.version]
    if not others:
        raise StateConflictError(f"Version {version.version} is the only one; publish the next one instead.")
    last = max(others, key=_order)
    if _order(last) > _order(version):
        raise StateConflictError(f"Version {last.version} begins after it and knows of it; withdraw that first.")


def differences(before: Terms, after: Terms) -> list[Difference]:
    """Return what `after` says differently, in the order of its terms."""
    ours, theirs = (dict(_flat(_told(terms))) for terms in (before, after))
    paths = dict.fromkeys([*theirs, *ours])
    return [Difference(path, ours.get(path), theirs.get(path)) for path in paths if ours.get(path) != theirs.get(path)]


def changed(terms: Terms, changes: Mapping[str, Any]) -> Terms:
    """Return `terms` with `changes`, JSON values by name, laid over them; groups of terms are merged name by name.

    Raises:
        pydantic.ValidationError: when a value is of no use to its term.
    """
    stored = TERMS.dump_python(terms, mode="json")
    if isinstance(changes.get("expiry"), Mapping):  # laid over what holds, also where the old name says it
        stored["expiry"] = EXPIRY.dump_python(terms.expiry_rule, mode="json")
    merged = _merged(stored, changes)
    rule = merged.get("expiry")
    if rule is not None:  # for whoever still reads the old name
        merged["expiry_months"] = rule.get("months", terms.expiry_months)
    return TERMS.validate_python(merged)


def _standing_ones(versions: Sequence[Version]) -> list[Version]:
    return [each for each in versions if each.withdrawn_at is None]


def _order(version: PolicyVersion | Rate) -> tuple[datetime, int]:
    return version.effective_from, version.version


def _standing(version: PolicyVersion | Rate, end: datetime | None, now: datetime) -> Standing:
    if end is not None and end <= version.effective_from:
        return Standing.REPLACED
    if version.effective_from > now:
        return Standing.COMING
    return Standing.PAST if end is not None and end <= now else Standing.IN_FORCE


def _told(terms: Terms) -> dict[str, Any]:
    """Return terms as JSON, with the expiry that holds, however it was said."""
    stored: dict[str, Any] = TERMS.dump_python(terms, mode="json")
    del stored["expiry_months"]
    return stored | {"expiry": EXPIRY.dump_python(terms.expiry_rule, mode="json")}


def _flat(stored: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in stored.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _merged(stored: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(stored)
    for name, value in changes.items():
        group = merged.get(name)
        merged[name] = _merged(group, value) if isinstance(group, Mapping) and isinstance(value, Mapping) else value
    return merged
