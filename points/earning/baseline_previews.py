"""Before baselines are published: what a programme's last month would have saved by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import local_day
from core.sql import run
from labels.medians import BaselineDraft
from labels.queries import facts_by_ids
from points.earning.reappraisals import PastActivities, Reappraised, reappraise
from points.programmes.queries import rulebook

# What is alike in everything a saving follows from is one row, so a month of a city is some thousands of rows.
_PAST: Final = text("""
    SELECT b.gtin, b.footprint_id, b.baseline_id, b.units_micro_each * a.quantity AS units_micro, a.evidence_bp,
        CAST(sum(a.times) AS bigint) AS times, CAST(sum(a.saving_grams) AS bigint) AS saving_grams
    FROM (
        SELECT basis_id, quantity, evidence_bp, count(*) AS times, sum(saving_grams) AS saving_grams
        FROM activity WHERE programme_id = :programme_id AND day >= :since AND day < :until
        GROUP BY basis_id, quantity, evidence_bp
    ) AS a JOIN basis AS b ON b.programme_id = :programme_id AND b.basis_id = a.basis_id
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY 1, 2, 3, 4, 5
""")


@dataclass(frozen=True, slots=True)
class SavingsPreview:
    """What the programme's activities of its last whole calendar month saved and would have saved, before caps."""

    since: date
    until: date
    activities: int
    before_grams: int
    after_grams: int
    categories: tuple[Reappraised, ...]


async def preview_savings(
    session: AsyncSession, programme_id: UUID, drafts: Sequence[BaselineDraft], valid_from: date, *, now: datetime
) -> SavingsPreview:
    """Return what last month's activities would have saved had the drafts held. `until` is exclusive.

    Raises:
        UnknownProgrammeError: no such programme.
    """
    until = local_day(now, (await rulebook(session, programme_id)).time_zone).replace(day=1)
    since = (until - timedelta(days=1)).replace(day=1)
    rows = await run(session, _PAST, {"programme_id": programme_id, "since": since, "until": until})
    past = [PastActivities(*tuple(row)) for row in rows]
    cited = await facts_by_ids(session, {each.footprint_id for each in past}, {each.baseline_id for each in past}, ())
    found = reappraise(past, cited.footprints, cited.baselines, drafts, valid_from)
    return SavingsPreview(
        since,
        until,
        sum(each.activities for each in found),
        sum(each.before_grams for each in found),
        sum(each.after_grams for each in found),
        found,
    )
