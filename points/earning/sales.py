"""Sales as retailers report them: codes become residents, lines become evidence, anonymous ones can be claimed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points import ledger
from points.earning.activities import Claimable, Held, Outcome, Reason, Receipt, Refusal, Sale, SaleLine
from points.earning.appraisals import Identified, identify
from points.earning.credits import record
from points.earning.evidence.anonymous_lines import AnonymousLine
from points.earning.evidence.anonymous_sales import keep, standing, take
from points.earning.evidence.claim_codes import claim_code
from points.earning.strangers import STRANGERS
from points.programmes.policy import Rulebook
from points.programmes.queries import rulebook as read_rulebook
from points.residents.recognition import Fault, Shown, TillKeys, recognise

Reported = tuple[UUID, SaleLine]
Anonymous = tuple[AnonymousLine, Identified]

_ANONYMOUS: Final = "The sale names no member. Print claim_code on the receipt: whoever has it can claim the sale."
_DIFFERENTLY: Final = Refusal(
    Reason.REPORTED_DIFFERENTLY, "This line was reported before with another product, quantity or time; that stands."
)
_CREDITED: Final = Refusal(
    Reason.REPORTED_DIFFERENTLY, "This line was credited before to the member who showed a code; that stands."
)
_CLAIMED: Final = Refusal(Reason.ALREADY_CREDITED, "A resident has claimed this sale with its receipt.")
_RETURNED: Final = Refusal(Reason.ALREADY_RETURNED, "All of this line was brought back before it named a member.")


async def record_sales(
    session: AsyncSession,
    programme_id: UUID,
    retailer_id: UUID,
    lines: Sequence[SaleLine],
    *,
    keys: TillKeys,
    now: datetime,
) -> list[Outcome]:
    """Credit the lines of one retailer; return a receipt or a refusal for each, in order.

    Raises:
        UnknownProgrammeError: when there is no such programme.
    """
    return await record_reported(session, programme_id, [(retailer_id, line) for line in lines], keys=keys, now=now)


async def record_reported(
    session: AsyncSession, programme_id: UUID, reported: Sequence[Reported], *, keys: TillKeys, now: datetime
) -> list[Outcome]:
    """Credit lines, each with the retailer who reports it; return a receipt or a refusal for each, in order.

    A line without a code is kept and refused as `Claimable`. It can still be credited: to the resident who claims it
    with its receipt, or to the member whose code the till sends later, whoever is first. The number of statements does
    not depend on the number of lines.

    Raises:
        StateConflictError: when an anonymous line that names a member now was claimed, or some of it was brought back,
            at this very moment. Try again.
        UnknownProgrammeError: when there is no such programme.
    """
    if not reported:
        return []
    rulebook = await read_rulebook(session, programme_id)
    meant = await _meant(session, rulebook, reported, keys)
    codes = _claim_codes(programme_id, reported, keys.claims)
    kept = await standing(session, programme_id, codes.values())
    earlier = [kept.get((codes[retailer_id, line.receipt], line.line)) for retailer_id, line in reported]
    judged = [
        _judged(_sale(each, who), who, before, rulebook.time_zone)
        for each, who, before in zip(reported, meant, earlier, strict=True)
    ]
    sales = [each for each in judged if isinstance(each, Sale)]
    known = {each for each in meant if isinstance(each, UUID)}
    recorded = iter(await record(session, programme_id, sales, now=now, unit_secret=keys.units, known=known))
    outcomes = [
        _told(next(recorded), before) if isinstance(each, Sale) else each
        for each, before in zip(judged, earlier, strict=True)
    ]
    await take(session, programme_id, _taken(judged, outcomes, earlier), now=now)
    places = [place for place, each in enumerate(outcomes) if _is_new(each)]
    anonymous = [_anonymous(reported[place], codes, rulebook) for place in places]
    for place, answer in zip(places, await _keep(session, programme_id, anonymous, now), strict=True):
        outcomes[place] = answer
    return outcomes


async def _meant(
    session: AsyncSession, rulebook: Rulebook, reported: Sequence[Reported], keys: TillKeys
) -> list[UUID | Fault | None]:
    """Return for each line whom its code means; None where there is none."""
    shown = [
        None if line.member_code is None else Shown(retailer_id, line.member_code, line.sold_at)
        for retailer_id, line in reported
    ]
    recognised = await recognise(session, rulebook, {each for each in shown if each is not None}, keys)
    return [None if each is None else recognised[each] for each in shown]


def _judged(sale: Sale, meant: UUID | Fault | None, earlier: AnonymousLine | None, time_zone: str) -> Sale | Refusal:
    """Return what is to be recorded of a line, or what becomes of it by its code, or as it was anonymous before."""
    if isinstance(meant, Fault) and meant is not Fault.UNKNOWN:  # what else is wrong is told before that
        return STRANGERS[meant]
    if earlier is None or sale.quantity < 0 or meant is Fault.UNKNOWN:
        return sale
    identified = identify(sale, time_zone)
    if isinstance(identified, Refusal):
        return identified
    if not earlier.says(identified.gtin, sale.quantity, sale.effective_at):
        return _DIFFERENTLY
    return _again(sale, earlier)


def _again(sale: Sale, earlier: AnonymousLine) -> Sale | Refusal:
    """Return what becomes of an anonymous line that is reported again, perhaps with a member now."""
    if sale.resident_id is None:
        return Claimable(Reason.ANONYMOUS, _ANONYMOUS, earlier.claim_code)
    if earlier.claimed_by not in {None, sale.resident_id}:
        return _CLAIMED
    if earlier.returned == earlier.quantity:
        return _RETURNED
    return replace(sale, quantity=sale.quantity - earlier.returned, returned=earlier.returned)


def _told(outcome: Outcome, earlier: AnonymousLine | None) -> Outcome:
    """Return what the till is told; that an anonymous line was claimed at this very moment is no other report of it."""
    differs = isinstance(outcome, Refusal) and outcome.reason is Reason.REPORTED_DIFFERENTLY
    return _CLAIMED if differs and earlier is not None else outcome


def _taken(
    judged: Sequence[Sale | Refusal], outcomes: Sequence[Outcome], earlier: Sequence[AnonymousLine | None]
) -> dict[AnonymousLine, UUID]:
    """Return the anonymous lines that became a member's, so that nothing can be brought back of them as anonymous."""
    return {
        before: sale.resident_id
        for sale, outcome, before in zip(judged, outcomes, earlier, strict=True)
        if isinstance(sale, Sale) and sale.resident_id is not None and sale.quantity > 0
        if before is not None and before.claimed_by is None and isinstance(outcome, Receipt | Held)
    }


