"""Baselines are drafted, looked at, then published: from a day on they supersede what held; nothing is overwritten."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels import baselines
from labels.baseline_models import Model, NamedFigure, drafts_of
from labels.errors import AlreadyDecidedError, InvalidRecordError, UnknownDraftError
from labels.factors import register_baselines
from labels.grades import Grade, Spread, grade_of
from labels.medians import BaselineDraft, ComparableFigure
from labels.registrations import Rejected, period_fault
from labels.tables import BaselineDraftSet

DRAFT: Final = "draft"
PUBLISHED: Final = "published"
_REGISTRY: Final = "footprints of this registry"
_LICENCE: Final = "own data"


@dataclass(frozen=True, slots=True)
class GradeChange:
    """A product whose grade the drafts would change; None: no grade, for want of a spread or of a baseline."""

    gtin: str
    name_zh: str
    name_en: str
    category_id: str
    milligrams_per_unit: int
    before: Grade | None
    after: Grade | None


@dataclass(frozen=True, slots=True)
class GradePreview:
    """How many products each draft is held against, what held before, and whose grade changes.

    `left_out` counts comparable footprints of the registry that medians were made without: none had a certificate valid
    on the draft's first day, as known now.
    """

    compared: int
    before_mg: tuple[int | None, ...]
    changes: tuple[GradeChange, ...]
    left_out: int


async def draft(
    session: AsyncSession,
    model: Model,
    *,
    figures: Sequence[NamedFigure] = (),
    category_ids: Collection[str] = (),
    valid_from: date,
    valid_until: date | None = None,
    reason: str,
    actor: str,
    now: datetime,
) -> BaselineDraftSet:
    """Keep a draft made of the registry's own footprints of some categories, or of given figures.

    Raises:
        InvalidRecordError: nothing can be made of what was asked for; the detail says what is missing.
    """
    fault = period_fault(valid_from, valid_until)
    if fault is not None:
        raise InvalidRecordError(f"{fault.field} {fault.reason}", field=fault.field)
    given = await _with_paths(session, figures) if figures else await _own(session, model, category_ids, valid_from)
    wanted = set(category_ids) or {each.figure.path[-1] for each in given}
    drafts = [each for each in drafts_of(model, given) if each.category_id in wanted]
    if not drafts:
        raise InvalidRecordError(_nothing(model), field="figures" if figures else "category_ids")
    made = BaselineDraftSet(
        id=new_id(),
        model=model,
        valid_from=valid_from,
        valid_until=valid_until,
        rows=[asdict(each) for each in drafts],
        reason=reason,
        created_by=actor,
        created_at=now,
    )
    session.add(made)
    await session.flush()
    return made


async def drafted(session: AsyncSession, draft_id: UUID, *, lock: bool = False) -> BaselineDraftSet:
    """Return a draft; with `lock` nobody else publishes it meanwhile.

    Raises:
        UnknownDraftError: no such draft.
    """
    statement = select(BaselineDraftSet).where(col(BaselineDraftSet.id) == draft_id)
    found = (await session.exec(statement.with_for_update() if lock else statement)).one_or_none()
    if found is None:
        raise UnknownDraftError
    return found


def rows_of(made: BaselineDraftSet) -> list[BaselineDraft]:
    """Return the baselines of a draft."""
    return [BaselineDraft(**row) for row in made.rows]


async def preview_grades(session: AsyncSession, made: BaselineDraftSet) -> GradePreview:
    """Return which products would change grade on the draft's first day, against what holds that day."""
    drafts = rows_of(made)
    held = await baselines.current(session, drafts, made.valid_from)
    rows = await baselines.compared(session, drafts, made.valid_from)
    changes = [change for row in rows if (change := _change(row, drafts[row.place], held.get(row.place))) is not None]
    before = tuple(held[place].milligrams_per_unit if place in held else None for place in range(len(drafts)))
    return GradePreview(len(rows), before, tuple(changes), await _left_out(session, drafts, made.valid_from))


def counted(changes: Sequence[GradeChange]) -> dict[tuple[Grade | None, Grade | None], int]:
    """Return how many products go from which grade to which."""
    return dict(Counter((each.before, each.after) for each in changes))


