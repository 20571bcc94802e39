"""The words of the ledger: assets, accounts, postings, drafts and what becomes of them. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID

from core.values import unguarded


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
    CLAWBACK = 10
    """The other side of `owed`: CLAWBACK -> OWED makes a debt, OWED -> CLAWBACK ends it. Never above zero."""


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
    REVERSAL = 8
    """An award, or part of it, is taken back."""
    REFUND = 9
    """What a hold spent comes back."""
    REPAYMENT = 10
    """Points that matured or came back pay a debt; or refunded points make up for a loss the programme bore."""
    DEFERRED = 11
    """An award that waited for its budget to be funded."""
    FORGIVENESS = 12
    """A debt ends unpaid."""
    REINSTATEMENT = 13
    """What a reversal took is given back: it was wrong."""


class Bearer(StrEnum):
    """Who bears points that are taken back after they were spent. What open holds have is not spent."""

    RESIDENT = "owed"
    PROGRAMME = "programme"


@unguarded
@dataclass(frozen=True, slots=True, order=True)
class Account:
    """An account's address within a programme. Programme-wide accounts are owned by the programme's own id."""

    kind: AccountKind
    owner: UUID


@unguarded
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


@unguarded
@dataclass(frozen=True, slots=True)
class LotTerms:
    """When the points of an award can be spent. Lots are drawn by priority, lowest first, then expiry, then id."""

    amount: int
    matures_at: datetime
    expires_at: datetime
    mature: bool
    priority: int = 0


@unguarded
@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be made, all of its postings or none. What makes it once is a claim on its key, made beforehand.

    `subject_id` is what it is about when that is not itself: the lot that matured, lapsed, was reversed or had waited;
    the hold that was settled, released or refunded; the reversal whose debt was repaid, or which is given back.
    """

    entry_id: UUID
    kind: EntryKind
    effective_at: datetime
    postings: tuple[Posting, ...]
    resident_id: UUID | None = None
    lot: LotTerms | None = None
    subject_id: UUID | None = None


@unguarded
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


@unguarded
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
    NO_SUCH_HOLD = "no_such_hold"
    HOLD_CLOSED = "hold_closed"
    HOLD_EXPIRED = "hold_expired"
    HOLD_NOT_SETTLED = "hold_not_settled"
    MORE_THAN_HELD = "more_than_held"
    MORE_THAN_SPENT = "more_than_spent"


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
class Settlement:
    """Spend `points` of what a hold set aside, or all of it (None); the rest goes back to the lots it came from."""

    hold_id: UUID
    points: int | None = None

    def __post_init__(self) -> None:
        if self.points is not None and self.points <= 0:
            raise ValueError(f"A settlement spends at least 1 point, not {self.points}: to spend none, release it.")


@dataclass(frozen=True, slots=True)
class Refund:
    """Give back `points` of what a settled hold spent, to the lots they came from, as entry `entry_id`."""

    entry_id: UUID
    hold_id: UUID
    points: int

    def __post_init__(self) -> None:
        if self.points <= 0:
            raise ValueError(f"A refund gives back at least 1 point, not {self.points}.")


@dataclass(frozen=True, slots=True)
class Reversal:
    """Take back of award `award_id` its `grams`, and the points that budgets paid, as entry `entry_id`.

    `payments` are (budget, points); what can not be had of the points is missing from the last budgets first.
    """

    entry_id: UUID
    award_id: UUID
    resident_id: UUID
    grams: int
    payments: tuple[tuple[UUID, int], ...]
    effective_at: datetime
    bearer: Bearer = Bearer.RESIDENT

    def __post_init__(self) -> None:
        if self.grams < 0 or any(points <= 0 for _, points in self.payments):
            raise ValueError("A reversal takes back at least 0 grams, and at least 1 point for each budget it names.")

    @property
    def points(self) -> int:
        """All points to be taken back."""
        return sum(points for _, points in self.payments)


@dataclass(frozen=True, slots=True)
class Reversed:
    """Where the points of a reversal came from; the five add up to what was to be taken back."""

    entry_id: UUID
    from_award: int
    """From the award's own lot, pending or spendable."""
    from_others: int
    """From other spendable lots of the resident."""
    lapsed: int
    """From the award's own lot, past its expiry already: it costs the resident nothing."""
    owed: int
    borne: int
    """Not to be had, and not owed: the programme bears it."""


@dataclass(frozen=True, slots=True)
class Forgiveness:
    """End up to `points` of what a resident owes, oldest debt first (None: all of it), as entry `entry_id`."""

    entry_id: UUID
    resident_id: UUID
    points: int | None = None

    def __post_init__(self) -> None:
        if self.points is not None and self.points <= 0:
            raise ValueError(f"A forgiveness ends at least 1 point of debt, not {self.points}.")


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a resident has. At read time `available` leaves out points that have lapsed but were not swept yet.

    It counts points of holds past their time, less what they repay at once of what is owed.
    """

    grams: int
    available: int
    pending: int
    held: int
    owed: int
