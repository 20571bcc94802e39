"""A retailer's tills: batches of sale lines as they are posted, no line twice."""

import random
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from bench.world import World, member_code

PATH: Final = "/v1/sales"
_BLANK: Final = b"NNNNNNNNNN"
_CREDITED: Final = re.compile(rb'^\{"credited":([0-9]+)')


@dataclass(frozen=True, slots=True)
class Till:
    """Requests of one size; the number of a request stands in its receipts, so that no two requests are the same."""

    host: str
    port: int
    requests: tuple[bytes, ...]

    def request(self, number: int) -> bytes:
        """Return the bytes of one request."""
        return self.requests[number % len(self.requests)].replace(_BLANK, b"%010d" % number)

    def done(self, body: bytes) -> int:
        """Return how many lines the answer says were credited now."""
        found = _CREDITED.match(body)
        return int(found[1]) if found else 0


def till_of(world: World, key: str, port: int, *, name: str, lines: int, sold_at: datetime, kinds: int = 40) -> Till:
    """Return requests of `lines` lines, each a receipt of its own with a buyer and a product of its own drawing.

    So no line is cheaper for the one before it: pgbench, beside which they are measured, draws anew each time too.

    `name` keeps the receipts of this till apart from those of others of the same retailer.
    """
    drawn = random.Random(f"{world.slug}{name}")  # noqa: S311 - load, not secrets
    bodies = (_body(world, drawn, name, lines, sold_at) for _ in range(kinds))
    return Till("127.0.0.1", port, tuple(_head(key, len(body)) + body for body in bodies))


def _body(world: World, drawn: random.Random, name: str, lines: int, sold_at: datetime) -> bytes:
    rows = [
        {
            "receipt": f"{name}-{_BLANK.decode()}-{number:04d}",
            "line": 1,
            "member_code": member_code(drawn.randrange(len(world.resident_ids))),
            "code": drawn.choice(world.gtins),
            "quantity": 1,
            "sold_at": sold_at,
        }
        for number in range(lines)
    ]
    return orjson.dumps({"lines": rows})


def _head(key: str, length: int) -> bytes:
    return (
        f"POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\n"
        f"content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    ).encode()
