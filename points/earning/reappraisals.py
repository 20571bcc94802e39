"""What past activities would have saved against other baselines. Pure, exact, by the formula of the first time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from labels.medians import BaselineDraft
from labels.savings import BaselineFact, Basis, FootprintFact, Saving, differing, saving

_NOBODY: Final = UUID(int=0)
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PastActivities:
    """Activities that are alike in everything a saving follows from: `times` of them saved `saving_grams` together."""

    gtin: str
    footprint_id: UUID
    baseline_id: UUID
    units_micro: int
    evidence_bp: int
    times: int
    saving_grams: int


@dataclass(frozen=True, slots=True)
class Reappraised:
    """What the activities of one category saved and would have saved, before caps; `activities` is how many changed."""

    category_id: str
    activities: int
    before_grams: int
    after_grams: int


def reappraise(
    past: Sequence[PastActivities],
    footprints: Mapping[UUID, FootprintFact],
    baselines: Mapping[UUID, BaselineFact],
    drafts: Sequence[BaselineDraft],
    valid_from: date,
) -> tuple[Reappraised, ...]:
    """Return, for each category a draft touches, the grams as they were and as they would have been.

    A draft takes the place of the baseline an activity was held against where category, functional unit, boundary,
    standard and region are the same; a draft for one product never takes the place of a whole category's. Activities
    that no draft touches are left out. Uncertainty, evidence and rounding are those of the first time.
    """
    facts = [_fact(each, valid_from) for each in drafts]
    sums: dict[str, list[int]] = {}
    for each in past:
        footprint, held = footprints.get(each.footprint_id), baselines.get(each.baseline_id)
        if footprint is None or held is None:
            continue
        draft = next((fact for fact in facts if _takes_over(fact, held, footprint, each.gtin)), None)
        if draft is None:
            continue
        counts = sums.setdefault(held.category_id, [0, 0, 0])
        basis = Basis(_NOBODY, "", footprint, draft, each.units_micro)
        again = saving(basis, quantity=1, evidence_bp=each.evidence_bp)
        counts[0] += each.times
        counts[1] += each.saving_grams
        counts[2] += again.grams * each.times if isinstance(again, Saving) else 0
    return tuple(Reappraised(category_id, *counts) for category_id, counts in sorted(sums.items()))


def _takes_over(draft: BaselineFact, held: BaselineFact, footprint: FootprintFact, gtin: str) -> bool:
    if draft.category_id != held.category_id or differing(footprint, draft):
        return False
    return draft.gtin is None or (held.gtin is not None and draft.gtin == gtin)


def _fact(draft: BaselineDraft, valid_from: date) -> BaselineFact:
    return BaselineFact(
        id=_NOBODY,
        category_id=draft.category_id,
        milligrams_per_unit=draft.milligrams_per_unit,
        functional_unit=draft.functional_unit,
        boundary=draft.boundary,
        standard=draft.standard,
        region=draft.region,
        model=draft.model,
        valid_from=valid_from,
        valid_until=None,
        recorded_at=_LONG_AGO,
        gtin=draft.gtin,
    )
