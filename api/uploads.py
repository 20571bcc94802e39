"""Files that come as the bare body of a request: kept piece by piece as they arrive, and never held as a whole."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from uuid import UUID

from api.errors import BodyTooLargeError
from core import clock
from core.db import transaction
from labels.import_jobs import uploads
from labels.import_jobs.uploads import PART_BYTES

if TYPE_CHECKING:
    from hashlib import _Hash

_PARTS_AT_ONCE: Final = 4


@dataclass(slots=True)
class Arrived:
    """What has arrived of a file: how many bytes, and the digest of them."""

    size_bytes: int
    digest: "_Hash"

    def take(self, piece: bytes, limit_bytes: int) -> None:
        """Count a piece.

        Raises:
            BodyTooLargeError: with it, the file is larger than it may be.
        """
        self.size_bytes += len(piece)
        if self.size_bytes > limit_bytes:
            raise BodyTooLargeError(f"The file may have {limit_bytes:,} bytes; split it.")
        self.digest.update(piece)


async def read_through(stream: AsyncIterator[bytes], *, limit_bytes: int) -> Arrived:
    """Look at a file of which nothing is kept, since it has come before.

    Raises:
        BodyTooLargeError: it is larger than it may be.
    """
    arrived = Arrived(0, sha256())
    async for piece in stream:
        arrived.take(piece, limit_bytes)
    return arrived


async def arrive(stream: AsyncIterator[bytes], job_id: UUID, *, limit_bytes: int) -> Arrived:
    """Keep a file as it arrives, each piece in a database transaction of its own: a slow sender must not hold one.

    Raises:
        BodyTooLargeError: it is larger than it may be.
    """
    arrived, kept, waiting = Arrived(0, sha256()), 0, bytearray()
    async for piece in stream:
        arrived.take(piece, limit_bytes)
        waiting += piece
        if len(waiting) >= _PARTS_AT_ONCE * PART_BYTES:
            full = len(waiting) // PART_BYTES
            await _keep(job_id, kept, waiting[: full * PART_BYTES])
            del waiting[: full * PART_BYTES]
            kept += full
    if waiting:
        await _keep(job_id, kept, waiting)
    return arrived


async def _keep(job_id: UUID, first: int, data: bytearray) -> None:
    parts = [bytes(data[start : start + PART_BYTES]) for start in range(0, len(data), PART_BYTES)]
    async with transaction() as session:
        await uploads.keep(session, job_id, first, parts, now=clock.now())


async def give_up(job_id: UUID) -> None:
    """Forget what has arrived of a file."""
    async with transaction() as session:
        await uploads.give_up(session, job_id)
