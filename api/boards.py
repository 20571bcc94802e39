"""After the commit, whoever stands differently is noted for the boards; the worker takes it from there."""

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import after_commit
from core.redis import redis
from points.earning.activities import Outcome, Receipt
from points.leaderboards.projection import mark_dirty

_PATIENCE_SECONDS: Final = 0.25
"""A Redis that hangs must not hold up the answer to what is committed: who waits for it is everybody's next batch."""


def note_gains(session: AsyncSession, programme_id: UUID, outcomes: Iterable[Outcome]) -> None:
    """Have the boards follow what `outcomes` credited, once it is committed."""
    gained = {each.resident_id for each in outcomes if isinstance(each, Receipt) and each.grams and not each.replayed}
    note_changes(session, programme_id, gained)


def note_changes(session: AsyncSession, programme_id: UUID, resident_ids: Collection[UUID]) -> None:
    """Have the boards look at these residents again, once what changed them is committed.

    A note that Redis does not take is no loss: the hourly rebuild finds what it was about.
    """

    async def send() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await mark_dirty(redis(), programme_id, resident_ids)

    if resident_ids:
        after_commit(session, send)
