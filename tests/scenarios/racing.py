"""Processes that sell: what several machines do at once to one line of one till receipt."""

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from uuid import UUID

from core import db
from points.earning.activities import Receipt, SaleLine
from points.earning.sales import record_sales
from workers.till_keys import till_keys

PROCESSES = 4
CONNECTIONS = 16
"""Of each process."""


@dataclass(frozen=True)
class Told:
    """What one seller was told: the receipt, its grams, and whether it stood before."""

    receipt_id: UUID
    grams: int
    replayed: bool


class _Child:
    """The event loop of a process, with its connections."""

    runner: asyncio.Runner


@contextmanager
def sellers() -> Iterator[ProcessPoolExecutor]:
    """Start processes of their own, each with connections of its own."""
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"), initializer=_start) as pool:
        yield pool


def sell(programme_id: UUID, retailer_id: UUID, line: SaleLine) -> list[Told]:
    """Report one line of a sale on all connections of this process at once."""

    async def at_once() -> list[Told]:
        return await asyncio.gather(*(_sell(programme_id, retailer_id, line) for _ in range(CONNECTIONS)))

    return _Child.runner.run(at_once())


def _start() -> None:
    os.environ["TANHUI_DATABASE_POOL_SIZE"] = str(CONNECTIONS)
    _Child.runner = asyncio.Runner()


async def _sell(programme_id: UUID, retailer_id: UUID, line: SaleLine) -> Told:
    async with db.transaction() as session:
        found = await record_sales(session, programme_id, retailer_id, [line], keys=till_keys(), now=line.sold_at)
    [outcome] = found
    assert isinstance(outcome, Receipt), outcome
    return Told(outcome.activity_id, outcome.grams, outcome.replayed)
