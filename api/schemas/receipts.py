"""What an activity was credited, or why not."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import Field

from api.schemas import Moment, Schema
from core.ids import made_at
from points.earning.activities import Cut, Held, Kind, Outcome, Reason, Receipt, Refusal
from points.earning.adjustments.remaining import Remaining
from points.earning.adjustments.tables import Adjustment
from points.earning.adjustments.values import AdjustmentKind
from points.earning.remedies import REMEDIES

AdjustmentName = Literal["return", "clawback", "correction", "superseded", "funded", "reopened"]


class Award(Schema):
    """What a campaign paid."""

    campaign_id: UUID
    wanted_points: int = Field(description="What it would have paid with a full budget and no cap.")
    points: int


class ReceiptSummary(Schema):
    """What an activity was credited: whole grams of CO2e and points."""

    receipt_id: UUID
    kind: Literal["sale", "scan", "unit", "claimed"] = Field(
        description="A sale, a bare scan, a serialised label scanned, or an anonymous sale claimed with its receipt."
    )
    gtin: str
    quantity: int
    effective_at: Moment
    effective_on: date = Field(description="The programme's calendar day.")
    potential_grams: int | None = Field(
        description="What buying it at a registered retailer saves; null for a repeat that is no longer looked into."
    )
    saving_grams: int = Field(description="What was saved by the evidence given, before caps.")
    grams: int = Field(description="What was credited of it.")
    base_points: int = Field(description="Points from the programme's own budgets.")
    points: int = Field(description="All points credited.")
    awards: list[Award]
    cuts: list[Cut] = Field(description="What caps and empty budgets cut off; texts at `GET /v1/reasons`.")
    waiting_points: int = Field(
        description="Points that an empty budget could not pay then: granted once it is funded, oldest first."
    )
    matched: list[UUID] = Field(
        description="Receipts of label units this sale confirmed; their saving is not in this one's again."
    )
    replayed: bool = Field(description="It had been credited before; nothing was credited now.")

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """Return a receipt as it is sent."""
        return cls(
            receipt_id=receipt.activity_id,
            kind=KINDS[receipt.kind],
            gtin=receipt.gtin,
            quantity=receipt.quantity,
            effective_at=receipt.effective_at,
            effective_on=receipt.day,
            potential_grams=receipt.potential_grams,
            saving_grams=receipt.saving_grams,
            grams=receipt.grams,
            base_points=receipt.base_points,
            points=receipt.points,
            awards=[
                Award(campaign_id=each.campaign_id, wanted_points=each.wanted, points=each.points)
                for each in receipt.awards
            ],
            cuts=list(receipt.cuts),
            waiting_points=receipt.waiting_points,
            matched=list(receipt.matched),
            replayed=receipt.replayed,
        )


class RefusalSummary(Schema):
    """Why nothing was credited. `reason` is stable; `GET /v1/reasons` has a text for each, in Chinese and English."""

    reason: Reason
    detail: str
    todo_zh: str = Field(description="What to do about it.")
    todo_en: str = Field(description="The same in English.")

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        """Return a refusal as it is sent."""
        remedy = REMEDIES[refusal.reason]
        return cls(reason=refusal.reason, detail=refusal.detail, todo_zh=remedy.zh, todo_en=remedy.en)


class HeldSummary(Schema):
    """Why an operator looks at it before anything is credited."""

    review_id: UUID = Field(
        description="Its review, which names its receipt (`receipt_id`) once it is accepted: `GET /v1/me/reviews`."
    )
    rule: str = Field(
        description="Which rule held it, with texts at `GET /v1/reasons`; tills are told `held_for_review`."
    )
    detail: str


class ActivityResult(Schema):
    """What became of a report: a receipt, a refusal, or held until an operator has looked at it."""

    outcome: Annotated[Literal["credited", "refused", "held"], Field(description="Says which of the three is there.")]
    receipt: ReceiptSummary | None
    refusal: RefusalSummary | None
    held: HeldSummary | None = None

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """Return an outcome as it is sent."""
        match outcome:
            case Refusal():
                return cls(outcome="refused", receipt=None, refusal=RefusalSummary.of(outcome))
            case Held(review_id, rule, detail):
                held = HeldSummary(review_id=review_id, rule=rule, detail=detail)
                return cls(outcome="held", receipt=None, refusal=None, held=held)
            case receipt:
                return cls(outcome="credited", receipt=ReceiptSummary.of(receipt), refusal=None)


class ResidentResult(ActivityResult):
    """What became of what a resident reported, with what is left of its receipt: that may be one of long ago."""

    units_left: int | None = Field(description="Units that are left of the receipt; null where there is none.")
    grams_left: int | None
    points_left: int | None = Field(description="Points that are left of it, whether they are spent or not.")

    @classmethod
    def told(cls, outcome: Outcome, left: Mapping[UUID, Remaining], **other: object) -> Self:
        """Return an outcome as it is sent; `left` is what is left of receipts, `other` what else there is to say."""
        found = left.get(outcome.activity_id) if isinstance(outcome, Receipt) else None
        return cls(
            **dict(ActivityResult.of(outcome)),
            units_left=None if found is None else found.units,
            grams_left=None if found is None else found.grams,
            points_left=None if found is None else found.points,
            **other,
        )


class Step(Schema):
    """One step of how a receipt was worked out."""

    key: str
    name_zh: str
    name_en: str
    formula: str
    result: str


class Provenance(Schema):
    """The versions a receipt was worked out from."""

    certificate_id: UUID
    certificate_number: str
    footprint_id: UUID
    baseline_id: UUID
    policy_version: int
    rate_version: int
    points_per_tonne: int
    evidence_bp: int = Field(description="Evidence factor in hundredths of a percent.")


class ReceiptAdjustment(Schema):
    """Something that became of a receipt after it was given: below 0 what is taken back, above 0 what is paid later."""

    adjustment_id: UUID
    kind: AdjustmentName = Field(
        description="Goods came back; it was given wrongly; its figures were wrong; somebody else turned out to have "
        "bought the unit; a budget was funded and paid what waited; a decision was taken again."
    )
    reason: str
    effective_at: Moment = Field(description="When the goods came back, or it was decided.")
    recorded_at: Moment
    order_id: UUID | None = Field(description="What ordered it; the same for everything of one return or clawback.")
    units: int
    grams: int
    points: int
    owed_points: int = Field(description="Of the points taken, those that were spent: later points pay them first.")
    borne_points: int = Field(description="Of the points taken, those that were spent and that nobody is asked for.")

    @classmethod
    def of(cls, adjustment: Adjustment) -> Self:
        """Return an adjustment as it is sent."""
        return cls(
            adjustment_id=adjustment.adjustment_id,
            kind=_ADJUSTMENTS[AdjustmentKind(adjustment.kind)],
            reason=adjustment.reason,
            effective_at=adjustment.effective_at,
            recorded_at=made_at(adjustment.adjustment_id),
            order_id=adjustment.order_id,
            units=adjustment.units,
            grams=adjustment.grams,
            points=adjustment.points,
            owed_points=adjustment.owed,
            borne_points=adjustment.borne,
        )


class ExplainedReceipt(Schema):
    """A receipt with everything anyone needs to work it out again, and what became of it since."""

    receipt: ReceiptSummary
    product_name_zh: str
    product_name_en: str
    provenance: Provenance
    steps: list[Step]
    adjustments: list[ReceiptAdjustment] = Field(description="What became of it since, oldest first.")
    units_left: int
    grams_left: int
    points_left: int = Field(description="Points that are left of it, whether they are spent or not.")


_ADJUSTMENTS: Final[dict[AdjustmentKind, AdjustmentName]] = {
    AdjustmentKind.RETURN: "return",
    AdjustmentKind.CLAWBACK: "clawback",
    AdjustmentKind.CORRECTION: "correction",
    AdjustmentKind.SUPERSEDED: "superseded",
    AdjustmentKind.FUNDED: "funded",
    AdjustmentKind.REOPENED: "reopened",
}

KINDS: Final[dict[Kind, Literal["sale", "scan", "unit", "claimed"]]] = {
    Kind.SALE: "sale",
    Kind.SCAN: "scan",
    Kind.UNIT: "unit",
    Kind.CLAIMED: "claimed",
}

RECEIPT_EXAMPLE = {
    "receipt_id": "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f",
    "kind": "sale",
    "gtin": "09521234543213",
    "quantity": 2,
    "effective_at": "2026-05-01T08:30:00Z",
    "effective_on": "2026-05-01",
    "potential_grams": 412,
    "saving_grams": 412,
    "grams": 412,
    "base_points": 4,
    "points": 9,
    "awards": [{"campaign_id": "019a8f10-2222-7d3e-8f40-5a6b7c8d9e0f", "wanted_points": 5, "points": 5}],
    "cuts": [],
    "waiting_points": 0,
    "matched": [],
    "replayed": False,
}
"""A receipt as the reference shows it."""

ADJUSTMENT_EXAMPLE = {
    "adjustment_id": "019a9933-7a10-7d3e-8f40-5a6b7c8d9e0f",
    "kind": "return",
    "reason": "Units came back to the retailer.",
    "effective_at": "2026-05-03T03:05:00Z",
    "recorded_at": "2026-05-03T03:05:07Z",
    "order_id": "019a9933-7a10-7d3e-8f40-5a6b7c8d9e0f",
    "units": -1,
    "grams": -206,
    "points": -4,
    "owed_points": 0,
    "borne_points": 0,
}
"""What became of a receipt, as the reference shows it."""

RESULT_EXAMPLE = {"outcome": "credited", "receipt": RECEIPT_EXAMPLE, "refusal": None, "held": None}
RESIDENT_EXAMPLE = RESULT_EXAMPLE | {"units_left": 2, "grams_left": 412, "points_left": 9}
REFUSED_EXAMPLE = {
    "outcome": "refused",
    "receipt": None,
    "refusal": {
        "reason": "no_certificate",
        "detail": "No certificate of a scheme this programme recognises was valid.",
        "todo_zh": "该产品目前不能计入减排量；可选择带有效低碳标识的产品，或请厂商联系认证机构。",
        "todo_en": "This product earns nothing as it is registered now; choose one with a valid label, or ask its "
        "maker to mend that.",
    },
    "held": None,
    "units_left": None,
    "grams_left": None,
    "points_left": None,
}