async def publish(session: AsyncSession, draft_id: UUID, *, actor: str, now: datetime) -> BaselineDraftSet:
    """Register every baseline of a draft, or none.

    Raises:
        UnknownDraftError: no such draft.
        AlreadyDecidedError: it was published before.
        InvalidRecordError: a baseline can not be registered; the detail names the field.
    """
    made = await drafted(session, draft_id, lock=True)
    if made.state != DRAFT:
        raise AlreadyDecidedError(f"This draft was published by {made.published_by}; draft a further one.")
    drafts = rows_of(made)
    results = await register_baselines(
        session, drafts, valid_from=made.valid_from, valid_until=made.valid_until, now=now
    )
    for result, each in zip(results, drafts, strict=True):
        if isinstance(result, Rejected):
            raise InvalidRecordError(f"{each.category_id}: {result.field} {result.reason}", field=result.field)
    made.state, made.published_by, made.published_at = PUBLISHED, actor, now
    await session.flush()
    return made


async def _with_paths(session: AsyncSession, figures: Sequence[NamedFigure]) -> list[NamedFigure]:
    """Return given figures with the way from the widest category to theirs.

    Raises:
        InvalidRecordError: a category is not registered.
    """
    paths = await baselines.paths(session)
    unknown = sorted({each.figure.path[-1] for each in figures} - set(paths))
    if unknown:
        raise InvalidRecordError(f"figures: the category {unknown[0]} is not registered.", field="figures")
    return [replace(each, figure=replace(each.figure, path=paths[each.figure.path[-1]])) for each in figures]


async def _own(session: AsyncSession, model: Model, category_ids: Collection[str], day: date) -> list[NamedFigure]:
    """Return the registry's own figures for some categories, and of wider ones where a median may need them."""
    paths = await baselines.paths(session)
    unknown = sorted(set(category_ids) - set(paths))
    if unknown:
        raise InvalidRecordError(f"category_ids: {unknown[0]} is not registered.", field="category_ids")
    if model is Model.OWN_PREVIOUS:
        rows = await baselines.previous(session, category_ids, day)
        return [_figure(row, paths, row.number) for row in rows]
    if model is not Model.CATEGORY_MEAN:
        raise InvalidRecordError(f"figures: give the figure a {model} baseline is.", field="figures")
    above = {step for category_id in category_ids for step in paths[category_id]}
    related = {category_id for category_id, path in paths.items() if above & set(path)}
    own = await baselines.footprints(session, related, day)
    return [_figure(row, paths, str(row.id)) for row in own.certified]


async def _left_out(session: AsyncSession, drafts: Sequence[BaselineDraft], day: date) -> int:
    """Return how many footprints the registry's own medians would have counted, had somebody vouched for them."""
    wanted = {
        (each.from_category_id, each.functional_unit, each.boundary, each.standard, each.region)
        for each in drafts
        if each.source == _REGISTRY and each.model == Model.CATEGORY_MEAN
    }
    if not wanted:
        return 0
    paths = await baselines.paths(session)
    finest = {key[0] for key in wanted}
    within = {category_id for category_id, path in paths.items() if finest & set(path)}
    rows = (await baselines.footprints(session, within, day)).left_out
    return sum(
        any(
            (step, row.functional_unit, row.boundary, row.standard, row.region) in wanted
            for step in paths[row.category_id]
        )
        for row in rows
    )


def _figure(row: Row[Any], paths: dict[str, tuple[str, ...]], source_row: str) -> NamedFigure:
    figure = ComparableFigure(
        path=paths[row.category_id],
        milligrams_per_unit=row.milligrams_per_unit,
        functional_unit=row.functional_unit,
        boundary=row.boundary,
        standard=row.standard,
        region=row.region,
        source=_REGISTRY,
        source_row=source_row,
        licence=_LICENCE,
    )
    return NamedFigure(figure, gtin=row.gtin)


def _nothing(model: Model) -> str:
    if model is Model.OWN_PREVIOUS:
        return "category_ids: no product there has a previous certificate for another footprint."
    return (
        "Three comparable certified figures of a category, or of one of its wider categories, are needed for a median."
    )


def _change(row: Row[Any], drafted_one: BaselineDraft, held: Row[Any] | None) -> GradeChange | None:
    after = _grade(row.milligrams_per_unit, drafted_one)
    before = None if held is None else _grade(row.milligrams_per_unit, held)
    if before == after:
        return None
    names = (row.gtin, row.name_zh, row.name_en)
    return GradeChange(*names, drafted_one.category_id, row.milligrams_per_unit, before, after)


def _grade(milligrams: int, figures: Any) -> Grade | None:  # noqa: ANN401 - a draft, or a row with the same names
    if figures.lower_quartile_mg is None or figures.upper_quartile_mg is None:
        return None
    quartiles = (figures.lower_quartile_mg, figures.milligrams_per_unit, figures.upper_quartile_mg)
    return grade_of(milligrams, Spread(*quartiles, figures.sample_size))
