"""Keeps programs running: starts what ends by itself again, waits longer each time, and ends all of them together."""

import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import httpx

from core.children import Child, Program
from core.errors import OperatorError

_LOOK_SECONDS: Final = 0.2
_FIRST_WAIT_SECONDS: Final = 0.5
_LONGEST_WAIT_SECONDS: Final = 30.0
_STEADY_SECONDS: Final = 60.0
"""Who has run this long is well again, and its next end is not held against it."""


class StartError(OperatorError):
    """A program ended, or did not become ready, while everything was being started."""


class _Watched:
    """A child, how often it has ended lately, and when to start it again."""

    def __init__(self, child: Child, now: float) -> None:
        self.child = child
        self.ends = 0
        self.started_at = now
        self.start_at: float | None = None

    def wait_seconds(self) -> float:
        return min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2.0 ** (self.ends - 1))


class Supervisor:
    """Watches children that run already. `say` tells a person what happened."""

    def __init__(self, children: Iterable[Child], say: Callable[[str], None]) -> None:
        """Take the children, each of them started."""
        now = time.monotonic()
        self._watched = [_Watched(child, now) for child in children]
        self._say = say

    def look(self, now: float) -> None:
        """Look at every child once: note who has ended, and start again whose wait is over."""
        for watched in self._watched:
            if watched.start_at is not None:
                if now >= watched.start_at:
                    self._start_again(watched, now)
            elif not watched.child.running:
                self._ended(watched, now)

    def run(self) -> None:
        """Look for ever; a signal ends it (core.children.ended_by_signals)."""
        while True:
            self.look(time.monotonic())
            time.sleep(_LOOK_SECONDS)

    def _ended(self, watched: _Watched, now: float) -> None:
        child = watched.child
        if now - watched.started_at >= _STEADY_SECONDS:
            watched.ends = 0
        watched.ends += 1
        watched.start_at = now + watched.wait_seconds()
        child.sweep()
        again = f"starting it again in {watched.wait_seconds():g} s"
        self._say(f"{child.program.name} {how_it_ended(child)}; {again}.")
        if words := child.last_words(3):
            self._say(words)

    def _start_again(self, watched: _Watched, now: float) -> None:
        watched.child.start()
        watched.started_at = now
        watched.start_at = None


@contextmanager
def running(programs: Iterable[Program]) -> Iterator[list[Child]]:
    """Start `programs` in order, and end them in the opposite order when the block ends."""
    with ExitStack() as ending:
        children = []
        for program in programs:
            child = Child(program)
            ending.callback(child.stop)
            child.start()
            children.append(child)
        yield children


def how_it_ended(child: Child) -> str:
    """Return how a child that does not run any more came to that, in words."""
    code = child.exit_code
    if code is not None and code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"


def wait_until_ready(url: str, children: Iterable[Child], seconds: float = 60) -> None:
    """Return once a GET of `url` is answered with 200.

    Raises:
        StartError: a child ended meanwhile, or `seconds` went by; with the last answer.
    """
    watched = list(children)
    deadline = time.monotonic() + seconds
    answer = "nothing answered"
    while time.monotonic() < deadline:
        for child in watched:
            if not child.running:
                raise StartError(f"{child.program.name} {how_it_ended(child)} while starting.\n{child.last_words()}")
        try:
            response = httpx.get(url, timeout=5, trust_env=False)
        except httpx.TransportError:
            pass
        else:
            if response.status_code == httpx.codes.OK:
                return
            answer = f"the last answer was {response.status_code}: {response.text[:500]}"
        time.sleep(_LOOK_SECONDS)
    raise StartError(f"{url} was not ready after {seconds:g} s; {answer}.")
