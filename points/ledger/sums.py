"""Adding up by key. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

Key = TypeVar("Key")


def summed(changes: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    """Return what `changes` come to for each key, in the order in which keys are first met."""
    total: dict[Key, int] = defaultdict(int)
    for key, change in changes:
        total[key] += change
    return dict(total)
