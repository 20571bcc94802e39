"""Files of sales handed in to a service that is being killed, until each is taken and its import has ended."""

import asyncio
import io
import time
from typing import Any, Final

import httpx

from bench.fault_callers import RETRY_SECONDS, City
from bench.world import member_code
from core import clock

LINES: Final = 10_000
_TAKE_SECONDS: Final = 60
_IMPORT_SECONDS: Final = 420
"""How long an import may take to end after the last killing: it is taken up again after two to three minutes."""


async def hand_in(client: httpx.AsyncClient, city: City, number: int) -> str:
    """Hand in a file of sales, until it is taken; return where its import is."""
    text, sold_at = io.StringIO(), clock.now().isoformat()
    text.write("receipt,line,member_code,code,quantity,sold_at\n")
    gtins = city.world.gtins
    for line in range(LINES):
        member = member_code(line % len(city.world.resident_ids))
        text.write(f"file-{number}-{line},1,{member},{gtins[line % len(gtins)]},1,{sold_at}\n")
    headers = {"Authorization": f"Bearer {city.key}", "Idempotency-Key": f"file-{number}"}
    for _ in range(int(_TAKE_SECONDS / RETRY_SECONDS)):
        files = {"file": ("sales.csv", text.getvalue().encode(), "text/csv")}
        answer = await client.post("/v1/imports", files=files, data={"kind": "sales"}, headers=headers)
        if answer.is_success:
            return answer.headers["Location"]
        await asyncio.sleep(RETRY_SECONDS)
    raise RuntimeError(f"The file was not taken: {answer.text}")


async def ended(client: httpx.AsyncClient, city: City, address: str) -> dict[str, Any]:
    """Return an import once it has ended, or as it stands when patience has."""
    headers, deadline = {"Authorization": f"Bearer {city.key}"}, time.monotonic() + _IMPORT_SECONDS
    while True:
        answer = await client.get(address, headers=headers)
        job: dict[str, Any] = answer.json()
        if time.monotonic() > deadline or (answer.is_success and job["state"] not in {"waiting", "running"}):
            return job
        await asyncio.sleep(1)


def credited(job: dict[str, Any]) -> int:
    """Return how many lines an import has credited."""
    return int((job.get("sales") or {}).get("credited", 0))