def _anonymous(reported: Reported, codes: Mapping[tuple[UUID, str], str], rulebook: Rulebook) -> Anonymous:
    """Return a line as it is kept, and what it was identified as. It was found to have a product already."""
    retailer_id, line = reported
    identified = identify(_sale(reported, None), rulebook.time_zone)
    assert isinstance(identified, Identified)
    code = codes[retailer_id, line.receipt]
    kept = AnonymousLine(
        claim_code=code,
        line=line.line,
        retailer_id=retailer_id,
        receipt=line.receipt,
        code=line.code,
        gtin=identified.gtin,
        quantity=line.quantity,
        sold_at=line.sold_at,
        serial=identified.serial,
    )
    return kept, identified


def _is_new(outcome: Outcome) -> bool:
    """Tell whether a line is anonymous and not known to be kept."""
    if not isinstance(outcome, Refusal) or isinstance(outcome, Claimable):
        return False
    return outcome.reason is Reason.ANONYMOUS


async def _keep(
    session: AsyncSession, programme_id: UUID, anonymous: Sequence[Anonymous], now: datetime
) -> list[Refusal]:
    """Keep what was never credited, and return what the till is told of each line."""
    if not anonymous:
        return []
    # Nothing is claimed here: a hash that fits nothing only asks whether the key is in use.
    in_use = await ledger.find(session, programme_id, [ledger.KeyUse(each.key, b"") for _, each in anonymous])
    free = [each for each, used in zip(anonymous, in_use, strict=True) if used is None]
    kept = await keep(session, programme_id, [line for line, _ in free], now=now) if free else {}
    return [
        _kept(line, kept[line.key]) if used is None else _CREDITED
        for (line, _), used in zip(anonymous, in_use, strict=True)
    ]


def _kept(line: AnonymousLine, stands: AnonymousLine) -> Refusal:
    if stands.says(line.gtin, line.quantity, line.sold_at):
        return Claimable(Reason.ANONYMOUS, _ANONYMOUS, line.claim_code)
    return _DIFFERENTLY


def _claim_codes(programme_id: UUID, reported: Sequence[Reported], secret: bytes) -> Mapping[tuple[UUID, str], str]:
    receipts = {(retailer_id, line.receipt) for retailer_id, line in reported}
    return {each: claim_code(programme_id, *each, secret) for each in receipts}


def _sale(reported: Reported, meant: UUID | Fault | None) -> Sale:
    retailer_id, line = reported
    return Sale(
        retailer_id=retailer_id,
        receipt=line.receipt,
        line=line.line,
        member_code=line.member_code,
        resident_id=None if isinstance(meant, Fault) else meant,
        code=line.code,
        quantity=line.quantity,
        effective_at=line.sold_at,
    )
