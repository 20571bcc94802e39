"""One port, several processes, and what is said when it can not be had."""

import socket
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.children import Program
from core.serve import AddressError, require_free
from core.supervisor import running, wait_until_ready


async def application(
    scope: dict[str, Any], _receive: Callable[[], Awaitable[Any]], send: Callable[[dict[str, Any]], Awaitable[None]]
) -> None:
    """Answer with the process's id."""
    import os  # noqa: PLC0415 - runs in the served process

    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(os.getpid()).encode()})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_taken_port_is_refused_with_the_setting_to_change() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressError, match=rf"Port {port} on 127.0.0.1 is taken. Set TANHUI_PORT"):
            require_free("127.0.0.1", port)


def test_a_port_shared_by_others_is_taken_too() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken, pytest.raises(AddressError):
        require_free("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_that_is_not_ours_is_refused_with_the_setting_to_change(host: str) -> None:
    with pytest.raises(AddressError, match="TANHUI_HOST"):
        require_free(host, free_port())


def test_a_free_port_is_still_free_after_the_look() -> None:
    port = free_port()
    require_free("127.0.0.1", port)
    require_free("127.0.0.1", port)


def test_processes_share_a_port_and_the_others_answer_when_one_is_killed() -> None:
    port = free_port()
    command = (sys.executable, "-m", "core.serve", "tests.core.test_serve:application", "127.0.0.1", str(port))
    root = Path(__file__).parents[2]
    url = f"http://127.0.0.1:{port}/"
    with running([Program(f"server {number}", command, folder=root) for number in (1, 2)]) as [one, other]:
        wait_until_ready(url, [one, other])
        pids = {str(one.pid), str(other.pid)}
        deadline = time.monotonic() + 20
        seen: set[str] = set()
        while seen != pids and time.monotonic() < deadline:
            seen.add(httpx.get(url, trust_env=False).text)
        assert seen == pids
        one.stop()
        assert {httpx.get(url, trust_env=False).text for _ in range(20)} == {str(other.pid)}
