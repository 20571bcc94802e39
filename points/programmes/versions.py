"""How versions follow each other, and what one says differently from another. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from points.programmes.expiry import EXPIRY
from points.programmes.policy import TERMS, PolicyVersion, Rate, Terms

Version = TypeVar("Version", PolicyVersion, Rate)


class Standing(StrEnum):
    """Where a version stands at a moment."""

    PAST = "past"
    IN_FORCE = "in_force"
    COMING = "coming"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Held(Generic[Version]):
    """A version with the time it holds for: `effective_from` of its own until `effective_until`, None for open end.

    One that another replaced from the very same moment never held.
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
    ordered = sorted(versions, key=lambda each: (each.effective_from, each.version))
    ends: list[datetime | None] = [each.effective_from for each in ordered[1:]]
    return [Held(each, end, _standing(each, end, now)) for each, end in zip(ordered, [*ends, None], strict=True)]


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
