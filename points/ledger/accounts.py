"""The words of the ledger: assets, accounts, postings, drafts and what becomes of them. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID


class Asset(IntEnum):
    """What moves. Grams of CO2e saved never expire and are never spent; points are priced, capped and expire."""

    GRAMS = 1
    POINTS = 2


class AccountKind(IntEnum):
    """What an account is for; with the owner's id, its address."""

    RESIDENT = 1
    PENDING = 2
    HELD = 3
    OWED = 4
    BUDGET = 5
    ISSUED = 6
    REDEEMED = 7
    EXPIRED = 8
    FORFEITED = 9


KEPT = frozenset(
    {AccountKind.RESIDENT, AccountKind.PENDING, AccountKind.HELD, AccountKind.OWED, AccountKind.BUDGET},
)
"""Accounts whose balance is kept because it has a floor or a reader; the others are summed, so they are no hot rows."""


class EntryKind(IntEnum):
    """Why an entry was made."""

    FUNDING = 1
    AWARD = 2
    MATURITY = 3
    HOLD = 4
    SETTLEMENT = 5
    RELEASE = 6
    EXPIRY = 7


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """An account's address within a programme. Programme-wide accounts are owned by the programme's own id."""

    kind: AccountKind
    owner: UUID


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount` of `asset`, from `source` to `destination`."""

    source: Account
    destination: Account
    asset: Asset
    amount: int

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise ValueError(f"A posting moves a positive amount, not {self.amount}: swap source and destination.")


@dataclass(frozen=True, slots=True)
class LotTerms:
    """When the points of an award can be spent."""

    amount: int
    matures_at: datetime
    expires_at: datetime
    mature: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be made, all of its postings or none. What makes it once is a claim on its key, made beforehand."""

    entry_id: UUID
    kind: EntryKind
    effective_at: datetime
    postings: tuple[Posting, ...]
    resident_id: UUID | None = None
    lot: LotTerms | None = None


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A key somebody wants to use for an entry, with the hash of what came with it."""

    key: str
    input_hash: bytes
    entry_id: UUID | None = None


class ClaimState(StrEnum):
    """What a claim found."""

    FRESH = "fresh"
    REPLAYED = "replayed"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Claimed:
    """The outcome of a claim: fresh, or used before with the same input (`entry_id`, `answer`), or with another one."""

    state: ClaimState
    entry_id: UUID | None = None
    answer: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """The entry stands; `replayed` when it stood before."""

    entry_id: UUID
    replayed: bool = False


class Rejection(StrEnum):
    """Why the ledger did not do what it was asked."""

    KEY_REUSED = "key_reused"
    NOT_ENOUGH_POINTS = "not_enough_points"
    NOT_ENOUGH_BUDGET = "not_enough_budget"
    NO_SUCH_HOLD = "no_such_hold"
    HOLD_CLOSED = "hold_closed"
    HOLD_EXPIRED = "hold_expired"


@dataclass(frozen=True, slots=True)
class Rejected:
    """Refused alone; the rest of the batch stands."""

    reason: Rejection


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """Set `amount` points of a resident aside under `hold_id`, until `expires_at`."""

    hold_id: UUID
    resident_id: UUID
    amount: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a resident has. `available` leaves out points that have lapsed but were not swept yet."""

    grams: int
    available: int
    pending: int
    held: int
    owed: int
