"""Activities that guards stopped, as staff and as their residents see them."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import Field

from api.schemas import Line, Schema
from api.schemas.receipts import ReceiptSummary
from points.earning.guards.tables import Review, ReviewState, ReviewStep
from points.earning.guards.wording import WORDINGS, todo
from points.earning.reviews import Decided, Shown
from points.programmes.guard_terms import Rule

State = Literal["open", "accepted", "refused"]

STATES: Final[dict[ReviewState, State]] = {
    ReviewState.OPEN: "open",
    ReviewState.ACCEPTED: "accepted",
    ReviewState.REFUSED: "refused",
}
BY_STATE: Final[dict[State, ReviewState]] = {name: state for state, name in STATES.items()}
_RECEIPT_ID: Final = (
    "The receipt of what was credited, once it is accepted. Null, though accepted, for the label of a unit that was "
    "part of a sale by then: that sale's receipt counts it."
)


class ReviewSummary(Schema):
    """An activity that a guard held or refused."""

    review_id: UUID
    state: State
    receipt_id: UUID | None = Field(description=_RECEIPT_ID)
    rule: Rule
    found_zh: str
    found_en: str
    detail: str
    resident_id: UUID
    retailer_id: UUID | None
    gtin: str
    quantity: int
    effective_at: datetime
    recorded_at: datetime
    appealed_at: datetime | None = Field(description="When the resident asked to look again at what was refused.")

    @classmethod
    def of(cls, review: Review) -> Self:
        """Return a review as staff see it in a list."""
        return cls.model_validate(_summary(review))


class Step(Schema):
    """Something that happened to a review."""

    kind: Literal["held", "refused", "accepted", "reopened", "appealed"]
    actor: str
    note: str
    recorded_at: datetime

    @classmethod
    def of(cls, step: ReviewStep) -> Self:
        """Return a step as it is sent."""
        return cls.model_validate(
            {"kind": step.kind, "actor": step.actor, "note": step.note, "recorded_at": step.recorded_at}
        )


class ReviewWithSteps(ReviewSummary):
    """A review with everything that led to it and everything that happened since."""

    facts: dict[str, int | str | list[str]] = Field(description="What the rule compared.")
    evidence: dict[str, int | str | bool | None] = Field(description="What was reported.")
    steps: list[Step]

    @classmethod
    def shown(cls, shown: Shown) -> Self:
        """Return a review as staff see it."""
        steps = [Step.of(each) for each in shown.steps]
        review = shown.review
        return cls.model_validate(
            _summary(review) | {"facts": review.facts, "evidence": review.evidence, "steps": steps}
        )


class ReviewPage(Schema):
    """Reviews, newest first."""

    reviews: list[ReviewSummary]
    next_cursor: str | None = Field(description="Where the next page starts; null when this is the last.")


class NewReviewDecision(Schema):
    """What is decided, and why; the resident reads the note."""

    decision: Literal["accept", "refuse"]
    note: Line


class NewReviewDecisions(NewReviewDecision):
    """The same decision about many reviews, such as all that one retailer's burst held."""

    review_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]


class ReviewOutcome(Schema):
    """What came of a decision."""

    review_id: UUID
    state: State | None = Field(description="The state it is in now; null where no review has this id.")
    receipt_id: UUID | None = Field(description=_RECEIPT_ID)
    receipt: ReceiptSummary | None = Field(
        description="What was credited; for the label of a unit that was part of a sale by then, that sale's receipt."
    )
    problem: str | None = Field(description="Why nothing was decided.")
    receipt_released: bool = Field(
        description="It was a claim of an anonymous receipt, which others can claim again now that this is refused."
    )

    @classmethod
    def of(cls, decided: Decided) -> Self:
        """Return the outcome as it is sent."""
        return cls(
            review_id=decided.review_id,
            state=None if decided.state is None else STATES[decided.state],
            receipt_id=decided.receipt_id,
            receipt=None if decided.receipt is None else ReceiptSummary.of(decided.receipt),
            problem=decided.problem,
            receipt_released=decided.released,
        )


class ReviewOutcomes(Schema):
    """One outcome for each review, in order."""

    outcomes: list[ReviewOutcome]


class Note(Schema):
    """Why."""

    note: Line


class MyReview(Schema):
    """An activity of mine that was held or refused: what was found, and what I can do."""

    review_id: UUID
    state: State
    receipt_id: UUID | None = Field(description=_RECEIPT_ID)
    rule: Rule
    found_zh: str
    found_en: str
    todo_zh: str
    todo_en: str
    note: str | None = Field(description="What the programme's staff said about it.")
    gtin: str
    quantity: int
    effective_at: datetime
    appealed_at: datetime | None

    @classmethod
    def of(cls, review: Review, note: str | None) -> Self:
        """Return a review as its resident sees it."""
        told = _summary(review)
        todo_zh, todo_en = todo(Rule(review.rule), told["state"])
        mine = {name: told[name] for name in cls.model_fields.keys() & told.keys()}
        return cls.model_validate(mine | {"todo_zh": todo_zh, "todo_en": todo_en, "note": note})


class MyReviewPage(Schema):
    """My held and refused activities, newest first."""

    reviews: list[MyReview]
    next_cursor: str | None = Field(description="Where the next page starts; null when this is the last.")


def _summary(review: Review) -> dict[str, Any]:
    wording = WORDINGS[Rule(review.rule)]
    return {
        "review_id": review.review_id,
        "state": STATES[ReviewState(review.state)],
        "receipt_id": review.receipt_id,
        "rule": Rule(review.rule),
        "found_zh": wording.found_zh,
        "found_en": wording.found_en,
        "detail": review.detail,
        "resident_id": review.resident_id,
        "retailer_id": review.retailer_id,
        "gtin": review.gtin,
        "quantity": review.quantity,
        "effective_at": review.effective_at,
        "recorded_at": review.recorded_at,
        "appealed_at": review.appealed_at,
    }
