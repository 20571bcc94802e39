"""Children that are kept running, and end together."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from core.children import Child, Program, ended_by_signals
from core.supervisor import StartError, Supervisor, how_it_ended, running, wait_until_ready

ROOT = Path(__file__).parents[2]


def sleeper(name: str = "sleeper") -> Program:
    return Program(name, ("/bin/sleep", "600"))


def python(code: str, name: str = "python", log: Path | None = None) -> Program:
    return Program(name, (sys.executable, "-c", textwrap.dedent(code)), log=log)


def wait_for_end(pid: int | None, seconds: float = 10) -> bool:
    assert pid
    deadline = time.monotonic() + seconds
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not psutil.pid_exists(pid)


def kill(child: Child) -> None:
    assert child.pid
    os.kill(child.pid, signal.SIGKILL)
    while child.running:
        time.sleep(0.01)


def test_a_child_that_ends_is_started_again_and_waits_longer_each_time() -> None:
    said: list[str] = []
    with running([sleeper("The worker")]) as [child]:
        supervisor = Supervisor([child], said.append)
        now = time.monotonic()
        for wait in (0.5, 1.0, 2.0):
            kill(child)
            supervisor.look(now)
            supervisor.look(now + wait - 0.01)
            assert not child.running, f"started before {wait} s were over"
            supervisor.look(now + wait)
            assert child.running
            now += wait
    assert said[0] == "The worker was ended by SIGKILL; starting it again in 0.5 s."
    assert said[2].endswith("in 2 s.")


def test_the_wait_has_an_upper_bound_and_a_steady_minute_forgives() -> None:
    said: list[str] = []
    with running([sleeper()]) as [child]:
        supervisor = Supervisor([child], said.append)
        now = time.monotonic()
        for _ in range(8):
            kill(child)
            supervisor.look(now)
            supervisor.look(now + 30)
            now += 30
        assert said[-1].endswith("in 30 s.")
        kill(child)
        supervisor.look(now + 61)
        assert said[-1].endswith("in 0.5 s.")


def test_the_others_are_looked_after_while_one_waits() -> None:
    with running([sleeper("a"), sleeper("b")]) as [one, other]:
        supervisor = Supervisor([one, other], lambda _: None)
        now = time.monotonic()
        kill(one)
        supervisor.look(now)
        kill(other)
        supervisor.look(now + 0.4)
        supervisor.look(now + 0.6)
        assert (one.running, other.running) == (True, False)


def test_children_end_in_the_opposite_order_and_all_of_them(tmp_path: Path) -> None:
    ends = tmp_path / "ends"
    code = """
        import signal, sys, time
        def end(*_):
            open({ends!r}, "a").write({name!r})
            sys.exit()
        signal.signal(signal.SIGTERM, end)
        print("ready", flush=True)
        time.sleep(600)
    """
    logs = [tmp_path / "1", tmp_path / "2"]
    programs = [python(code.format(ends=str(ends), name=log.name), log=log) for log in logs]
    with running(programs) as children:
        while not all(log.exists() and log.read_text() for log in logs):
            time.sleep(0.02)
        pids = [child.pid for child in children]
    assert ends.read_text() == "21"
    assert all(wait_for_end(pid, 1) for pid in pids)


def test_a_child_that_does_not_listen_is_killed_with_what_it_started(tmp_path: Path) -> None:
    code = """
        import signal, subprocess, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print(subprocess.Popen(["/bin/sleep", "600"]).pid, flush=True)
        time.sleep(600)
    """
    program = Program("deaf", (sys.executable, "-c", textwrap.dedent(code)), log=tmp_path / "log", stop_seconds=0.2)
    with running([program]) as [child]:
        while not (told := (tmp_path / "log").read_text()):
            time.sleep(0.02)
    assert wait_for_end(int(told))
    assert wait_for_end(child.pid)


@pytest.mark.faults
def test_children_do_not_outlive_a_killed_parent() -> None:
    code = """
        import sys, time
        from core.children import Child, Program
        child = Child(Program("sleeper", ("/bin/sleep", "600")))
        child.start()
        print(child.pid, flush=True)
        time.sleep(600)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        parent.kill()
    assert wait_for_end(pid)


def test_waiting_stops_at_once_when_a_child_ends_while_starting(tmp_path: Path) -> None:
    broken = python("print('No module named api'); raise SystemExit(3)", "API process 1", tmp_path / "log")
    with running([broken]) as children, pytest.raises(StartError) as refusal:
        wait_until_ready("http://127.0.0.1:9/readyz", children, seconds=20)
    assert "API process 1 ended with code 3 while starting" in str(refusal.value)
    assert "No module named api" in str(refusal.value)


def test_waiting_says_what_the_last_answer_was(tmp_path: Path) -> None:
    code = """
        import http.server
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(503)
                self.end_headers()
                self.wfile.write(b"redis: not there")
        server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
        print(server.server_port, flush=True)
        server.serve_forever()
    """
    log = tmp_path / "log"
    with running([python(code, log=log)]) as children:
        while not (told := log.read_text().partition("\n")[0]):
            time.sleep(0.02)
        with pytest.raises(StartError, match="503: redis: not there"):
            wait_until_ready(f"http://127.0.0.1:{told}/readyz", children, seconds=1)


def test_how_a_child_ended_is_told_in_words() -> None:
    with running([python("raise SystemExit(7)")]) as [child]:
        while child.running:
            time.sleep(0.01)
        assert how_it_ended(child) == "ended with code 7"


def test_the_first_signal_interrupts_and_later_ones_do_not_cut_the_clean_up_short() -> None:
    cleaned = []
    before = signal.getsignal(signal.SIGTERM)

    def work() -> None:
        with ended_by_signals():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(5)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)
                os.kill(os.getpid(), signal.SIGINT)
                cleaned.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert cleaned == ["all of it"]
    assert signal.getsignal(signal.SIGTERM) is before
