"""From what was reported to what it is worth, before caps and budgets: a candidate, or a refusal. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from labels.errors import InvalidCodeError
from labels.gtin import parse_code
from labels.savings import Basis, Obstacle, ProductFacts, Saving, basis_on, saving
from points.earning.activities import Evidence, Kind, Reason, Refusal, Sale, Scan
from points.programmes.policy import PolicyVersion, Rate, Rulebook, Terms


@dataclass(frozen=True, slots=True)
class Candidate:
    """An activity that is worth something, with everything its receipt will name."""

    resident_id: UUID
    retailer_id: UUID | None
    kind: Kind
    gtin: str
    category_id: str | None
    quantity: int
    effective_at: datetime
    day: date
    basis: Basis
    saving: Saving
    policy: PolicyVersion
    rate: Rate


@dataclass(frozen=True, slots=True)
class Identified:
    """Reported evidence with the product it is about, the programme's day of it, and the key that makes it once."""

    evidence: Evidence
    gtin: str
    day: date
    key: str

    def told_apart_by(self) -> tuple[object, ...]:
        """Return what must be the same for a second report under the key to be the same report.

        When exactly a scan was made does not matter: its key names the day.
        """
        if isinstance(self.evidence, Scan):
            return (self.evidence.resident_id, self.gtin)
        return (self.evidence.resident_id, self.gtin, self.evidence.quantity, self.evidence.effective_at.timestamp())


def identify(evidence: Evidence, time_zone: str) -> Identified | Refusal:
    """Return which product the code means, or that it can mean none."""
    try:
        code = parse_code(evidence.code, evidence.symbology if isinstance(evidence, Scan) else None)
    except InvalidCodeError as error:
        return Refusal(Reason.INVALID_CODE, str(error))
    if code.gtin is None or not code.can_carry_label:
        detail = f"{evidence.code!r} is not in a range of trade items; no product can be certified there."
        return Refusal(Reason.CANNOT_CARRY_LABEL, detail)
    day = evidence.effective_at.astimezone(ZoneInfo(time_zone)).date()
    return Identified(evidence, code.gtin, day, _key(evidence, code.gtin, day))


def appraise(
    identified: Identified,
    *,
    rulebook: Rulebook,
    facts: Mapping[str, ProductFacts],
    present: Collection[UUID],
    now: datetime,
) -> Candidate | Refusal:
    """Return what the evidence is worth by the rules and registry facts of its own day, or why it is worth nothing."""
    evidence, gtin = identified.evidence, identified.gtin
    policy, rate = rulebook.policy_at(evidence.effective_at), rulebook.rate_at(evidence.effective_at)
    if policy is None or rate is None:
        return Refusal(Reason.NO_RULES_YET, "The programme had no policy and rate in force at that time.")
    if (refusal := _untimely(evidence, policy.terms, now) or _uncountable(evidence, policy.terms)) is not None:
        return refusal
    resident_id = evidence.resident_id
    if resident_id is None or resident_id not in present:
        return _nobody(evidence)
    if gtin not in facts:
        return Refusal(Reason.UNKNOWN_PRODUCT, f"No product is registered under {gtin}.")
    kind, evidence_bp = _tier(evidence, policy.terms)
    quantity = evidence.quantity if isinstance(evidence, Sale) else 1
    worked_out = _saving(facts[gtin], identified.day, policy.terms, quantity, evidence_bp)
    if isinstance(worked_out, Obstacle):
        return Refusal(Reason(worked_out.reason), worked_out.detail)
    basis, saved = worked_out
    return Candidate(
        resident_id=resident_id,
        retailer_id=evidence.retailer_id if isinstance(evidence, Sale) else None,
        kind=kind,
        gtin=gtin,
        category_id=facts[gtin].category_id,
        quantity=quantity,
        effective_at=evidence.effective_at,
        day=identified.day,
        basis=basis,
        saving=saved,
        policy=policy,
        rate=rate,
    )


def _saving(
    facts: ProductFacts, day: date, terms: Terms, quantity: int, evidence_bp: int
) -> tuple[Basis, Saving] | Obstacle:
    basis = basis_on(facts, day, terms.schemes, terms.certifiers)
    if isinstance(basis, Obstacle):
        return basis
    saved = saving(basis, quantity=quantity, evidence_bp=evidence_bp)
    return saved if isinstance(saved, Obstacle) else (basis, saved)


def _untimely(evidence: Evidence, terms: Terms, now: datetime) -> Refusal | None:
    if evidence.effective_at > now + timedelta(minutes=terms.clock_skew_minutes):
        return Refusal(Reason.IN_FUTURE, "The time lies in the future; set the device's clock and report again.")
    days = terms.scan_backdating_days if isinstance(evidence, Scan) else terms.backdating_days
    if evidence.effective_at < now - timedelta(days=days):
        detail = f"The programme takes such reports for {days} days; this one is older."
        return Refusal(Reason.TOO_OLD, detail)
    return None


def _uncountable(evidence: Evidence, terms: Terms) -> Refusal | None:
    if not isinstance(evidence, Sale):
        return None
    most = terms.caps.units_per_activity
    if evidence.quantity < 0:
        return Refusal(Reason.RETURNS_NOT_ACCEPTED, "Returns are not taken here yet; the points stay as they are.")
    if evidence.quantity == 0:
        return Refusal(Reason.NO_QUANTITY, "quantity must be at least 1.")
    if evidence.quantity > most:
        return Refusal(Reason.TOO_MANY_UNITS, f"More than {most} units in one line is no household purchase.")
    return None


def _nobody(evidence: Evidence) -> Refusal:
    if isinstance(evidence, Sale) and evidence.member_code is None:
        return Refusal(Reason.ANONYMOUS, "The sale names no member; it earns nothing until a resident claims it.")
    return Refusal(Reason.UNKNOWN_MEMBER, "Nobody in the programme has this member code.")


def _tier(evidence: Evidence, terms: Terms) -> tuple[Kind, int]:
    if isinstance(evidence, Sale):
        return Kind.SALE, terms.sale_evidence_bp
    return Kind.SCAN, terms.scan_evidence_bp


def sale_key(retailer_id: UUID, receipt: str, line: int) -> str:
    """Return the key of a sale line, under which it is credited once and found again when it is returned."""
    return f"sale:{retailer_id}:{receipt}:{line}"


def _key(evidence: Evidence, gtin: str, day: date) -> str:
    """Return what makes the activity once, whoever reports it and however often."""
    if isinstance(evidence, Sale):
        return sale_key(evidence.retailer_id, evidence.receipt, evidence.line)
    return f"scan:{evidence.resident_id}:{gtin}:{day}"
