"""Callers that send each thing until it is acknowledged, as apps and tills do, and remember what they were told."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import httpx

from bench.load import PATH
from bench.till import PATH as SALES
from bench.world import World, member_code

RETURNS: Final = "/v1/returns"
LINES: Final = 20
"""Lines that a till reports at once."""
RETRY_SECONDS: Final = 0.05
_RETURNED_OF: Final = 2
"""Of one in so many reports a line is brought back."""

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class City:
    """A world with what its callers say who they are with."""

    world: World
    tokens: tuple[str, ...]
    key: str


@dataclass(slots=True)
class Told:
    """What the callers were told: receipts of scans and of sale lines, lines brought back, and how often each status.

    `wrong` are lines that were answered otherwise than they had to be.
    """

    scans: dict[UUID, UUID] = field(default_factory=dict)
    sales: dict[UUID, UUID] = field(default_factory=dict)
    returns: Counter[UUID] = field(default_factory=Counter)
    requests: int = 0
    lines: int = 0
    wrong: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)


class Callers:
    """Everybody who calls, over one client; numbers are handed out once, so that no two requests are the same."""

    def __init__(self, client: httpx.AsyncClient, city: City) -> None:
        self.told = Told()
        self.stop = asyncio.Event()
        self._client, self._city = client, city
        self._scans, self._reports = itertools.count(), itertools.count()
        self._sold_at = datetime.now(UTC).isoformat()

    async def scan(self) -> None:
        """Scan one thing after the other."""
        world = self._city.world
        while not self.stop.is_set():
            number = next(self._scans)
            turn, caller = divmod(number, len(self._city.tokens))
            body = {"code": world.gtins[turn % len(world.gtins)]}
            answer = await self._until_taken(PATH, body, self._city.tokens[caller], f"scan-{number}")
            self.told.requests += 1
            self.told.scans[UUID(answer["receipt"]["receipt_id"])] = world.resident_ids[caller]

    async def sell(self) -> None:
        """Report one receipt after the other, and bring a line of some of them back."""
        while not self.stop.is_set():
            number = next(self._reports)
            lines = list(self._lines(number))
            answer = await self._until_taken(SALES, {"lines": lines}, self._city.key, f"sales-{number}")
            self.told.lines += len(lines)
            receipts = [each["receipt"] for each in answer["results"]]
            if None in receipts:
                self.told.wrong.append(f"{SALES} {number}: {answer['results']}")
                continue
            buyers = [self._buyer(number, line["line"]) for line in lines]
            world = self._city.world
            self.told.sales |= {
                UUID(receipt["receipt_id"]): world.resident_ids[buyer]
                for receipt, buyer in zip(receipts, buyers, strict=True)
            }
            if number % _RETURNED_OF == 0:
                await self._bring_back(number, lines[0])

    def _lines(self, number: int) -> Iterator[dict[str, Any]]:
        gtins = self._city.world.gtins
        for line in range(1, LINES + 1):
            yield {
                "receipt": f"till-{number}",
                "line": line,
                "member_code": member_code(self._buyer(number, line)),
                "code": gtins[(number + line) % len(gtins)],
                "quantity": 1,
                "sold_at": self._sold_at,
            }

    def _buyer(self, number: int, line: int) -> int:
        return (number * LINES + line) % len(self._city.world.resident_ids)

    async def _bring_back(self, number: int, line: Mapping[str, Any]) -> None:
        returned = {
            "receipt": f"back-{number}",
            "line": 1,
            "bought": {"receipt": line["receipt"], "line": line["line"]},
            "member_code": None,
            "code": line["code"],
            "quantity": 1,
            "returned_at": self._sold_at,
        }
        answer = await self._until_taken(RETURNS, {"lines": [returned]}, self._city.key, f"back-{number}")
        [result] = answer["results"]
        taken: Sequence[Mapping[str, Any]] = result["taken_back"]
        if len(taken) != 1:
            self.told.wrong.append(f"{RETURNS} {number}: {result}")
        self.told.returns.update(UUID(each["receipt_id"]) for each in taken)

    async def _until_taken(self, path: str, body: Body, token: str, key: str) -> dict[str, Any]:
        """Send a request until it is acknowledged; return the answer."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        while True:
            try:
                answer = await self._client.post(path, json=body, headers=headers)
            except httpx.TransportError as error:
                self.told.statuses[type(error).__name__] += 1
            else:
                self.told.statuses[str(answer.status_code)] += 1
                if answer.is_success:
                    found: dict[str, Any] = answer.json()
                    return found
            await asyncio.sleep(RETRY_SECONDS)
