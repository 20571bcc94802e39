"""Boards as residents see them: nicknames and grams, nobody's id."""

from datetime import date, timedelta
from typing import Self

from pydantic import Field

from api.schemas import Schema
from points.leaderboards.boards import Period
from points.leaderboards.standings import Standing, Standings


class Place(Schema):
    """One line of a board."""

    position: int = Field(description="From 1. Equal grams: who got there first comes first.")
    nickname: str
    grams: int = Field(description="CO2e saved in the period.")
    is_me: bool


class Leaderboard(Schema):
    """The board of a running period. `mine` is null, and `around` empty, for who is not ranked."""

    period: Period
    starts_on: date | None = Field(description="The first day that counts; null for all time.")
    ends_on: date | None = Field(description="The last day that counts; null for all time.")
    members: int = Field(description="How many are ranked.")
    top: list[Place]
    around: list[Place] = Field(description="Those around the resident who asks, and themselves.")
    mine: Place | None

    @classmethod
    def of(cls, standings: Standings) -> Self:
        """Return a board as it is sent."""
        span = standings.span
        bounded = span.period is not Period.ALL
        return cls(
            period=span.period,
            starts_on=span.first if bounded else None,
            ends_on=span.until - timedelta(days=1) if bounded else None,
            members=standings.members,
            top=[_place(one) for one in standings.top],
            around=[_place(one) for one in standings.around],
            mine=None if standings.mine is None else _place(standings.mine),
        )


def _place(standing: Standing) -> Place:
    return Place(position=standing.position, nickname=standing.nickname, grams=standing.grams, is_me=standing.is_me)
