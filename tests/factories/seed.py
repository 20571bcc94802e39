"""Derives the base library again from the data folder: to compare it, or, run as a module, to write it anew.

python -m tests.factories.seed FOLDER
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from labels.factor_imports import factor_of
from labels.medians import BaselineDraft
from labels.metrics import NewFactor
from labels.registrations import NewCategory
from labels.seed import library
from labels.seed.derivation import Figure, derive, figures, plausible_range
from labels.seed.sources import SOURCES

OFFICIAL = "factors/electricity_cn_official.csv"

Derived = tuple[list[NewCategory], list[BaselineDraft], list[NewFactor]]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def derive_all(folder: Path) -> Derived:
    """Return categories with their plausible ranges, baselines and factors as the data folder gives them."""
    tables = {key: rows_of(folder / source.file) for key, source in SOURCES.items()}
    categories = {each.id: each for each in library.categories()}
    found: dict[str, list[Sequence[Figure]]] = defaultdict(list)
    drafts = []
    for rule in library.derivations():
        source = SOURCES[rule.source]
        matched = figures(rule, source, tables[rule.source])
        found[rule.category_id].append(matched)
        drafts.append(derive(rule, source, categories[rule.category_id].functional_unit, matched))
    ranged = [_ranged(each, categories, found) for each in categories.values()]
    official = [factor_of(row, source=OFFICIAL) for row in rows_of(folder / OFFICIAL)]
    return ranged, drafts, [each for each in official if isinstance(each, NewFactor)]


def _ranged(
    category: NewCategory, categories: Mapping[str, NewCategory], found: Mapping[str, list[Sequence[Figure]]]
) -> NewCategory:
    """Return a category with the range of its own figures, or else of all its parent's in the same unit."""
    within = found.get(category.id) or _below(category, categories, found)
    if not within and category.parent_id:
        parent = categories[category.parent_id]
        within = _below(parent, categories, found) if parent.functional_unit == category.functional_unit else []
    low, high = plausible_range(within) or (None, None)
    return replace(category, plausible_low_mg=low, plausible_high_mg=high)


def _below(
    parent: NewCategory, categories: Mapping[str, NewCategory], found: Mapping[str, list[Sequence[Figure]]]
) -> list[Sequence[Figure]]:
    return [
        group
        for category_id, groups in found.items()
        if category_id.startswith(f"{parent.id}.") and categories[category_id].functional_unit == parent.functional_unit
        for group in groups
    ]


def main() -> None:
    categories, drafts, factors = derive_all(Path(sys.argv[1]))
    for name, rows in (("categories", categories), ("baselines", drafts), ("factors", factors)):
        library.write(name, rows)


if __name__ == "__main__":
    main()
