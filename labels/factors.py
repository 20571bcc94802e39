"""Baselines and emission factors: sourced figures, each version a new row that supersedes, never overwrites."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels.medians import BaselineDraft, ComparableFigure, build_baselines
from labels.metrics import NewFactor, rule_fault
from labels.products import CATEGORIES
from labels.quantities import Boundary
from labels.queries import run
from labels.registrations import (
    Batch,
    Registered,
    Rejected,
    Result,
    Unchanged,
    number_fault,
    period_fault,
    texts_fault,
    unit_fault,
)
from labels.tables import Baseline, Factor
from labels.writes import insert

__all__ = [
    "BaselineDraft",
    "ComparableFigure",
    "NewFactor",
    "build_baselines",
    "register_baselines",
    "register_factors",
]

MODELS: Final = ("category_mean", "own_previous", "conventional_product", "regulated")
_FIELDS: Final = (
    "category_id",
    "model",
    "milligrams_per_unit",
    "functional_unit",
    "boundary",
    "standard",
    "region",
    "sample_size",
    "lower_quartile_mg",
    "upper_quartile_mg",
    "method",
    "source",
    "source_row",
    "licence",
    "gtin",
    "year",
    "gwp_set",
    "data_quality",
    "verification",
)
_KNOWN: Final = text(
    f"SELECT id, {', '.join(_FIELDS)}, valid_from, valid_until FROM baseline "  # noqa: S608 - our own column names
    "WHERE category_id = ANY(CAST(:ids AS varchar[])) ORDER BY valid_from, recorded_at, id"
)
_FACTORS: Final = text("""
    SELECT id, metric, nanograms_per_unit, unit, region, year, boundary, source, source_row, licence, valid_from,
        valid_until, subject, standard, gwp_set, data_quality, verification
    FROM factor WHERE metric = ANY(CAST(:metrics AS varchar[])) ORDER BY valid_from, recorded_at, id
""")


async def register_baselines(
    session: AsyncSession,
    drafts: Sequence[BaselineDraft],
    *,
    valid_from: date,
    valid_until: date | None = None,
    now: datetime,
) -> list[Result]:
    """Register baselines from `valid_from` on; each supersedes the last one of the same category and comparison."""
    batch = Batch(len(drafts))
    ids: dict[str, object] = {"ids": sorted({draft.category_id for draft in drafts})}
    units = {row[0]: row[3] for row in await run(session, CATEGORIES, ids)}
    known: dict[tuple[Any, ...], UUID] = {}
    last: dict[tuple[Any, ...], UUID] = {}
    for identifier, *values in await run(session, _KNOWN, ids):
        known[tuple(values)] = identifier
        last[_comparison(values)] = identifier
    fresh: list[dict[str, object]] = []
    for place, draft in enumerate(drafts):
        columns: dict[str, object] = {name: getattr(draft, name) for name in _FIELDS}
        columns |= {"source_row": _provenance(draft), "valid_from": valid_from, "valid_until": valid_until}
        values = list(columns.values())
        fault = period_fault(valid_from, valid_until) or _draft_fault(draft, units)
        if fault is not None:
            batch.answer(place, fault)
        elif tuple(values) in known:
            batch.answer(place, Unchanged(known[tuple(values)]))
        else:
            identifier = known[tuple(values)] = new_id()
            supersedes = last.get(_comparison(values))
            last[_comparison(values)] = identifier
            fresh.append(columns | {"id": identifier, "supersedes_id": supersedes, "recorded_at": now})
            batch.answer(place, Registered(identifier))
    await insert(session, Baseline, fresh)
    return batch.results()


async def register_factors(session: AsyncSession, rows: Sequence[NewFactor], *, now: datetime) -> list[Result]:
    """Register emission factors; each supersedes the last of the same metric, subject, region and boundary."""
    batch = Batch(len(rows))
    metrics: dict[str, object] = {"metrics": sorted({row.metric for row in rows})}
    known: dict[NewFactor, UUID] = {}
    last: dict[tuple[str, ...], UUID] = {}
    for identifier, *values in await run(session, _FACTORS, metrics):
        stored = NewFactor(*values)
        known[stored] = identifier
        last[_same(stored)] = identifier
    fresh: list[dict[str, object]] = []
    for place, row in enumerate(rows):
        fault = _factor_fault(row)
        if fault is not None:
            batch.answer(place, fault)
        elif row in known:
            batch.answer(place, Unchanged(known[row]))
        else:
            same = _same(row)
            known[row] = new_id()
            columns = {name: getattr(row, name) for name in NewFactor.__dataclass_fields__}
            fresh.append(columns | {"id": known[row], "supersedes_id": last.get(same), "recorded_at": now})
            last[same] = known[row]
            batch.answer(place, Registered(known[row]))
    await insert(session, Factor, fresh)
    return batch.results()


def _same(row: NewFactor) -> tuple[str, ...]:
    """Return what two vintages of one factor share."""
    return row.metric, row.subject, row.region, row.unit, row.boundary, row.standard


def _comparison(values: Sequence[Any]) -> tuple[Any, ...]:
    """Return what two versions of one baseline share: category, model, unit, boundary, standard, region and product."""
    return (values[0], values[1], *values[3:7], values[_FIELDS.index("gtin")])


def _provenance(draft: BaselineDraft) -> str:
    """Return the rows a baseline came from, and the wider category they are of, where it is one."""
    if draft.from_category_id == draft.category_id:
        return draft.source_row
    return f"from {draft.from_category_id}: {draft.source_row}"


def _draft_fault(draft: BaselineDraft, units: dict[str, str]) -> Rejected | None:
    if draft.category_id not in units:
        return Rejected("category_id", f"{draft.category_id} is not registered; register the category first.")
    if draft.boundary not in set(Boundary):
        return Rejected("boundary", f"must be one of {', '.join(Boundary)}.")
    if draft.model not in MODELS:
        return Rejected("model", f"must be one of {', '.join(MODELS)}.")
    return (
        unit_fault(draft.functional_unit, units[draft.category_id])
        or number_fault("milligrams_per_unit", draft.milligrams_per_unit, least=1)
        or texts_fault(("standard", draft.standard), ("region", draft.region), ("source", draft.source))
        or texts_fault(("licence", draft.licence), ("method", draft.method))
    )


def _factor_fault(row: NewFactor) -> Rejected | None:
    broken = rule_fault(row.metric, row.unit, row.boundary)
    if broken is not None:
        return Rejected(*broken)
    return (
        number_fault("nanograms_per_unit", row.nanograms_per_unit)
        or number_fault("year", row.year, least=1990, most=2100)
        or texts_fault(("subject", row.subject), ("region", row.region), ("source", row.source))
        or texts_fault(("licence", row.licence))
        or texts_fault(("standard", row.standard), ("gwp_set", row.gwp_set), required=False)
        or texts_fault(("data_quality", row.data_quality), ("verification", row.verification), required=False)
        or period_fault(row.valid_from, row.valid_until)
    )
