"""The queue of what guards stopped: operators accept or refuse it, residents see it and can ask to look again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.earning.activities import Receipt, Refusal
from points.earning.credits import credit_reviewed
from points.earning.evidence.refused_claims import claim_of, release, take_again
from points.earning.guards import review_queries as queries
from points.earning.guards.reported import restored, stored
from points.earning.guards.review_queries import Filters
from points.earning.guards.tables import Review, ReviewState, ReviewStep
from points.errors import NotFoundError, StateConflictError
from points.programmes.queries import rulebook as read_rulebook
from points.residents import notices
from points.residents.notice_queries import NewNotice, Subject
from points.residents.notice_wording import NoticeKind

_STATES = {ReviewState.OPEN: "open", ReviewState.ACCEPTED: "accepted", ReviewState.REFUSED: "refused"}
_NOT_TO_REOPEN = {
    ReviewState.OPEN: "This review is open, so it can be decided as it is: accept or refuse it.",
    ReviewState.ACCEPTED: "This review is accepted, and only a refused one can be reopened; a clawback takes back what "
    "was credited.",
}
_NOT_TO_APPEAL = {
    ReviewState.OPEN: "This is open: somebody will look at it. You can appeal once it is refused.",
    ReviewState.ACCEPTED: "This is accepted and credited, so there is nothing to appeal against.",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of one decision: the state the review is in now, and the receipt of what was credited.

    `receipt_id` is its id where the review was credited by itself; the receipt of a label unit that was part of a sale
    by then is that sale's. `problem` says why nothing was decided: there is no such review, it was decided before, or
    what was reported can not be credited. `released` says that the receipt that was claimed can be claimed by others
    again.
    """

    review_id: UUID
    state: ReviewState | None
    receipt: Receipt | None = None
    receipt_id: UUID | None = None
    problem: str | None = None
    released: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A review with everything that happened to it, oldest first."""

    review: Review
    steps: tuple[ReviewStep, ...]


async def queue(
    session: AsyncSession, programme_id: UUID, filters: Filters, *, before: UUID | None, limit: int
) -> list[Review]:
    """Return reviews, newest first."""
    return await queries.page(session, programme_id, filters, before=before, limit=limit)


async def show(session: AsyncSession, programme_id: UUID, review_id: UUID) -> Shown:
    """Return a review: what was reported, which rule stopped it, what led to that, and what happened since.

    Raises:
        NotFoundError: when the programme has no such review.
    """
    found = await queries.reviews_of(session, programme_id, [review_id])
    if review_id not in found:
        raise NotFoundError("No review has this id.")
    return Shown(found[review_id], tuple(await queries.steps(session, programme_id, review_id)))


async def accept(
    session: AsyncSession,
    programme_id: UUID,
    review_ids: Sequence[UUID],
    *,
    note: str,
    actor: str,
    now: datetime,
    unit_secret: bytes | None = None,
) -> list[Decided]:
    """Credit what open reviews are about, by the rules of its own time and exactly once; one outcome each, in order.

    Caps and budgets hold as they do for everybody, and the receipt says what they cut. `unit_secret` is what serials of
    label units were made under.

    Raises:
        BudgetsShortError: when an ample budget was emptied while this was written. Try again.
    """
    locked = await queries.lock_reviews(session, programme_id, review_ids)
    waiting = {each: review for each, review in locked.items() if review.state == ReviewState.OPEN}
    reported = [(review, restored(review.evidence)) for review in waiting.values()]
    credited = await credit_reviewed(session, programme_id, reported, now=now, unit_secret=unit_secret)
    done = {each: outcome for each, outcome in credited.items() if isinstance(outcome, Receipt)}
    _step(session, [waiting[each] for each in done], ReviewState.ACCEPTED, note=note, actor=actor, now=now)
    await session.flush()
    return [_accepted(each, locked.get(each), credited.get(each)) for each in review_ids]


async def refuse(
    session: AsyncSession,
    programme_id: UUID,
    review_ids: Sequence[UUID],
    *,
    note: str,
    actor: str,
    now: datetime,
    claim_secret: bytes | None = None,
) -> list[Decided]:
    """Refuse open reviews; each resident is told, and reads the note. One outcome each, in order.

    Receipts that were claimed can be claimed by others again; `claim_secret` is what their codes were made under.
    """
    locked = await queries.lock_reviews(session, programme_id, review_ids)
    waiting = [review for review in locked.values() if review.state == ReviewState.OPEN]
    refused = {review.review_id for review in waiting}
    _step(session, waiting, ReviewState.REFUSED, note=note, actor=actor, now=now)
    await session.flush()
    claims = {each.review_id: sale for each in waiting if (sale := claim_of(each)) is not None}
    released = (
        await release(session, programme_id, claims, secret=claim_secret, now=now) if claim_secret else frozenset()
    )
    await _tell(session, programme_id, waiting, note, now)
    return [
        Decided(each, ReviewState.REFUSED, released=each in released)
        if each in refused
        else _undecided(each, locked.get(each))
        for each in review_ids
    ]


async def reopen(
    session: AsyncSession,
    programme_id: UUID,
    review_id: UUID,
    *,
    note: str,
    actor: str,
    now: datetime,
    claim_secret: bytes | None = None,
) -> Shown:
    """Open a refused review again, so that it can be decided anew.

    A receipt that was given back when its claim was refused is taken for the resident again, as much of it as was not
    brought back since; `claim_secret` is what its code was made under.

    Raises:
        NotFoundError: when the programme has no such review.
        StateConflictError: when it is not refused, or the receipt it claimed was given back and is somebody else's now.
    """
    review = await _locked(session, programme_id, review_id)
    if review.state != ReviewState.REFUSED:
        raise StateConflictError(_NOT_TO_REOPEN[ReviewState(review.state)])
    claim = claim_of(review)
    if claim is not None:
        rulebook = await read_rulebook(session, programme_id)
        left = await take_again(session, rulebook, review_id, claim, secret=claim_secret, now=now)
        if left != claim:
            review.quantity, review.evidence = left.quantity, stored(left)
    review.appealed_at = None
    review.state = ReviewState.OPEN
    session.add(_new_step(review, "reopened", note=note, actor=actor, now=now))
    await session.flush()
    return await show(session, programme_id, review_id)


async def appeal(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, review_id: UUID, *, note: str, now: datetime
) -> Shown:
    """Note that a resident asks to look again at what was refused; operators find it among the appeals.

    Raises:
        NotFoundError: when the resident has no such review.
        StateConflictError: when it is not refused, or the resident has asked before.
    """
    review = await _locked(session, programme_id, review_id)
    if review.resident_id != resident_id:
        raise NotFoundError("You have no review with this id.")
    if review.state != ReviewState.REFUSED:
        raise StateConflictError(_NOT_TO_APPEAL[ReviewState(review.state)])
    if review.appealed_at is not None:
        raise StateConflictError("You have asked for this; somebody will look at it.")
    review.appealed_at = now
    session.add(_new_step(review, "appealed", note=note, actor=f"resident:{resident_id}", now=now))
    await session.flush()
    return await show(session, programme_id, review_id)


async def notes_of(session: AsyncSession, programme_id: UUID, review_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the operator's last note about each review that one decided, for its resident."""
    return await queries.last_notes(session, programme_id, review_ids)


