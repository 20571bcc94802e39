"""What a retailer's till is told of a line: what it was credited, never what is known of its buyer besides. Pure."""

from dataclasses import replace
from typing import Final

from points.earning.activities import Cut, Held, Outcome, Reason, Receipt, Refusal

_HELD: Final = "An operator of the programme looks at it; nothing is to be done."
_STOPPED: Final = Refusal(
    Reason.REFUSED_BY_GUARD, "A rule of the programme stopped it; the resident is told which, and can appeal."
)
_OPEN: Final = frozenset({Cut.BUDGET, Cut.RETAILER_GRAMS_PER_DAY, Cut.RETAILER_GRAMS_PER_MONTH})
"""Cuts that are about the programme or the retailer. All others tell how much a buyer or a household has gathered."""


def told_to_tills(outcome: Outcome) -> Outcome:
    """Return an outcome without what tells of its buyer's purchases elsewhere, of returns or of scans.

    Of one that was stopped, the rule; of a credit, the caps of the buyer's own and the label units scanned before.
    """
    match outcome:
        case Receipt(cuts=(), matched=()):
            return outcome
        case Receipt():
            return replace(outcome, cuts=tuple(cut for cut in outcome.cuts if cut in _OPEN), matched=())
        case Held(review_id):
            return Held(review_id, Reason.HELD_FOR_REVIEW, _HELD)
        case Refusal(Reason.REFUSED_BY_GUARD):
            return _STOPPED
    return outcome
