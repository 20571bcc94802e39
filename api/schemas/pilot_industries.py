"""The choice of pilot industries: criteria, scores, ranking and how far it hangs on the weights."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas import Line, Schema
from labels import pilot_industries as use_cases
from labels import pilots
from labels.pilots import Criterion


class CriterionRule(Schema):
    """One criterion, what it weighs in percent, and how it is scored from 0 to 100."""

    criterion: Criterion
    weight_percent: int
    judged: bool = Field(description="Entered by people; else it follows from the registry.")
    rule: str


class Score(Schema):
    """A category's score by one criterion; null while nobody can tell."""

    criterion: Criterion
    score: int | None


class Judgement(Schema):
    """What was judged last by one criterion, and why."""

    criterion: Criterion
    score: int
    reason: str
    source: str
    recorded_at: datetime


class RankSensitivity(Schema):
    """What becomes of the rank over every way to weigh the criteria, in steps of 10 %."""

    best_rank: int
    worst_rank: int
    first_share_bp: int
    top_three_share_bp: int


class PilotIndustry(Schema):
    """A category with its rank and its total in basis points of the highest possible; null while a score is missing."""

    category_id: str
    name_zh: str
    name_en: str
    rank: int | None
    total_bp: int | None
    scores: list[Score]
    missing: list[Criterion]
    sensitivity: RankSensitivity | None
    products: int
    measured_products: int
    judgements: list[Judgement]

    @classmethod
    def of(cls, industry: use_cases.PilotIndustry) -> Self:
        """Return a category as it is sent."""
        ranked, candidate = industry.ranked, industry.ranked.candidate
        sensitivity = None if ranked.sensitivity is None else RankSensitivity.model_validate(ranked.sensitivity)
        return cls(
            category_id=candidate.category_id,
            name_zh=industry.name_zh,
            name_en=industry.name_en,
            rank=ranked.rank,
            total_bp=ranked.total_bp,
            scores=[Score(criterion=each, score=candidate.scores.get(each)) for each in Criterion],
            missing=list(candidate.missing),
            sensitivity=sensitivity,
            products=industry.facts.products,
            measured_products=industry.facts.measured_products,
            judgements=[Judgement.model_validate(each) for each in industry.judgements],
        )


class PilotChoice(Schema):
    """The ranking of a day, and the whole rule it follows from."""

    as_of: date
    method: str
    criteria: list[CriterionRule]
    industries: list[PilotIndustry]

    @classmethod
    def of(cls, day: date, industries: list[use_cases.PilotIndustry]) -> Self:
        """Return the ranking as it is sent."""
        criteria = [
            CriterionRule(
                criterion=each,
                weight_percent=pilots.WEIGHTS[each],
                judged=each in pilots.JUDGED,
                rule=pilots.RULES[each],
            )
            for each in Criterion
        ]
        listed = [PilotIndustry.of(each) for each in industries]
        return cls(as_of=day, method=pilots.METHOD, criteria=criteria, industries=listed)


class NewJudgement(Schema):
    """What somebody thinks of a category by one criterion, and why."""

    criterion: Criterion
    score: Annotated[int, Field(strict=True, ge=0, le=100)]
    reason: Line
    source: Line | None = None


class KeptJudgement(Schema):
    """A judgement on file."""

    judgement_id: UUID
    category_id: str
    criterion: Criterion
    score: int
    reason: str
    source: str
    actor: str
    recorded_at: datetime
