"""A progress bar for what takes a while; nobody wants one that flashes by."""

import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

_PATIENCE_SECONDS: Final = 2.0


class Bar:
    """Shows how far something has come, on standard error, once it has taken two seconds."""

    def __init__(self, what: str, total: int | None) -> None:
        """Take what is being done, and how many items it has if that is known."""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task(what, total=total)
        self._began = time.monotonic()
        self._shown = False

    def __enter__(self) -> Self:
        """Begin to count the seconds."""
        self._began = time.monotonic()
        return self

    def advance(self, items: int) -> None:
        """Note that `items` more are done."""
        self._show()
        self._progress.advance(self._task, items)

    def expect(self, total: int) -> None:
        """Note how many items there are, once that is known."""
        self._progress.update(self._task, total=total)

    def set(self, items: int, total: int) -> None:
        """Note that `items` of `total` are done."""
        self._show()
        self._progress.update(self._task, completed=items, total=total)

    def _show(self) -> None:
        if not self._shown and time.monotonic() - self._began > _PATIENCE_SECONDS:
            self._progress.start()
            self._shown = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Take the bar away."""
        if self._shown:
            self._progress.stop()
