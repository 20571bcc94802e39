"""Certificates as a page shows them: where each stands on a day, and what may be done with its mark."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from labels.certificates import Status
from labels.certification.histories import History
from labels.certification.mark_assets import MarkPicture
from labels.certification.mark_use import MarkUse


@dataclass(frozen=True, slots=True)
class Mark:
    """One certificate as of a day. `last_day` is the last one on which it holds, renewals and all.

    `picture` is the official one of its mark, where there is one that may be shown.
    """

    history: History
    status: Status
    last_day: date
    use: MarkUse | None
    picture: MarkPicture | None = None

    @property
    def certifier(self) -> "Certifier":
        """Who answers for it."""
        return Certifier(self.history.certifier_name_zh, self.history.certifier_name_en)


@dataclass(frozen=True, slots=True)
class Certifier:
    """An organization by its names."""

    name_zh: str
    name_en: str


def marks_on(histories: Iterable[History], day: date, pictures: Mapping[UUID, MarkPicture] | None = None) -> list[Mark]:
    """Return certificates as they stand on `day`: those that are valid first, then the newest first.

    `pictures` are those that may be shown today, by certificate; one that is not valid on `day` goes without.
    """
    marks = [_mark(each, day, pictures or {}) for each in histories]
    marks.sort(key=lambda mark: (mark.status is not Status.VALID, -mark.history.valid_from.toordinal()))
    return marks


def _mark(history: History, day: date, pictures: Mapping[UUID, MarkPicture]) -> Mark:
    status = history.status_on(day)
    last_day = history.valid_until_on(day) - timedelta(days=1)
    shown = pictures.get(history.id) if status is Status.VALID else None
    return Mark(history, status, last_day, history.mark_use_on(day), shown)
