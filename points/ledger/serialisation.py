"""The bytes of an entry, fixed for good: what a seal of the log is taken of, and can be taken of again. Pure.

docs/ledger-serialisation.md says it byte by byte. A change of anything here is a new `VERSION` beside this one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import Struct
from typing import Final
from uuid import UUID

from points.ledger.accounts import EntryKind, Posting

VERSION: Final = 1
MAGIC: Final = b"tanhui-entry"

_NOBODY: Final = UUID(int=0)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# Big-endian, without padding.
_HEAD: Final = Struct(">12sB16s16sH16s16sqH")
_POSTING: Final = Struct(">HH16sH16sBQ")


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """An entry with its postings in the order of their numbers, 1, 2, ...: everything that is kept of it."""

    programme_id: UUID
    entry_id: UUID
    kind: EntryKind
    effective_at: datetime
    resident_id: UUID | None
    subject_id: UUID | None
    postings: Sequence[Posting]


def serialised(entry: RecordedEntry) -> bytes:
    """Return the bytes of an entry; equal entries have equal bytes, different ones different bytes.

    Raises:
        ValueError: when the entry's time has no time zone, so that nobody can tell which moment it is.
    """
    if entry.effective_at.tzinfo is None:
        raise ValueError(f"effective_at of entry {entry.entry_id} needs a time zone, such as UTC.")
    head = _HEAD.pack(
        MAGIC,
        VERSION,
        entry.programme_id.bytes,
        entry.entry_id.bytes,
        int(entry.kind),
        (entry.subject_id or _NOBODY).bytes,
        (entry.resident_id or _NOBODY).bytes,
        (entry.effective_at - _EPOCH) // _MICROSECOND,
        len(entry.postings),
    )
    return head + b"".join(_posting(number, each) for number, each in enumerate(entry.postings, start=1))


def digest(entry: RecordedEntry) -> bytes:
    """Return the SHA-256 of an entry's bytes, 32 bytes."""
    return sha256(serialised(entry)).digest()


def _posting(number: int, posting: Posting) -> bytes:
    source, destination = posting.source, posting.destination
    return _POSTING.pack(
        number,
        int(source.kind),
        source.owner.bytes,
        int(destination.kind),
        destination.owner.bytes,
        int(posting.asset),
        posting.amount,
    )
