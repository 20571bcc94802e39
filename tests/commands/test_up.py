"""`tanhui up`, really run: answering, mending what is killed, and leaving nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from commands.up import address
from core.settings import Settings

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(until: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.1)


class Up:
    """A running `tanhui up` with a port and a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.log = folder / "up.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TANHUI_")}
        environment = kept | {"TANHUI_DATA_DIR": str(folder / "data"), "TANHUI_PORT": str(self.port)}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli", "up"], cwd=ROOT, env=environment | {"TANHUI_API_WORKERS": "2"}, stderr=log
            )

    def ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def said(self, text: str) -> bool:
        return text in self.log.read_text()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, text: str) -> psutil.Process:
        return next(child for child in self.family() if text in " ".join(child.cmdline()))


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    started = Up(tmp_path_factory.mktemp("up"))
    try:
        wait(lambda: started.process.poll() is not None or started.said("Tanhui is up"))
        assert started.process.poll() is None, started.log.read_text()
        yield started
    finally:
        started.process.kill()
        started.process.wait()


def test_it_is_ready_and_prints_where_it_is(up: Up) -> None:
    assert up.ready()
    assert up.said(f"http://127.0.0.1:{up.port}/docs")


def test_a_second_one_on_the_port_is_refused_and_names_the_setting(up: Up) -> None:
    environment = os.environ | {"TANHUI_PORT": str(up.port)}
    command = [sys.executable, "-m", "cli", "up"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "TANHUI_PORT" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.faults
@pytest.mark.parametrize("name", ["core.serve", "redis-server", "bin/postgres", "workers.app:app worker", "beat"])
def test_what_is_killed_comes_back(up: Up, name: str) -> None:
    killed = up.child(name)
    killed.kill()
    wait(lambda: not killed.is_running())

    def back() -> bool:
        return up.ready() and any(name in " ".join(child.cmdline()) for child in up.family() if child != killed)

    wait(back)
    assert up.process.poll() is None


@pytest.mark.faults
def test_a_signal_ends_all_of_it_in_order(up: Up) -> None:
    wait(up.ready)
    family = up.family()
    assert len(family) > 6
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(60) == 0
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
    assert up.said("Stopped.")


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:8000"), ("0.0.0.0", "http://127.0.0.1:8000"), ("::", "http://[::1]:8000")],
)
def test_the_address_is_one_that_this_machine_can_open(host: str, url: str) -> None:
    assert address(Settings(_env_file=None, host=host, port=8000)) == url
