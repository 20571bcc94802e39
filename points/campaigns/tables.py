"""Campaigns as data."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core import clock
from core.ids import new_id


class Campaign(SQLModel, table=True):
    """A time window in which some activities earn more, paid from `budget_id` and nothing else."""

    __tablename__ = "campaign"

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.programme_id")
    campaign_id: UUID = Field(default_factory=new_id, primary_key=True)
    name_zh: str
    name_en: str
    budget_id: UUID = Field(default_factory=new_id)
    starts_at: datetime = Field(sa_type=DateTime(timezone=True))
    ends_at: datetime = Field(sa_type=DateTime(timezone=True), description="The first moment it no longer holds.")
    rule: dict[str, Any] = Field(
        sa_column=Column(JSONB, nullable=False), description="points.campaigns.rules.Rule as JSON."
    )
    created_by_id: UUID = Field(description="The staff member who opened it.")
    created_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