async def _locked(session: AsyncSession, programme_id: UUID, review_id: UUID) -> Review:
    found = await queries.lock_reviews(session, programme_id, [review_id])
    if review_id not in found:
        raise NotFoundError("No review has this id.")
    return found[review_id]


def _step(
    session: AsyncSession, reviews: Sequence[Review], state: ReviewState, *, note: str, actor: str, now: datetime
) -> None:
    for review in reviews:
        review.state = state
        session.add(_new_step(review, _STATES[state], note=note, actor=actor, now=now))


async def _tell(session: AsyncSession, programme_id: UUID, refused: Sequence[Review], note: str, now: datetime) -> None:
    told = [NewNotice(each.resident_id, 0, 0, 0, 0, about_id=each.review_id) for each in refused]
    await notices.tell(session, programme_id, Subject(NoticeKind.REVIEW, None, note, note), told, now=now)


def _new_step(review: Review, kind: str, *, note: str, actor: str, now: datetime) -> ReviewStep:
    return ReviewStep(
        programme_id=review.programme_id,
        step_id=new_id(),
        review_id=review.review_id,
        kind=kind,
        actor=actor,
        note=note,
        recorded_at=now,
    )


def _accepted(review_id: UUID, review: Review | None, outcome: Receipt | Refusal | None) -> Decided:
    match outcome:
        case Receipt():
            return Decided(review_id, ReviewState.ACCEPTED, outcome, None if review is None else review.receipt_id)
        case Refusal():
            problem = (
                f"This can not be credited: {outcome.reason}. {outcome.detail} Refuse it, or mend the cause first."
            )
            return Decided(review_id, ReviewState.OPEN, problem=problem)
    return _undecided(review_id, review)


def _undecided(review_id: UUID, review: Review | None) -> Decided:
    if review is None:
        return Decided(review_id, None, problem="No review has this id.")
    state = ReviewState(review.state)
    remedy = {ReviewState.REFUSED: " Reopen it.", ReviewState.ACCEPTED: " A clawback takes back what was credited."}
    return Decided(review_id, state, problem=f"This was {_STATES[state]} before.{remedy.get(state, '')}")
