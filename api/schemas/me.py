"""What a resident sees of themselves."""

from datetime import date
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from api.schemas import Moment, Name, Schema
from points.ledger import AccountKind, Asset, EntryKind, Holdings, StatementLine
from points.residents.nicknames import nickname_of

Kind = Literal[
    "funding",
    "award",
    "maturity",
    "hold",
    "settlement",
    "release",
    "expiry",
    "reversal",
    "refund",
    "repayment",
    "deferred",
    "forgiveness",
    "reinstatement",
]

_COLUMNS: Final = {
    (AccountKind.RESIDENT, Asset.GRAMS): "grams",
    (AccountKind.RESIDENT, Asset.POINTS): "available_points",
    (AccountKind.PENDING, Asset.POINTS): "pending_points",
    (AccountKind.HELD, Asset.POINTS): "held_points",
    (AccountKind.OWED, Asset.POINTS): "owed_points",
}


class Me(Schema):
    """The resident who asks."""

    resident_id: UUID
    programme: str = Field(description="The programme's slug.")
    member_code: str = Field(description="What the till reads.")
    nickname: str
    district_id: UUID | None
    ranked: bool = Field(description="Agreed to appear on leaderboards under the nickname.")
    joined_at: Moment


def _seen(text: str) -> str:
    """Refuse a nickname of which nothing can be seen."""
    if (nickname := nickname_of(text)) is None:
        raise ValueError(
            "nothing of this nickname can be seen; send at least one letter, digit or symbol, such as 青柳"
        )
    return nickname


Nickname = Annotated[Name, AfterValidator(_seen)]


class MyWishes(Schema):
    """What the resident wants changed; what is left out stays."""

    nickname: Nickname | None = Field(
        None, description="What stands on leaderboards; characters that turn round what is beside it are taken out."
    )
    district_id: UUID | None = Field(None, description="One of the programme's districts.")
    ranked: bool | None = Field(None, description="Whether to appear on leaderboards, under the nickname.")


class Balance(Schema):
    """What the resident has."""

    grams: int = Field(description="Grams of CO2e saved; never spent, never expire.")
    available_points: int
    pending_points: int = Field(description="Until the return window closes.")
    held_points: int = Field(description="For redemptions under way.")
    owed_points: int = Field(description="To be netted from later awards.")

    @classmethod
    def of(cls, held: Holdings) -> Self:
        """Return holdings as they are sent."""
        return cls(
            grams=held.grams,
            available_points=held.available,
            pending_points=held.pending,
            held_points=held.held,
            owed_points=held.owed,
        )


class MaturingPoints(Schema):
    """Pending points that can be spent from some time of a day on, unless a return takes them back."""

    matures_on: date = Field(description="In the programme's time zone.")
    points: int


class ExpiringPoints(Schema):
    """Points, pending ones among them, that can not be spent any more from a moment on."""

    expires_at: Moment
    points: int


class BalanceNow(Balance):
    """What the resident has now, and what time will do to it."""

    maturing: list[MaturingPoints] = Field(description="All of `pending_points`, by day.")
    expiring: list[ExpiringPoints] = Field(description="What lapses within 60 days if it is not spent, soonest first.")


class Change(Balance):
    """What one entry changed; a positive number is a gain, except that more `owed_points` is a debt."""

    @classmethod
    def made_by(cls, line: StatementLine, resident_id: UUID) -> Self:
        """Return what an entry changed for a resident."""
        sums = dict.fromkeys(_COLUMNS.values(), 0)
        for posting in line.postings:
            for account, sign in ((posting.source, -1), (posting.destination, 1)):
                column = _COLUMNS.get((account.kind, posting.asset))
                if account.owner == resident_id and column is not None:
                    sums[column] += sign * posting.amount
        return cls(**sums)


class StatementEntry(Schema):
    """One entry of the ledger."""

    entry_id: UUID
    kind: Kind
    recorded_at: Moment
    effective_at: Moment
    subject_id: UUID | None = Field(
        description="What it is about: the award that matured, expired or was taken back, the redemption that was "
        "closed or refunded, the reversal whose debt was repaid or which is given back. Null where it is about itself."
    )
    receipt_id: UUID | None = Field(
        description="The receipt of what was bought or scanned, whatever became of it since; "
        "`GET /v1/me/receipts/{receipt_id}` explains it. Null where points were held, spent, refunded or forgiven."
    )
    change: Change
    balance: Balance = Field(description="What the entries up to this one come to, in the order they were recorded.")

    @classmethod
    def of(cls, line: StatementLine, resident_id: UUID, receipt_id: UUID | None) -> Self:
        """Return an entry as it is sent."""
        return cls(
            entry_id=line.entry_id,
            kind=_kind(line.kind),
            recorded_at=line.recorded_at,
            effective_at=line.effective_at,
            subject_id=line.subject_id,
            receipt_id=receipt_id,
            change=Change.made_by(line, resident_id),
            balance=Balance.of(line.balance),
        )


class StatementPage(Schema):
    """Entries, newest first."""

    entries: list[StatementEntry]
    next_cursor: str | None


_KINDS: Final[dict[EntryKind, Kind]] = {
    EntryKind.FUNDING: "funding",
    EntryKind.AWARD: "award",
    EntryKind.MATURITY: "maturity",
    EntryKind.HOLD: "hold",
    EntryKind.SETTLEMENT: "settlement",
    EntryKind.RELEASE: "release",
    EntryKind.EXPIRY: "expiry",
    EntryKind.REVERSAL: "reversal",
    EntryKind.REFUND: "refund",
    EntryKind.REPAYMENT: "repayment",
    EntryKind.DEFERRED: "deferred",
    EntryKind.FORGIVENESS: "forgiveness",
    EntryKind.REINSTATEMENT: "reinstatement",
}


def _kind(kind: EntryKind) -> Kind:
    return _KINDS[kind]
