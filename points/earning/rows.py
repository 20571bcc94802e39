"""The same credit as a ledger entry, as a row and as a receipt."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

from core.values import unguarded
from points import ledger
from points.earning.activities import CampaignAward, Cut, Kind, Receipt
from points.earning.appraisals import Candidate
from points.earning.grants import Credit
from points.earning.tables import Activity
from points.ledger import Account, AccountKind, Asset
from points.programmes.expiry import expiry_on
from points.programmes.policy import DrawOrder, Rulebook


@unguarded
@dataclass(frozen=True, slots=True)
class Recorded:
    """The columns of an activity on their way in: a table's instance costs as much as all the rest of a credit."""

    activity_id: UUID
    resident_id: UUID
    basis_id: UUID
    retailer_id: UUID | None
    effective_at: datetime
    saving_grams: int
    grams: int
    points: int
    day: date
    kind: int
    evidence_bp: int
    policy_version: int
    rate_version: int
    quantity: int
    gtin: str
    detail: dict[str, Any] | None
    discoveries: int


def draft_of(credit: Credit, rulebook: Rulebook, now: datetime, *, owes: bool = False) -> ledger.Draft:
    """Return the entry: grams from `issued`, points from each budget, to the resident or to `pending` until mature.

    Points of a resident who owes some are never mature at once: what they owe is paid as points mature.
    """
    candidate, grant = credit.candidate, credit.grant
    matures_at, expires_at = lot_times(candidate, rulebook)
    mature = matures_at <= now and not owes
    resident = Account(AccountKind.RESIDENT, candidate.resident_id)
    receiver = resident if mature else Account(AccountKind.PENDING, candidate.resident_id)
    issued = Account(AccountKind.ISSUED, rulebook.programme_id)
    grams = [ledger.Posting(issued, resident, Asset.GRAMS, grant.grams)] if grant.grams else []
    points = [
        ledger.Posting(Account(AccountKind.BUDGET, payment.budget_id), receiver, Asset.POINTS, payment.points)
        for payment in grant.payments
    ]
    return ledger.Draft(
        entry_id=credit.activity_id,
        kind=ledger.EntryKind.AWARD,
        effective_at=candidate.effective_at,
        postings=(*grams, *points),
        resident_id=candidate.resident_id,
        lot=ledger.LotTerms(grant.points, matures_at, expires_at, mature, _priority(credit)) if grant.points else None,
    )


def priority_of(kind: Kind, order: DrawOrder, *, campaign: bool) -> int:
    """Return when a lot is drawn, lowest first; `campaign` says that campaigns paid for some of its points."""
    if campaign and order.campaign is not None:
        return order.campaign
    match kind:
        case Kind.SALE:
            return order.sale
        case Kind.CLAIMED:
            return order.claimed
        case Kind.UNIT:
            return order.unit
        case Kind.SCAN:
            return order.scan


def _priority(credit: Credit) -> int:
    order = credit.candidate.policy.terms.draw_order
    paid = order.campaign is not None and any(award.points for award in credit.grant.awards)
    return priority_of(credit.candidate.kind, order, campaign=paid)


def lot_times(candidate: Candidate, rulebook: Rulebook) -> tuple[datetime, datetime]:
    """Return when points of a candidate can first be spent, and the first moment they can not any more."""
    matures_at = candidate.effective_at + timedelta(days=candidate.maturity_days)
    return matures_at, expiry_on(candidate.day, candidate.policy.terms.expiry_rule, rulebook.time_zone)


def recorded_of(credit: Credit) -> Recorded:
    """Return the row: what the receipt can not be told without, and nothing that its ids lead to."""
    candidate, grant = credit.candidate, credit.grant
    return Recorded(
        activity_id=credit.activity_id,
        resident_id=candidate.resident_id,
        basis_id=candidate.cited.basis_id,
        retailer_id=candidate.retailer_id,
        effective_at=candidate.effective_at,
        saving_grams=candidate.saving.grams,
        grams=grant.grams,
        points=grant.points,
        day=candidate.day,
        kind=int(candidate.kind),
        evidence_bp=candidate.saving.evidence_bp,
        policy_version=candidate.policy.version,
        rate_version=candidate.rate.version,
        quantity=candidate.quantity,
        gtin=candidate.gtin,
        detail=_detail(credit),
        discoveries=grant.discoveries,
    )


def _detail(credit: Credit) -> dict[str, Any] | None:
    """Return what few activities have: awards, cuts, points that wait and units that were matched."""
    candidate, grant = credit.candidate, credit.grant
    detail: dict[str, Any] = {}
    if grant.awards:
        detail["awards"] = {_short(award.campaign_id): _told(award) for award in grant.awards}
    if grant.cuts:
        detail["cuts"] = [str(cut) for cut in grant.cuts]
    if grant.waiting:
        detail["waiting"] = {str(each.budget_id): each.points for each in grant.waiting}
    if candidate.matched:
        detail["matched"] = [str(each) for each in candidate.matched]
    return detail or None


def receipt_of(
    activity: Activity | Recorded,
    *,
    potential_grams: int | None = None,
    awards: tuple[CampaignAward, ...] | None = None,
    replayed: bool = False,
) -> Receipt:
    """Return the receipt a row tells; `potential_grams` is not in the row, but follows from what it names.

    `awards` spares whoever has them the reading of what the row says of them.
    """
    detail: Mapping[str, Any] = activity.detail or {}
    return Receipt(
        activity_id=activity.activity_id,
        resident_id=activity.resident_id,
        kind=Kind(activity.kind),
        gtin=activity.gtin,
        quantity=activity.quantity,
        effective_at=activity.effective_at,
        day=activity.day,
        potential_grams=potential_grams,
        saving_grams=activity.saving_grams,
        grams=activity.grams,
        points=activity.points,
        awards=_awards(detail.get("awards", {})) if awards is None else awards,
        cuts=tuple(map(Cut, detail.get("cuts", ()))),
        waiting_points=sum(detail["waiting"].values()) if "waiting" in detail else 0,
        matched=tuple(map(UUID, detail.get("matched", ()))),
        replayed=replayed,
    )


def _told(award: CampaignAward) -> int | list[int]:
    """Return what an award wanted, and what was paid of it where that is less."""
    return award.wanted if award.points == award.wanted else [award.wanted, award.points]


def _awards(told: Mapping[str, int | list[int]] | list[dict[str, Any]]) -> tuple[CampaignAward, ...]:
    """Return the awards a row tells; rows of the first releases told them at length."""
    if isinstance(told, list):
        return tuple(CampaignAward(UUID(each["campaign_id"]), each["wanted"], each["points"]) for each in told)
    pairs = [(key, [amount, amount] if isinstance(amount, int) else amount) for key, amount in told.items()]
    return tuple(sorted((CampaignAward(_long(key), *amounts) for key, amounts in pairs), key=attrgetter("campaign_id")))


def _short(identifier: UUID) -> str:
    """Return an id in 22 characters: rows are kept for good."""
    return urlsafe_b64encode(identifier.bytes).rstrip(b"=").decode()


def _long(short: str) -> UUID:
    return UUID(bytes=urlsafe_b64decode(f"{short}=="))
