"""SELECTs about applications: one with everything that happened to it, and an organization's own, newest first."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.certification.transitions import Step
from labels.queries import run

_COLUMNS: Final = """
    SELECT a.id, a.gtin, a.scheme_id, s.kind, s.self_declared, s.site_check, s.months_valid, a.footprint_id,
        a.applicant_id, a.certifier_id, a.recorded_at
    FROM certificate_application AS a JOIN scheme AS s ON s.id = a.scheme_id
"""
_LOCKED: Final = text(f"{_COLUMNS} WHERE a.id = ANY(CAST(:ids AS uuid[])) ORDER BY a.id FOR NO KEY UPDATE OF a")
_OWN: Final = text(f"""
    {_COLUMNS} WHERE :by IN (a.applicant_id, a.certifier_id) AND (CAST(:id AS uuid) IS NULL OR a.id = :id)
        AND (CAST(:before AS uuid) IS NULL OR a.id < :before)
    ORDER BY a.id DESC LIMIT :limit
""")
_STEPS: Final = text("""
    SELECT t.application_id, t.step, t.effective_on, t.recorded_at, t.reason, c.number
    FROM application_step AS t LEFT JOIN certificate AS c ON c.id = t.certificate_id
    WHERE t.application_id = ANY(CAST(:ids AS uuid[])) ORDER BY t.id
""")


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step of an application; `certificate_number` is what granting it registered."""

    step: Step
    effective_on: date
    recorded_at: datetime
    reason: str
    certificate_number: str | None


@dataclass(frozen=True, slots=True)
class Application:
    """An application and its steps, in the order they were taken."""

    id: UUID
    gtin: str
    scheme_id: str
    kind: str
    self_declared: bool
    site_check: bool
    months_valid: int | None
    footprint_id: UUID | None
    applicant_id: UUID
    certifier_id: UUID
    recorded_at: datetime
    steps: tuple[StepTaken, ...]

    @property
    def stage(self) -> Step:
        """Return where it is: its last step."""
        return self.steps[-1].step

    @property
    def last_on(self) -> date:
        """Return the day of its last step."""
        return self.steps[-1].effective_on

    @property
    def certificate_number(self) -> str | None:
        """Return the number of the certificate it was granted, if it was."""
        return self.steps[-1].certificate_number


async def locked(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Application]:
    """Return applications by id, locked until the end of the database transaction, in two statements."""
    return {
        each.id: each for each in await _with_steps(session, await run(session, _LOCKED, {"ids": sorted(set(ids))}))
    }


async def own_application(session: AsyncSession, application_id: UUID, by_id: UUID) -> Application | None:
    """Return one application, if the organization is its applicant or its certifier."""
    rows = await run(session, _OWN, {"by": by_id, "id": application_id, "before": None, "limit": 1})
    return next(iter(await _with_steps(session, rows)), None)


async def own_applications(session: AsyncSession, by_id: UUID, *, before: UUID | None, limit: int) -> list[Application]:
    """Return the applications an organization sent or was sent, newest first, older than `before`."""
    rows = await run(session, _OWN, {"by": by_id, "id": None, "before": before, "limit": limit})
    return await _with_steps(session, rows)


async def _with_steps(session: AsyncSession, rows: Sequence[Sequence[Any]]) -> list[Application]:
    if not rows:
        return []
    steps: dict[UUID, list[StepTaken]] = defaultdict(list)
    for each in await run(session, _STEPS, {"ids": [row[0] for row in rows]}):
        steps[each[0]].append(StepTaken(Step(each[1]), *each[2:]))
    return [Application(*(*row, tuple(steps[row[0]]))) for row in rows]
