"""Where orders are stuck, and what operators do about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from pydantic import Field

from api.schemas import Schema
from points.earning.clawbacks.tables import ClawbackTrouble
from points.earning.clawbacks.troubles import NOBODY

_WAIT: Final = ("系统会自动重试;其他居民照常处理。", "It is tried again by itself; the other residents' turns go on.")
_RESUME: Final = (
    "不再自动重试。请按 clawback_id 在工作进程日志中查明并排除原因,然后 POST /v1/clawbacks/{clawback_id}/resumptions。",
    (
        "Some of it is not tried any more by itself. Find the cause in the worker's log under the clawback_id, mend "
        "it, then POST /v1/clawbacks/{clawback_id}/resumptions."
    ),
)


class ClawbackStuck(Schema):
    """Where an order is stuck. The other residents' turns go on; what failed has taken nothing."""

    since: datetime
    residents: list[UUID] = Field(description="Whose turns fail, longest first, up to 100; none: the order's own work.")
    attempts: int = Field(description="How often it failed since it was last resumed, of those who failed most.")
    tried_at: datetime
    next_at: datetime | None = Field(description="When it is tried again by itself; null: when an operator resumes it.")
    problem: str = Field(description="What went wrong last.")
    todo_zh: str
    todo_en: str

    @classmethod
    def of(cls, troubles: Sequence[ClawbackTrouble]) -> Self | None:
        """Return what is told of troubles; None where there are none."""
        if not troubles:
            return None
        last = max(troubles, key=lambda each: each.tried_at)
        again = [each.next_at for each in troubles if each.next_at is not None]
        zh, en = _WAIT if again and len(again) == len(troubles) else _RESUME
        return cls(
            since=min(each.since for each in troubles),
            residents=[each.resident_id for each in troubles if each.resident_id != NOBODY],
            attempts=max(each.attempts for each in troubles),
            tried_at=last.tried_at,
            next_at=min(again, default=None),
            problem=last.problem,
            todo_zh=zh,
            todo_en=en,
        )
