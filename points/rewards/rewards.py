"""What points can be exchanged for: offering it, stocking it, listing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from labels.tables import Organization
from points.errors import InvalidInputError, NotFoundError
from points.rewards import queries
from points.rewards.tables import Reward

MOST_POINTS = 10**9
MOST_CODES = 10_000
LONGEST_CODE = 200


@dataclass(frozen=True, slots=True)
class RewardDraft:
    """A reward as somebody wants to offer it, for `points` each, from `opens_at` until before `closes_at`."""

    name_zh: str
    name_en: str
    points: int
    opens_at: datetime
    closes_at: datetime | None = None
    retailer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OpenReward:
    """A reward that can be had now, and how many of it are left."""

    reward_id: UUID
    name_zh: str
    name_en: str
    points: int
    retailer_id: UUID | None
    opens_at: datetime
    closes_at: datetime | None
    stock: int


@dataclass(frozen=True, slots=True)
class Stocked:
    """How many codes were added, and which were there before; those stay as they are."""

    added: int
    duplicates: tuple[str, ...]


async def create(session: AsyncSession, programme_id: UUID, draft: RewardDraft, *, now: datetime) -> Reward:
    """Offer a reward; it has no stock until vouchers are added.

    Raises:
        InvalidInputError: when the price is out of range, the window is empty or over, or the retailer is unknown.
    """
    _check(draft, now)
    if draft.retailer_id is not None and await session.get(Organization, draft.retailer_id) is None:
        detail = f"retailer_id names no registered organization: {draft.retailer_id}."
        raise InvalidInputError(detail, field="retailer_id")
    reward = Reward(
        programme_id=programme_id,
        name_zh=draft.name_zh,
        name_en=draft.name_en,
        points=draft.points,
        retailer_id=draft.retailer_id,
        opens_at=draft.opens_at.astimezone(UTC),
        closes_at=None if draft.closes_at is None else draft.closes_at.astimezone(UTC),
        created_at=now,
    )
    session.add(reward)
    await session.flush()
    return reward


async def add_vouchers(session: AsyncSession, programme_id: UUID, reward_id: UUID, codes: Sequence[str]) -> Stocked:
    """Put voucher codes into a reward's pool. A code that is there already is reported, not added again.

    Raises:
        NotFoundError: when the programme has no such reward.
        InvalidInputError: when there are no codes, too many, or one that can not be printed or typed.
    """
    if not 1 <= len(codes) <= MOST_CODES:
        raise InvalidInputError(f"codes must hold from 1 to {MOST_CODES} codes, not {len(codes)}.", field="codes")
    for number, code in enumerate(codes):
        if code != code.strip() or not code.isprintable() or not 1 <= len(code) <= LONGEST_CODE:
            detail = f"codes[{number}] must be 1 to {LONGEST_CODE} printable characters without spaces around them."
            raise InvalidInputError(detail, field="codes")
    if await session.get(Reward, (programme_id, reward_id)) is None:
        raise NotFoundError(f"This programme has no reward {reward_id}.")
    distinct = list(dict.fromkeys(codes))
    new = await queries.add_vouchers(session, programme_id, reward_id, distinct)
    return Stocked(len(new), tuple(code for code in distinct if code not in new))


async def open_rewards(session: AsyncSession, programme_id: UUID, *, now: datetime) -> list[OpenReward]:
    """Return what can be had at `now`, cheapest first, sold out or not, with the stock of this moment."""
    return [OpenReward(*row) for row in await queries.open_rewards(session, programme_id, now=now)]


def _check(draft: RewardDraft, now: datetime) -> None:
    if not 1 <= draft.points <= MOST_POINTS:
        raise InvalidInputError(f"points must be from 1 to {MOST_POINTS}, not {draft.points}.", field="points")
    if not draft.name_zh.strip() or not draft.name_en.strip():
        raise InvalidInputError("name_zh and name_en must both say something.", field="name_zh")
    if draft.closes_at is not None and draft.closes_at <= max(draft.opens_at, now):
        raise InvalidInputError("closes_at must be later than opens_at and than this moment.", field="closes_at")
