"""From what an operator names to what an order is about: everything named has to be there, and to fit."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from labels.certificates import EventFact, Status, status_on
from labels.listings import certificate, events_of, organization
from labels.queries import facts_by_ids
from labels.savings import COMPARED, BaselineFact, FootprintFact
from points import ledger
from points.earning.clawbacks.queries import gtins_of, known_residents
from points.earning.clawbacks.values import Scope
from points.earning.keys import sale_key
from points.earning.queries import activities
from points.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line of a till's receipt."""

    receipt: str
    line: int


@dataclass(frozen=True, slots=True)
class OfCertificate:
    """Everything credited on a certificate from a day on, until another if there is one."""

    certificate_number: str
    from_day: date
    until_day: date | None = None


@dataclass(frozen=True, slots=True)
class OfRetailer:
    """What a retailer sold from a time until another, or only some lines of receipts of it."""

    retailer_id: UUID
    from_at: datetime
    until_at: datetime
    lines: tuple[ReceiptLine, ...] = ()


@dataclass(frozen=True, slots=True)
class OfFigures:
    """What was worked out with figures found wrong, each with the right one, or with None to take all of it back."""

    footprints: Mapping[UUID, UUID | None] = field(default_factory=dict)
    baselines: Mapping[UUID, UUID | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfFraud:
    """Everything of some residents, or what they did until a time, and single activities."""

    resident_ids: tuple[UUID, ...] = ()
    activity_ids: tuple[UUID, ...] = ()
    until_at: datetime | None = None


Wanted = OfCertificate | OfRetailer | OfFigures | OfFraud


async def scope_of(session: AsyncSession, programme_id: UUID, wanted: Wanted) -> Scope:
    """Return what an order is about.

    Raises:
        InvalidInputError: when something named is not there or does not fit; the detail says what to do.
    """
    match wanted:
        case OfCertificate():
            return await _of_certificate(session, wanted)
        case OfRetailer():
            return await _of_retailer(session, programme_id, wanted)
        case OfFigures():
            return await _of_figures(session, wanted)
        case OfFraud():
            return await _of_fraud(session, programme_id, wanted)


async def _of_certificate(session: AsyncSession, wanted: OfCertificate) -> Scope:
    """Return what a certificate that does not hold had earned: one that holds would go on to earn."""
    found = await certificate(session, wanted.certificate_number)
    if found is None:
        raise InvalidInputError("No certificate has this number.", field="certificate_number")
    if wanted.until_day is not None and wanted.until_day <= wanted.from_day:
        raise InvalidInputError("until_day is the first day left alone; it lies after from_day.", field="until_day")
    events = [
        EventFact(each.kind, each.effective_on, each.recorded_at, each.valid_until)
        for each in await events_of(session, found.id)
    ]
    turns = {wanted.from_day, found.valid_from, *(each.effective_on for each in events)}
    until_day = wanted.until_day or date.max
    for day in sorted(each for each in turns if wanted.from_day <= each < until_day):
        if status_on(events, found.valid_from, found.valid_until, day) is Status.VALID:
            raise _still_valid(day, wanted.from_day)
    return Scope(certificate_id=found.id, from_day=wanted.from_day, until_day=wanted.until_day)


def _still_valid(day: date, from_day: date) -> InvalidInputError:
    if day == from_day:
        return InvalidInputError(
            f"The register says that the certificate is valid on {day}. Have its certifier record the suspension or "
            "the withdrawal with that day first, else it goes on to earn.",
            field="from_day",
        )
    return InvalidInputError(
        f"The register says that the certificate is valid on {day}, so what it earned from then on is right. Let "
        "until_day be that day or an earlier one.",
        field="until_day",
    )


async def _of_retailer(session: AsyncSession, programme_id: UUID, wanted: OfRetailer) -> Scope:
    if await organization(session, wanted.retailer_id) is None:
        raise InvalidInputError("No organization has this id.", field="retailer_id")
    if wanted.until_at <= wanted.from_at:
        raise InvalidInputError("until_at is the first moment left alone; it lies after from_at.", field="until_at")
    uses = [ledger.KeyUse(sale_key(wanted.retailer_id, each.receipt, each.line), b"") for each in wanted.lines]
    found = await ledger.find(session, programme_id, uses) if uses else []
    ids = {each.entry_id for each in found if each is not None and each.entry_id is not None}
    there = await activities(session, programme_id, ids) if ids else {}
    for line, claimed in zip(wanted.lines, found, strict=True):
        sold = there.get(claimed.entry_id) if claimed is not None and claimed.entry_id is not None else None
        if sold is None or not wanted.from_at <= sold.effective_at < wanted.until_at:
            raise InvalidInputError(
                f"Line {line.line} of receipt {line.receipt} credited nothing between these times; leave it out.",
                field="lines",
            )
    return Scope(
        retailer_id=wanted.retailer_id,
        from_at=wanted.from_at,
        until_at=wanted.until_at,
        activity_ids=tuple(sorted(there)),
    )


async def _of_figures(session: AsyncSession, wanted: OfFigures) -> Scope:
    if not wanted.footprints and not wanted.baselines:
        raise InvalidInputError("Name at least one footprint or baseline.", field="footprints")
    footprints, baselines = _named(wanted.footprints), _named(wanted.baselines)
    cited = await facts_by_ids(session, footprints, baselines, ())
    _require(cited.footprints, wanted.footprints, "footprints")
    _require(cited.baselines, wanted.baselines, "baselines")
    gtins = await gtins_of(session, footprints)
    for wrong_id, right_id in wanted.footprints.items():
        if right_id is not None and gtins[wrong_id] != gtins[right_id]:
            raise InvalidInputError(f"{right_id} is another product's footprint than {wrong_id}.", field="footprints")
    return Scope(footprints=dict(wanted.footprints), baselines=dict(wanted.baselines))


def _named(pairs: Mapping[UUID, UUID | None]) -> set[UUID]:
    return {each for pair in pairs.items() for each in pair if each is not None}


def _require(
    facts: Mapping[UUID, FootprintFact] | Mapping[UUID, BaselineFact], pairs: Mapping[UUID, UUID | None], named: str
) -> None:
    """Refuse figures that are not there, and right ones that can not stand for the wrong ones."""
    for wrong_id, right_id in pairs.items():
        missing = next((each for each in (wrong_id, right_id) if each is not None and each not in facts), None)
        if missing is not None:
            raise InvalidInputError(f"The registry has no {named[:-1]} {missing}.", field=named)
        if right_id is None:
            continue
        wrong, right = facts[wrong_id], facts[right_id]
        if right_id in pairs:
            raise InvalidInputError(f"{right_id} is itself named as wrong; name a figure that is right.", field=named)
        if isinstance(right, FootprintFact) and right.quarantined:
            raise InvalidInputError(f"The footprint {right_id} is not accepted; have it reviewed first.", field=named)
        fields = ("category_id", *COMPARED) if isinstance(right, BaselineFact) else COMPARED
        differing = [name for name in fields if getattr(wrong, name) != getattr(right, name)]
        if differing:
            raise InvalidInputError(
                f"{right_id} can not stand for {wrong_id}: they differ in {', '.join(differing)}.", field=named
            )


async def _of_fraud(session: AsyncSession, programme_id: UUID, wanted: OfFraud) -> Scope:
    if not wanted.resident_ids and not wanted.activity_ids:
        raise InvalidInputError("Name at least one resident or activity.", field="resident_ids")
    known = await known_residents(session, programme_id, wanted.resident_ids)
    _require_there(wanted.resident_ids, known, "resident_ids")
    there = await activities(session, programme_id, wanted.activity_ids) if wanted.activity_ids else {}
    _require_there(wanted.activity_ids, there.keys(), "activity_ids")
    return Scope(
        resident_ids=tuple(sorted(set(wanted.resident_ids))),
        activity_ids=tuple(sorted(set(wanted.activity_ids))),
        until_at=wanted.until_at,
    )


def _require_there(named: Sequence[UUID], there: Collection[UUID], field_name: str) -> None:
    missing = next((each for each in named if each not in there), None)
    if missing is not None:
        raise InvalidInputError(f"The programme has none with the id {missing}.", field=field_name)
