"""What can go wrong with a whole request; a single item of a batch is refused by value, not by exception.

Each class has its row in api/problems.py. The docstring is the message a person reads.
"""


class PointsError(Exception):
    """Something about points could not be done."""

    def __init__(self, detail: str | None = None, **context: object) -> None:
        super().__init__(detail or self.__doc__)
        self.context = context


class UnknownProgrammeError(PointsError):
    """No programme has that id or slug."""


class NotFoundError(PointsError):
    """Nothing of yours has that id."""


class InvalidInputError(PointsError):
    """A value can not be used; the detail names the field and what it must be."""


class StateConflictError(PointsError):
    """The thing is not in a state that allows this; the detail says what to do."""


class BudgetsShortError(StateConflictError):
    """A budget ran short while points were drawn on it, and nothing was credited. Try again."""


class KeyReusedError(PointsError):
    """This Idempotency-Key was used before with another request. Use a new key for a new request."""


class RequestInProgressError(PointsError):
    """A request with this Idempotency-Key is still running. Ask again in a moment."""


class SoldOutError(PointsError):
    """None of this reward is left, and no points were taken."""


class NotEnoughPointsError(PointsError):
    """You have fewer points to spend than this costs, and none were taken."""


class RewardClosedError(PointsError):
    """This reward can not be had now: it has not opened yet, or it is gone. No points were taken."""


class ReservationLapsedError(PointsError):
    """This was not finished in time; points and voucher went back. Ask again with a new Idempotency-Key."""


class ReceiptAlreadyClaimedError(PointsError):
    """Somebody else has claimed this receipt. If it is yours, show the retailer the receipt and the purchase."""
