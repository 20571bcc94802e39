"""Requests as fast as they are answered, over raw sockets: a client library would be slower than what it measures."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, cast

import uvloop

from api import tokens
from api.principals import ResidentPrincipal
from bench.world import World
from core import clock

PATH: Final = "/v1/scans"
PATH_WITHOUT_DATABASE: Final = "/v1/scans-without-database"

_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "
_TOKEN_MINUTES: Final = 1440


class Requests(Protocol):
    """What is sent, and how much each answer to it says was done."""

    @property
    def host(self) -> str:
        """Where to."""

    @property
    def port(self) -> int:
        """Where to."""

    def request(self, number: int) -> bytes:
        """Return the bytes of one request."""

    def done(self, body: bytes) -> int:
        """Return how many things the body of an answer says were done."""


@dataclass(frozen=True, slots=True)
class Script:
    """What to send: request `n` is by caller `n` modulo the callers, about product `n` divided by them."""

    host: str
    port: int
    heads: tuple[bytes, ...]
    bodies: tuple[bytes, ...]

    def request(self, number: int) -> bytes:
        """Return the bytes of one request; no two numbers below the product of both lengths give the same."""
        turn, caller = divmod(number, len(self.heads))
        return self.heads[caller] + self.bodies[turn % len(self.bodies)]

    def done(self, body: bytes) -> int:
        """Return that one thing was done: that it was, its status says."""
        return 1 if body else 0


@dataclass(slots=True)
class Answers:
    """What came of it: answers by status, the seconds each took, what they did, and the number to go on with."""

    seconds: float = 0.0
    done: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    following: int = 0
    broken: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def latency(self, share: float) -> float:
        """Return the seconds within which `share` of the answers came."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def script_of(world: World, path: str, port: int, *, host: str = "127.0.0.1", callers: int = 5000) -> Script:
    """Return scans of every product of `world` by its first `callers` residents, each with a valid token."""
    bodies = tuple(b'{"code":"%s"}' % gtin.encode() for gtin in world.gtins)
    now = clock.now()
    heads = tuple(
        _head(path, host, len(bodies[0]), tokens.issue(resident, now=now, minutes=_TOKEN_MINUTES))
        for resident in (ResidentPrincipal(world.programme_id, each) for each in world.resident_ids[:callers])
    )
    return Script(host, port, heads, bodies)


def _head(path: str, host: str, length: int, token: str) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    ).encode()


class _Caller(asyncio.Protocol):
    """One keep-alive connection with one request under way."""

    def __init__(self, script: Requests, numbers: Sequence[int], step: int, answers: Answers, until: float) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._script, self._step, self._answers, self._until = script, step, answers, until
        self._next, self._last = numbers[0], numbers[-1]
        self._received = bytearray()
        self._whole = 0
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one, but does not say so
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._whole:
            self._whole = _length_of(self._received)
        if not self._whole or len(self._received) < self._whole:
            return
        answer = bytes(self._received)
        self._received.clear()
        self._whole = 0
        self._answers.statuses[int(answer[9:12])] += 1
        self._answers.latencies.append(time.perf_counter() - self._sent_at)
        self._answers.done += self._script.done(answer.partition(_END_OF_HEAD)[2])
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if not self.ended.done():
            self._answers.broken += 1
            self.ended.set_result(None)

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        if self._sent_at >= self._until or self._next > self._last:
            self.ended.set_result(None)
            self._transport.close()
            return
        self._transport.write(self._script.request(self._next))
        self._answers.following = max(self._answers.following, self._next + 1)
        self._next += self._step


def _length_of(received: bytearray) -> int:
    """Return how long the answer that begins with `received` is with its head; zero while its head is not there."""
    end = received.find(_END_OF_HEAD)
    if end < 0:
        return 0
    _, told, length = bytes(received[:end]).lower().partition(_LENGTH)
    # A 304 has no body and does not say how long it is.
    return end + len(_END_OF_HEAD) + (int(length.partition(b"\r\n")[0]) if told else 0)


def drive(script: Requests, *, first: int, most: int, connections: int, seconds: float) -> Answers:
    """Send requests from number `first` on over several connections, for `seconds` or until `most` are sent."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_drive(script, first, most, connections, seconds))


async def _drive(script: Requests, first: int, most: int, connections: int, seconds: float) -> Answers:
    loop = asyncio.get_running_loop()
    answers = Answers(following=first)
    begun = time.perf_counter()
    callers = []
    for place in range(min(connections, most)):
        numbers = range(first + place, first + most, connections)
        caller = _Caller(script, numbers, connections, answers, begun + seconds)
        await loop.create_connection(lambda caller=caller: caller, script.host, script.port)  # type: ignore[misc]  # a default binds it
        callers.append(caller)
    await asyncio.gather(*(caller.ended for caller in callers))
    answers.seconds = time.perf_counter() - begun
    return answers
