"""Certificates as a page shows them: where each stands on a day, and what may be done with its mark."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from labels.certificates import Status
from labels.certification.histories import History
from labels.certification.mark_use import MarkUse


@dataclass(frozen=True, slots=True)
class Mark:
    """One certificate as of a day. `last_day` is the last one on which it holds, renewals and all."""

    history: History
    status: Status
    last_day: date
    use: MarkUse | None

    @property
    def certifier(self) -> "Certifier":
        """Who answers for it."""
        return Certifier(self.history.certifier_name_zh, self.history.certifier_name_en)


@dataclass(frozen=True, slots=True)
class Certifier:
    """An organization by its names."""

    name_zh: str
    name_en: str


def marks_on(histories: Iterable[History], day: date) -> list[Mark]:
    """Return certificates as they stand on `day`: those that are valid first, then the newest first."""
    marks = [
        Mark(each, each.status_on(day), each.valid_until_on(day) - timedelta(days=1), each.mark_use_on(day))
        for each in histories
    ]
    marks.sort(key=lambda mark: (mark.status is not Status.VALID, -mark.history.valid_from.toordinal()))
    return marks
