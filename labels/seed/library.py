"""The base library as it ships: read from the tables beside this file, and registered once however often it is asked.

Every figure stands in `baselines.csv` and `factors.csv` with its source, row, year and licence. `derivations.csv` says
by which rule each baseline comes from its source; a test derives all of them again.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from labels.factors import register_baselines, register_factors
from labels.medians import BaselineDraft
from labels.metrics import NewFactor
from labels.products import register_categories
from labels.quantities import Boundary
from labels.registrations import NewCategory, Registered, Rejected, Result, Unchanged
from labels.seed.derivation import Derivation

Kind = TypeVar("Kind", NewCategory, BaselineDraft, NewFactor)

VALID_FROM: Final = date(2025, 1, 1)
"""From this day on the library's baselines hold; what was bought before is not judged by them."""

_FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Seeded:
    """What became of the library: how many were new, how many were there, and what was refused and why."""

    registered: int
    unchanged: int
    rejected: tuple[Rejected, ...]


def categories() -> list[NewCategory]:
    """Return the library's categories, parents before their children."""
    return list(_read("categories", NewCategory))


def baselines() -> list[BaselineDraft]:
    """Return the library's baselines."""
    return list(_read("baselines", BaselineDraft))


def factors() -> list[NewFactor]:
    """Return the library's factors."""
    return list(_read("factors", NewFactor))


def derivations() -> list[Derivation]:
    """Return the rules by which the library's baselines come from their sources."""
    return [
        Derivation(**(row | {"boundary": Boundary(row["boundary"]), "multiplier": Decimal(row["multiplier"])}))  # type: ignore[arg-type]  # the header names the fields
        for row in _rows("derivations")
    ]


def words() -> dict[str, tuple[str, str]]:
    """Return, by category, the words that point to it beside its names: Chinese by spaces, English by commas."""
    return {row["category_id"]: (row["zh"], row["en"]) for row in _rows("words")}


def write(name: str, rows: Sequence[NewCategory] | Sequence[BaselineDraft] | Sequence[NewFactor]) -> None:
    """Write one of the library's tables anew."""
    with (_FOLDER / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [each.name for each in fields(rows[0])], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


async def register_library(session: AsyncSession, *, now: datetime) -> Seeded:
    """Register the whole library. What is there is left as it is, so it can be done again at any time."""
    known = await register_categories(session, categories())
    usual = await register_baselines(session, baselines(), valid_from=VALID_FROM, now=now)
    emitted = await register_factors(session, factors(), now=now)
    results: list[Result] = [*known, *usual, *emitted]
    return Seeded(
        registered=sum(isinstance(each, Registered) for each in results),
        unchanged=sum(isinstance(each, Unchanged) for each in results),
        rejected=tuple(each for each in results if isinstance(each, Rejected)),
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def _read(name: str, kind: type[Kind]) -> Iterator[Kind]:
    types = {each.name: str(getattr(each.type, "__name__", each.type)) for each in fields(kind)}
    for row in _rows(name):
        yield kind(**{field: _value(types[field], text) for field, text in row.items()})


def _value(kind: str, text: str) -> Any:  # noqa: ANN401 - a cell is whatever its field is
    if kind == "str":
        return text
    if not text:
        return None
    if kind.startswith("int"):
        return int(text)
    return date.fromisoformat(text) if kind.startswith("date") else text
