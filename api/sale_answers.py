"""What became of a list of sale lines, as JSON of `SalesResult`, written without a model for each credited line.

To make and check a model for every line of a thousand took an eighth of the time of recording them. A test holds what
is written here against the models.
"""

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

import orjson

from api.schemas.receipts import KINDS, ActivityResult
from api.schemas.sales import NewSaleLine
from points.earning.activities import Claimable, Held, Outcome, Receipt
from points.earning.withholding import told_to_tills

_UTC_AS_MODELS_WRITE_IT: Final = orjson.OPT_UTC_Z


def answer_of(
    lines: Sequence[NewSaleLine], outcomes: Sequence[Outcome], address_of: Callable[[str], str | None]
) -> str:
    """Return outcomes as they are sent; `address_of` makes an address out of a claim code."""
    receipts = [outcome for outcome in outcomes if isinstance(outcome, Receipt)]
    replayed = sum(receipt.replayed for receipt in receipts)
    held = sum(isinstance(outcome, Held) for outcome in outcomes)
    answer = {
        "credited": len(receipts) - replayed,
        "replayed": replayed,
        "refused": len(outcomes) - len(receipts) - held,
        "held": held,
        "results": [_result(line, outcome, address_of) for line, outcome in zip(lines, outcomes, strict=True)],
    }
    return orjson.dumps(answer, default=_plain, option=_UTC_AS_MODELS_WRITE_IT).decode()


def _plain(value: object) -> str:
    """Return what the driver's own ids are written as; they are UUIDs of a class that orjson does not know."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value)} has no place in an answer.")


def _result(line: NewSaleLine, outcome: Outcome, address_of: Callable[[str], str | None]) -> dict[str, object]:
    claim_code = outcome.claim_code if isinstance(outcome, Claimable) else None
    withheld = told_to_tills(outcome)
    told = _credited(withheld) if isinstance(withheld, Receipt) else _other(withheld)
    return {
        **told,
        "till_receipt": line.receipt,
        "line": line.line,
        "claim_code": claim_code,
        "claim_url": None if claim_code is None else address_of(claim_code),
    }


def _other(outcome: Outcome) -> dict[str, object]:
    return ActivityResult.of(outcome).model_dump(mode="json")


def _credited(receipt: Receipt) -> dict[str, object]:
    summary = {
        "receipt_id": receipt.activity_id,
        "kind": KINDS[receipt.kind],
        "gtin": receipt.gtin,
        "quantity": receipt.quantity,
        "effective_at": receipt.effective_at,
        "effective_on": receipt.day,
        "potential_grams": receipt.potential_grams,
        "saving_grams": receipt.saving_grams,
        "grams": receipt.grams,
        "base_points": receipt.base_points,
        "points": receipt.points,
        "awards": [
            {"campaign_id": each.campaign_id, "wanted_points": each.wanted, "points": each.points}
            for each in receipt.awards
        ],
        "cuts": receipt.cuts,
        "waiting_points": receipt.waiting_points,
        "matched": receipt.matched,
        "replayed": receipt.replayed,
    }
    return {"outcome": "credited", "receipt": summary, "refusal": None, "held": None}
