"""Rewards as residents see them and as staff offer and stock them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas import Line, Moment, Name, Schema
from points.rewards.rewards import LONGEST_CODE, MOST_CODES, MOST_POINTS


class NewReward(Schema):
    """A reward to be offered; it has no stock until vouchers are added."""

    name_zh: Name
    name_en: Name
    points: Annotated[int, Field(strict=True, ge=1, le=MOST_POINTS)] = Field(description="Price of one.")
    opens_at: Moment | None = Field(None, description="From when it can be had; left out: from now.")
    closes_at: Moment | None = Field(None, description="The first moment it is gone; left out: it stays.")
    retailer_id: UUID | None = Field(None, description="Where it can be used.")


class NewVouchers(Schema):
    """Codes for a reward's pool."""

    codes: list[Annotated[Line, Field(max_length=LONGEST_CODE)]] = Field(min_length=1, max_length=MOST_CODES)


class Reward(Schema):
    """What points buy."""

    reward_id: UUID
    name_zh: str
    name_en: str
    points: int = Field(description="Price of one.")
    retailer_id: UUID | None
    opens_at: Moment
    closes_at: Moment | None
    stock: int = Field(description="How many are left.")


class Rewards(Schema):
    """Everything that can be had now, cheapest first, sold out or not."""

    rewards: list[Reward]


class Stocked(Schema):
    """What came of adding vouchers."""

    added: int
    duplicates: list[str] = Field(description="Codes the pool has had before; they stay as they are.")
