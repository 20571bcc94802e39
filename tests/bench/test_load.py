import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bench.load import Answers, drive

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Counting:
    port: int
    host: str = "127.0.0.1"

    def request(self, number: int) -> bytes:
        return b"%d\n" % number

    def done(self, body: bytes) -> int:
        return len(body)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Somebody who answers each line with a head and a body that come in pieces."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            for piece in (ANSWER[:20], ANSWER[20:], b"abc", b"def"):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.001)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_answers_that_come_in_pieces_are_counted_once_with_what_they_did(port: int) -> None:
    found = await asyncio.to_thread(drive, Counting(port), first=5, most=20, connections=3, seconds=60.0)

    assert (found.done, len(found.latencies), found.following, found.broken) == (120, 20, 25, 0)
    assert found.statuses == {200: 20}


def test_a_share_of_the_latencies_is_taken_from_their_order() -> None:
    answers = Answers(seconds=2.0, latencies=[number / 100 for number in reversed(range(100))])
    assert (answers.latency(0.5), answers.latency(0.99), answers.rate) == (0.5, 0.99, 50.0)
