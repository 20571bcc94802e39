"""A resident's exchange of points for a reward."""

from typing import Literal, Self
from uuid import UUID

from pydantic import Field

from api.schemas import Moment, Schema
from points.rewards.redemptions import Redeemed


class NewRedemption(Schema):
    """One unit of a reward, please."""

    reward_id: UUID


class Redemption(Schema):
    """A redemption. Its code is shown once it is fulfilled: before that, the voucher may still go back."""

    redemption_id: UUID
    reward_id: UUID
    points: int = Field(description="What it cost.")
    state: Literal["reserved", "fulfilled", "released"]
    code: str | None = Field(description="The voucher's code.")
    reserved_at: Moment
    closed_at: Moment | None = Field(description="When it was fulfilled, or when points and voucher went back.")

    @classmethod
    def of(cls, redeemed: Redeemed) -> Self:
        """Return a redemption as it is sent."""
        return cls.model_validate(
            {
                "redemption_id": redeemed.redemption_id,
                "reward_id": redeemed.reward_id,
                "points": redeemed.points,
                "state": redeemed.state,
                "code": redeemed.code if redeemed.state == "fulfilled" else None,
                "reserved_at": redeemed.reserved_at,
                "closed_at": redeemed.closed_at,
            }
        )
