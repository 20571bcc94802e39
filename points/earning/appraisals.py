"""From what was reported to what it is worth, before caps and budgets: a candidate, or a refusal. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from core.values import unguarded
from labels.errors import InvalidCodeError
from labels.gtin import parse_code
from labels.savings import Obstacle, Saving, saving
from labels.units.serials import code_of
from points.earning.activities import Evidence, Kind, Reason, Refusal, Sale, Scan
from points.earning.bases import Bases, CitedBasis
from points.earning.keys import UnitKey, sale_key, scan_key, unit_key
from points.programmes.policy import PolicyVersion, Rate, Rulebook, Terms

NOBODY: Final = Refusal(Reason.UNKNOWN_MEMBER, "Nobody in the programme has this member code.")


@unguarded
@dataclass(frozen=True, slots=True)
class Candidate:
    """An activity that is worth something, with everything its receipt will name.

    `serial` names the one unit of a scanned label, or one of the units of a sale. `matched` are units of a sale that
    were credited before it; their grams are not in its saving any more.
    """

    resident_id: UUID
    retailer_id: UUID | None
    kind: Kind
    gtin: str
    category_id: str | None
    quantity: int
    effective_at: datetime
    day: date
    cited: CitedBasis
    saving: Saving
    policy: PolicyVersion
    rate: Rate
    serial: str | None = None
    matched: tuple[UUID, ...] = ()

    @property
    def unit(self) -> UnitKey | None:
        """The unit it names, if any."""
        return None if self.serial is None else (self.gtin, self.serial)

    @property
    def maturity_days(self) -> int:
        """How long its points are pending: the longer, the less the evidence proves."""
        return maturity_days(self.kind, self.policy.terms)


@unguarded
@dataclass(frozen=True, slots=True)
class Identified:
    """Reported evidence with the product it is about, the programme's day of it, and the key that makes it once.

    `serial` has the shape of a label unit's; only its series tells whether there is such a unit.
    """

    evidence: Evidence
    gtin: str
    day: date
    key: str
    serial: str | None = None

    @property
    def unit(self) -> UnitKey | None:
        """The unit its code names, if any."""
        return None if self.serial is None else (self.gtin, self.serial)

    @property
    def is_unit(self) -> bool:
        """Whether it is the scan of a label unit: what is once is the unit then."""
        return self.serial is not None and isinstance(self.evidence, Scan)

    def told_apart_by(self) -> tuple[object, ...]:
        """Return what must be the same for a second report under the key to be the same report.

        When exactly a scan was made does not matter: its key names the day. A unit is the same whoever scans it: the
        unit's own row tells whose it is.
        """
        if self.is_unit:
            return (self.gtin, self.serial)
        if isinstance(self.evidence, Scan):
            return (self.evidence.resident_id, self.gtin)
        return (self.evidence.resident_id, self.gtin, self.evidence.quantity, self.evidence.effective_at.timestamp())


def identify(evidence: Evidence, time_zone: str, *, serials: bool = True) -> Identified | Refusal:
    """Return which product the code means, and with `serials` which unit of it, or that it can mean none.

    A serial that does not have the shape of ours is its maker's own affair, and says nothing here; nor does that of a
    line of which something came back before it was anybody's: which unit is left, nobody knows.
    """
    try:
        code = parse_code(evidence.code, evidence.symbology if isinstance(evidence, Scan) else None)
    except InvalidCodeError as error:
        return Refusal(Reason.INVALID_CODE, str(error))
    if code.gtin is None or not code.can_carry_label:
        detail = f"{evidence.code!r} is not in a range of trade items; no product can be certified there."
        return Refusal(Reason.CANNOT_CARRY_LABEL, detail)
    day = evidence.effective_at.astimezone(ZoneInfo(time_zone)).date()
    serials = serials and not (isinstance(evidence, Sale) and evidence.returned)
    serial = code.serial if serials and code.serial is not None and code_of(code.serial) is not None else None
    return Identified(evidence, code.gtin, day, _key(evidence, code.gtin, day, serial), serial)


def appraise(
    identified: Identified,
    *,
    rulebook: Rulebook,
    bases: Bases,
    present: Collection[UUID],
    units: Mapping[UnitKey, str | None],
    now: datetime,
) -> Candidate | Refusal:
    """Return what the evidence is worth by the rules and registry facts of its own day, or why it is worth nothing.

    `units` are those that were made, each with the reason for which its series was revoked, if it was. A sale that
    names another one is a sale all the same, of some unit.
    """
    evidence, gtin = identified.evidence, identified.gtin
    policy, rate = rulebook.policy_at(evidence.effective_at), rulebook.rate_at(evidence.effective_at)
    if policy is None or rate is None:
        return Refusal(Reason.NO_RULES_YET, "The programme had no policy and rate in force at that time.")
    if (refusal := _unfit(identified, policy.terms, units, now)) is not None:
        return refusal
    resident_id = evidence.resident_id
    if resident_id is None or resident_id not in present:
        return _nobody(evidence)
    if gtin not in bases.facts:
        return Refusal(Reason.UNKNOWN_PRODUCT, f"No product is registered under {gtin}.")
    serial = identified.serial if _genuine(identified, units) else None
    return _candidate(identified, resident_id, bases, policy, rate, serial)


def _candidate(
    identified: Identified, resident_id: UUID, bases: Bases, policy: PolicyVersion, rate: Rate, serial: str | None
) -> Candidate | Refusal:
    """Return what timely evidence of somebody who is there is worth, or what keeps its product from earning."""
    evidence, gtin = identified.evidence, identified.gtin
    kind, evidence_bp = _tier(identified, policy.terms)
    worked_out = _saving(bases, identified, policy, evidence_bp)
    if isinstance(worked_out, Obstacle):
        return Refusal(Reason(worked_out.reason), worked_out.detail)
    cited, saved = worked_out
    return Candidate(
        resident_id=resident_id,
        retailer_id=evidence.retailer_id if isinstance(evidence, Sale) else None,
        kind=kind,
        gtin=gtin,
        category_id=bases.facts[gtin].category_id,
        quantity=saved.quantity,
        effective_at=evidence.effective_at,
        day=identified.day,
        cited=cited,
        saving=saved,
        policy=policy,
        rate=rate,
        serial=serial,
    )


def without(candidate: Candidate, units: int) -> Candidate:
    """Return a candidate worth what is left of it when some of its units, not all, are not there."""
    quantity = candidate.quantity - units
    saved = saving(candidate.cited.basis, quantity=quantity, evidence_bp=candidate.saving.evidence_bp)
    assert not isinstance(saved, Obstacle), "more of it saved something"
    return replace(candidate, quantity=quantity, saving=saved)


def _saving(
    bases: Bases, identified: Identified, policy: PolicyVersion, evidence_bp: int
) -> tuple[CitedBasis, Saving] | Obstacle:
    evidence = identified.evidence
    quantity = evidence.quantity if isinstance(evidence, Sale) else 1
    cited = bases.on(identified.gtin, identified.day, policy)
    if isinstance(cited, Obstacle):
        return cited
    saved = saving(cited.basis, quantity=quantity, evidence_bp=evidence_bp)
    return saved if isinstance(saved, Obstacle) else (cited, saved)


def _unfit(identified: Identified, terms: Terms, units: Mapping[UnitKey, str | None], now: datetime) -> Refusal | None:
    evidence = identified.evidence
    return _untimely(evidence, terms, now) or _uncountable(evidence, terms) or _not_made(identified, units)


def _untimely(evidence: Evidence, terms: Terms, now: datetime) -> Refusal | None:
    if evidence.effective_at > now + timedelta(minutes=terms.clock_skew_minutes):
        return Refusal(Reason.IN_FUTURE, "The time lies in the future; set the device's clock and report again.")
    if isinstance(evidence, Sale) and evidence.claimed:
        return None  # it was in time when it was reported, and the window of claims is its own
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
        return Refusal(
            Reason.RETURNS_NOT_ACCEPTED,
            "Send what came back, with a quantity above 0, to /v1/returns or in a file of kind returns; until then the "
            "points stay as they are.",
        )
    if evidence.quantity == 0:
        return Refusal(Reason.NO_QUANTITY, "quantity must be at least 1.")
    if evidence.quantity > most:
        return Refusal(Reason.TOO_MANY_UNITS, f"More than {most} units in one line is no household purchase.")
    return None


def _nobody(evidence: Evidence) -> Refusal:
    if isinstance(evidence, Sale) and evidence.member_code is None:
        return Refusal(Reason.ANONYMOUS, "The sale names no member; it earns nothing until a resident claims it.")
    return NOBODY


def _genuine(identified: Identified, units: Mapping[UnitKey, str | None]) -> bool:
    unit = identified.unit
    return unit is not None and unit in units and units[unit] is None


def _not_made(identified: Identified, units: Mapping[UnitKey, str | None]) -> Refusal | None:
    """Return why a scanned label is no evidence of a unit, if it is none."""
    unit = identified.unit
    if unit is None or not identified.is_unit or _genuine(identified, units):
        return None
    remedy = "The product's plain code still tells what it saves."
    if unit not in units:
        return Refusal(Reason.UNIT_NOT_GENUINE, f"No label was made with this serial for this product. {remedy}")
    detail = f"The series of this label was revoked: {units[unit]}. Keep the till's receipt. {remedy}"
    return Refusal(Reason.UNIT_REVOKED, detail)


def _tier(identified: Identified, terms: Terms) -> tuple[Kind, int]:
    evidence = identified.evidence
    if isinstance(evidence, Sale):
        return (
            (Kind.CLAIMED, terms.claimed_sale_evidence_bp) if evidence.claimed else (Kind.SALE, terms.sale_evidence_bp)
        )
    return (Kind.UNIT, terms.unit_evidence_bp) if identified.is_unit else (Kind.SCAN, terms.scan_evidence_bp)


def maturity_days(kind: Kind, terms: Terms) -> int:
    """Return how long points are pending by the evidence they were credited for."""
    match kind:
        case Kind.SALE:
            return terms.maturity_days
        case Kind.SCAN:
            return terms.scan_maturity_days
        case Kind.UNIT:
            return terms.unit_maturity_days
        case Kind.CLAIMED:
            return terms.claimed_maturity_days


def _key(evidence: Evidence, gtin: str, day: date, serial: str | None) -> str:
    """Return what makes the activity once, whoever reports it and however often."""
    if isinstance(evidence, Sale):
        return sale_key(evidence.retailer_id, evidence.receipt, evidence.line)
    if serial is not None:
        return unit_key((gtin, serial))
    return scan_key(evidence.resident_id, gtin, day)
