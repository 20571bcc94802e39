"""Real workers, to be killed in the middle of what they do."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]


def start(log: Path) -> subprocess.Popen[bytes]:
    """Start a worker with two processes; what it says goes to the end of `log`."""
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "workers.app:app", "worker", "--concurrency", "2"]
    with log.open("ab") as output:
        return subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=output, stderr=output, start_new_session=True)


def kill(worker: subprocess.Popen[bytes]) -> None:
    """Kill a worker with its pool, all of it our own."""
    for child in psutil.Process(worker.pid).children(recursive=True):
        child.kill()
    worker.kill()
    worker.wait(20)
