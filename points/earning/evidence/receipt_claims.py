"""A resident claims an anonymous sale with the code on the till's receipt: once, and by the rules of the sale's day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points import ledger
from points.earning.activities import Held, Outcome, Reason, Receipt, Refusal, Sale
from points.earning.clawbacks.revocations import paused
from points.earning.credits import record
from points.earning.evidence.anonymous_lines import AnonymousLine
from points.earning.evidence.anonymous_sales import standing, take
from points.earning.evidence.claim_codes import normalized
from points.earning.evidence.refused_claims import (
    claimable_until,
    give_up,
    receipt_key,
    refused_before,
    reviewed,
)
from points.earning.guards.tables import ReviewState
from points.errors import NotFoundError, ReceiptAlreadyClaimedError
from points.ledger import ClaimState
from points.programmes.policy import Rulebook
from points.programmes.queries import rulebook as read_rulebook

_UNKNOWN: Final = "No receipt can be claimed with this code; check it against the till's receipt."
_UNDER_REVIEW: Final = (
    "Somebody else's claim of this receipt is being reviewed by the programme. If it is refused, the receipt can be "
    "claimed again, and the days of the review are added to your time: try again tomorrow."
)


@dataclass(frozen=True, slots=True)
class ClaimedLine:
    """What became of one line of the receipt."""

    line: int
    gtin: str
    quantity: int
    outcome: Outcome


async def claim(
    session: AsyncSession,
    programme_id: UUID,
    resident_id: UUID,
    claim_code: str,
    *,
    now: datetime,
    unit_secret: bytes | None = None,
) -> list[ClaimedLine]:
    """Credit the lines of an anonymous receipt to a resident, and return what became of each.

    Whoever claims a receipt first has it; asked again, they get the same receipts, and lines that the till sent later.
    A line that was credited meanwhile, to a member whose code came after all, is refused. The claims of the sales' own
    keys decide that, so it makes no difference who is first. Where guards refused all of it, it is nobody's again at
    once; whoever was refused is told the same again, and only an operator can take that back.

    Raises:
        NotFoundError: when no receipt has this code.
        ReceiptAlreadyClaimedError: when somebody else has claimed it.
        StateConflictError: when something of it was brought back at this very moment. Try again.
        UnknownProgrammeError: when there is no such programme.
    """
    code = normalized(claim_code)
    if code is None:
        raise NotFoundError(_UNKNOWN)
    # The key comes before the lines are read: whoever asks twice at once reads what the first request left.
    use = ledger.KeyUse(receipt_key(code), ledger.input_hash(resident_id))
    [claimed] = await ledger.claim(session, programme_id, [use])
    lines = list((await standing(session, programme_id, [code])).values())
    if claimed.state is ClaimState.CONFLICT:
        under_review = await reviewed(session, programme_id, lines, {ReviewState.OPEN})
        raise ReceiptAlreadyClaimedError(_UNDER_REVIEW if under_review else None)
    if not lines:
        raise NotFoundError(_UNKNOWN)
    rulebook = await read_rulebook(session, programme_id)
    before = await refused_before(session, rulebook, resident_id, lines)
    refused = before | await _late(session, rulebook, [each for each in lines if each.line not in before], now)
    wanted = [each for each in lines if each.line not in refused]
    sales = [_sale(each, resident_id) for each in wanted]
    recorded = await record(session, programme_id, sales, now=now, unit_secret=unit_secret)
    outcomes = {each.line: _told(outcome) for each, outcome in zip(wanted, recorded, strict=True)}
    told = refused | outcomes
    nobodys = claimed.state is ClaimState.FRESH and _is_nobodys(lines, told.values())
    stopped = [each for each in wanted if _is_stopped(outcomes[each.line])]
    if not (nobodys and await give_up(session, rulebook, code, stopped, again=bool(before))):
        fresh = [each for each in wanted if each.claimed_by is None and _is_kept(outcomes[each.line])]
        await take(session, programme_id, dict.fromkeys(fresh, resident_id), now=now)
    return [ClaimedLine(each.line, each.gtin, each.quantity, told[each.line]) for each in lines]


async def _late(
    session: AsyncSession, rulebook: Rulebook, lines: Collection[AnonymousLine], now: datetime
) -> dict[int, Refusal]:
    """Return why lines can not be claimed now; what orders kept out is judged as if they had not stood."""
    refused = [each for each in lines if _unclaimable(each, rulebook, now) is not None]
    out = await paused(session, rulebook.programme_id, refused, now)
    judged = {each.line: _unclaimable(each, rulebook, now - out[each.line]) for each in refused}
    return {line: refusal for line, refusal in judged.items() if refusal is not None}


def _unclaimable(line: AnonymousLine, rulebook: Rulebook, moment: datetime) -> Refusal | None:
    """Return why a line can not be claimed at a moment; what was claimed in time may be asked for at any time."""
    if line.returned == line.quantity:
        return Refusal(Reason.ALREADY_RETURNED, "All of it was brought back to the retailer.")
    policy = rulebook.policy_at(line.sold_at)
    if line.claimed_by is not None or policy is None or moment <= claimable_until(line, policy.terms):
        return None
    detail = (
        f"A receipt can be claimed for {policy.terms.claim_days} days after the purchase; show your code next time."
    )
    return Refusal(Reason.CLAIM_WINDOW_OVER, detail)


def _sale(line: AnonymousLine, resident_id: UUID) -> Sale:
    return Sale(
        retailer_id=line.retailer_id,
        receipt=line.receipt,
        line=line.line,
        member_code=None,
        resident_id=resident_id,
        code=line.code,
        quantity=line.quantity - line.returned,
        effective_at=line.sold_at,
        claimed=True,
        returned=line.returned,
    )


def _told(outcome: Outcome) -> Outcome:
    """Return what a claimant is told: that the sale's key is in use under another name means a member was credited."""
    if isinstance(outcome, Refusal) and outcome.reason is Reason.REPORTED_DIFFERENTLY:
        detail = "The till has credited this line to the member who showed a code; it can not be claimed any more."
        return Refusal(Reason.ALREADY_CREDITED, detail)
    return outcome


def _is_nobodys(lines: Collection[AnonymousLine], told: Collection[Outcome]) -> bool:
    """Tell whether nothing of a receipt is anybody's, and nothing of it was credited or held now."""
    return all(each.claimed_by is None for each in lines) and not any(isinstance(it, Receipt | Held) for it in told)


def _is_stopped(outcome: Outcome) -> bool:
    return isinstance(outcome, Refusal) and outcome.reason is Reason.REFUSED_BY_GUARD


def _is_kept(outcome: Outcome) -> bool:
    """Tell whether a line is the claimant's: what is merely worth nothing to them can be brought back as before."""
    return isinstance(outcome, Receipt | Held) or _is_stopped(outcome)
