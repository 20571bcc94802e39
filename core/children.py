"""Programs run beside this one. Each ends with this process, however it ends: see core/launch.py."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Final

_LAUNCH: Final = str(Path(__file__).with_name("launch.py"))
_LOG_LIMIT_BYTES: Final = 20_000_000


@dataclass(frozen=True, slots=True)
class Account:
    """Who a program runs as; with `reach` it passes folders that are closed to that account."""

    uid: int
    gid: int
    reach: bool


@dataclass(frozen=True, slots=True)
class Program:
    """A program, who runs it, where its output goes (nowhere named: where ours goes) and how it is asked to end.

    `prepare` is called before every start, a restart included.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] | None = None
    folder: Path | None = None
    log: Path | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20
    prepare: Callable[[], None] | None = None


def launch_command(program: Program) -> list[str]:
    """Return the command line that starts `program` tied to this process and as its account."""
    account = program.account
    terms = {
        "parent": os.getpid(),
        "signal": int(program.stop_signal),
        "uid": account and account.uid,
        "gid": account and account.gid,
        "reach": account is not None and account.reach,
    }
    return [sys.executable, "-I", "-S", _LAUNCH, json.dumps(terms), *program.command]


class Child:
    """A program being run. Start it from the main thread: it would end with a shorter-lived one."""

    def __init__(self, program: Program) -> None:
        """Take `program`; nothing runs before start()."""
        self.program = program
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id, or None before the first start."""
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """How it ended (negative: by that signal), or None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    @property
    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the program, in a session of its own so that Ctrl-C at the terminal reaches only us."""
        program = self.program
        if program.prepare:
            program.prepare()
        output = _open_log(program.log) if program.log else None
        try:
            self._process = subprocess.Popen(  # noqa: S603 - commands are made by this tree, never from input
                launch_command(program),
                cwd=program.folder,
                env=dict(program.environment) if program.environment is not None else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        finally:
            if output:
                output.close()

    def stop(self) -> None:
        """Ask the program to end, wait, and end it and whatever it left behind if it does not."""
        if self._process is None:
            return
        if self.running:
            self._process.send_signal(self.program.stop_signal)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(self.program.stop_seconds)
        self.sweep()
        self._process.wait()

    def sweep(self) -> None:
        """End what is left of the program's process group, such as the pool of a worker that was killed."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def last_words(self, lines: int = 8) -> str:
        """Return the end of the program's log, for an error message."""
        log = self.program.log
        if log is None or not log.exists():
            return ""
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _open_log(log: Path) -> IO[bytes]:
    """Open `log` for adding to it; one that has grown large is first put aside as `.old`."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(log.suffix + ".old"))
    return log.open("ab")


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn the first SIGINT, SIGTERM or SIGHUP into KeyboardInterrupt and ignore later ones: clean-up completes.

    A SIGHUP that is ignored already, as under nohup, stays ignored.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in watched:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    watched = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        watched.append(signal.SIGHUP)
    before = [signal.signal(number, interrupt) for number in watched]
    try:
        yield
    finally:
        for number, handler in zip(watched, before, strict=True):
            signal.signal(number, handler)
