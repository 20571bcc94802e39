"""What a retailer's till is told of a line: never what guards know of its buyer. Pure."""

from typing import Final

from points.earning.activities import Held, Outcome, Reason, Refusal

_HELD: Final = "An operator of the programme looks at it; nothing is to be done."
_STOPPED: Final = Refusal(
    Reason.REFUSED_BY_GUARD, "A rule of the programme stopped it; the resident is told which, and can appeal."
)


def told_to_tills(outcome: Outcome) -> Outcome:
    """Return an outcome without the rule that stopped it, which tells of purchases elsewhere and of returns."""
    match outcome:
        case Held(review_id):
            return Held(review_id, Reason.HELD_FOR_REVIEW, _HELD)
        case Refusal(Reason.REFUSED_BY_GUARD):
            return _STOPPED
    return outcome
