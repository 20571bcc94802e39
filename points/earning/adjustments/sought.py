"""What goods that came back were sold as: receipts of residents, or a line of an anonymous sale."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points import ledger
from points.earning.activities import Refusal
from points.earning.adjustments.return_lines import Goods, ReturnLine, longest_window, unit_sold
from points.earning.adjustments.return_queries import Wanted, sold_to
from points.earning.adjustments.values import Done
from points.earning.appraisals import UnitKey, sale_key
from points.earning.evidence import unit_claims
from points.earning.evidence.anonymous_sales import AnonymousLine, standing
from points.earning.evidence.claim_codes import claim_code
from points.earning.evidence.units import BROUGHT_BACK, NOBODY, Unit, absence
from points.earning.strangers import STRANGERS
from points.programmes.policy import Rulebook
from points.residents.recognition import Fault, Shown, TillKeys, recognise

ReportedReturn = tuple[UUID, ReturnLine]
"""A retailer and a line it reports."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A line with the claim that makes it once, its product, and what it may be of.

    `sales` are receipts, or the id a held sale will have; `anonymous` is a line that no member showed a code for;
    `key` is the label unit that came back with it, where one was made, `unit` what is known of that, `fresh` whether
    its key was claimed now; `stranger` is why the member code means nobody.
    """

    retailer_id: UUID
    line: ReturnLine
    gtin: str
    use: ledger.KeyUse
    sales: tuple[UUID, ...]
    anonymous: AnonymousLine | None
    key: UnitKey | None
    fresh: bool
    unit: Unit | None
    stranger: Refusal | None

    @property
    def label(self) -> UUID | None:
        """What credited the unit on its own, where no sale of it is known."""
        return self.unit.activity_id if self.unit is not None and self.unit.sale_id is None else None

    @property
    def credits(self) -> set[UUID]:
        """Everything it may take something of."""
        return {*self.sales} if self.label is None else {*self.sales, self.label}

    @property
    def named(self) -> set[UUID]:
        """The same, with the sale its unit was known to be of: whoever has the unit is locked."""
        sale_id = self.unit.known_sale_id if self.unit is not None else None
        return self.credits if sale_id is None else {*self.credits, sale_id}

    @property
    def told(self) -> tuple[str, bytes]:
        """What is the same for the same report: its key, and what came with it."""
        return self.use.key, self.use.input_hash


async def seek(
    session: AsyncSession,
    rulebook: Rulebook,
    reported: Mapping[int, ReportedReturn],
    goods: Mapping[int, Goods],
    keys: TillKeys,
) -> dict[int, Sought]:
    """Return what each line may be of, under the same index: what it or its unit names, or what its member bought.

    Units that come back are nobody else's until the commit.
    """
    programme_id = rulebook.programme_id
    named = {index: each for index, each in reported.items() if each[1].bought is not None}
    sold, anonymous = await _named(session, programme_id, named, keys)
    units, fresh, held = await _units(session, programme_id, _unit_keys(reported, goods, anonymous), keys.units)
    # What the line itself does not name is only meant where nothing else is known of it.
    units = {
        index: key
        for index, key in units.items()
        if goods[index].unit is not None or key not in held or held[key].sale_id is None
    }
    known = {index: held[key] for index, key in units.items() if key in held}
    others = {
        index: each
        for index, each in reported.items()
        if index not in named and (index not in known or known[index].is_back or known[index].is_sold_again)
    }
    whose, bought = await _bought(session, rulebook, others, goods, known, keys)
    bought |= {index: _sale_of(each) for index, each in known.items() if index not in named and index not in others}
    return {
        index: Sought(
            retailer_id=retailer_id,
            line=line,
            gtin=goods[index].gtin,
            use=_use(retailer_id, line, goods[index], whose.get(index)),
            sales=sold.get(index) or bought.get(index, ()),
            anonymous=anonymous.get(index),
            key=units.get(index),
            fresh=units.get(index) in fresh,
            unit=known.get(index),
            stranger=STRANGERS[fault] if isinstance(fault := whose.get(index), Fault) else None,
        )
        for index, (retailer_id, line) in reported.items()
    }


def came_back(each: Sought, done: Done) -> list[Unit]:
    """Return the unit that came back, as it is from then on; nothing where its label's credit could not be taken back.

    Where no sale of it is known, something stands for it besides, until one is told that it may have come back of.
    """
    if each.key is None:
        return []
    back_at = each.line.returned_at
    if each.unit is None:
        first = next(iter(done.adjusted), None)
        whose, of = (NOBODY, NOBODY) if first is None else (first.resident_id, first.activity_id)
        return [Unit(each.key, whose, of, 0, back_at, BROUGHT_BACK, back_at=back_at)]
    if each.label is not None and each.label not in {one.activity_id for one in done.adjusted}:
        return []
    of = each.unit.activity_id if each.anonymous is None else NOBODY
    unit = replace(each.unit, activity_id=of, sale_id=BROUGHT_BACK, named=False, effective_at=back_at, back_at=back_at)
    is_alone = each.label is not None and each.line.bought is None
    return [unit, absence(each.unit, each.retailer_id, back_at)] if is_alone else [unit]


def _unit_keys(
    reported: Mapping[int, ReportedReturn], goods: Mapping[int, Goods], anonymous: Mapping[int, AnonymousLine]
) -> dict[int, UnitKey]:
    """Return which unit came back with each line: the one it names, or that of an anonymous line all of which did."""
    units = {index: each.unit for index, each in goods.items() if each.unit is not None}
    for index, sold in anonymous.items():
        if index not in units and (unit := unit_sold(reported[index][1], sold)) is not None:
            units[index] = unit
    return units


async def _units(
    session: AsyncSession, programme_id: UUID, named: Mapping[int, UnitKey], secret: bytes
) -> tuple[dict[int, UnitKey], set[UnitKey], dict[UnitKey, Unit]]:
    """Hold units that were made; return them, those nobody had claimed, and what is known of the others.

    A serial that was never made says nothing.
    """
    made = await unit_claims.made(session, set(named.values()), secret=secret)
    units = {index: unit for index, unit in named.items() if unit in made}
    fresh = await unit_claims.claim_returned(session, programme_id, set(units.values()))
    return units, fresh, await unit_claims.standing(session, programme_id, set(units.values()))


async def _named(
    session: AsyncSession, programme_id: UUID, named: Mapping[int, ReportedReturn], keys: TillKeys
) -> tuple[dict[int, tuple[UUID, ...]], dict[int, AnonymousLine]]:
    """Return what was credited under the sales' own keys, and what was kept for whoever has the receipt."""
    places = {
        index: (retailer_id, line.bought) for index, (retailer_id, line) in named.items() if line.bought is not None
    }
    if not places:
        return {}, {}
    # Nothing is claimed here: a hash that fits nothing only asks what the key has led to.
    uses = [ledger.KeyUse(sale_key(retailer_id, each.receipt, each.line), b"") for retailer_id, each in places.values()]
    found = await ledger.find(session, programme_id, uses)
    sold: dict[int, tuple[UUID, ...]] = {
        index: (claimed.entry_id,)
        for index, claimed in zip(places, found, strict=True)
        if claimed is not None and claimed.entry_id is not None
    }
    codes = {
        index: (claim_code(programme_id, retailer_id, each.receipt, keys.claims), each.line)
        for index, (retailer_id, each) in places.items()
        if index not in sold
    }
    kept = await standing(session, programme_id, [code for code, _ in codes.values()]) if codes else {}
    return sold, {index: kept[key] for index, key in codes.items() if key in kept}


async def _bought(
    session: AsyncSession,
    rulebook: Rulebook,
    others: Mapping[int, ReportedReturn],
    goods: Mapping[int, Goods],
    known: Mapping[int, Unit],
    keys: TillKeys,
) -> tuple[dict[int, UUID | Fault], dict[int, tuple[UUID, ...]]]:
    """Return whose goods came back where the line names no sale, and which sales of the product they had there.

    A unit that came back before can only be of a sale since.
    """
    shown = {
        index: Shown(retailer_id, line.member_code, line.returned_at)
        for index, (retailer_id, line) in others.items()
        if line.member_code is not None
    }
    if not shown:
        return {}, {}
    recognised = await recognise(session, rulebook, set(shown.values()), keys)
    meant = {index: recognised[each] for index, each in shown.items()}
    members = {index: who for index, who in meant.items() if isinstance(who, UUID)}
    window = longest_window(rulebook)
    wanted = [
        Wanted(
            resident_id=who,
            retailer_id=shown[index].retailer_id,
            gtin=goods[index].gtin,
            since=_since(shown[index].sold_at - window, known.get(index)),
            until=shown[index].sold_at,
        )
        for index, who in members.items()
    ]
    found = await sold_to(session, rulebook.programme_id, wanted)
    return meant, {index: tuple(ids) for index, ids in zip(members, found, strict=True)}


def _since(moment: datetime, unit: Unit | None) -> datetime:
    return moment if unit is None else max(moment, unit.effective_at)


def _sale_of(unit: Unit) -> tuple[UUID, ...]:
    return () if unit.known_sale_id is None else (unit.known_sale_id,)


def _use(retailer_id: UUID, line: ReturnLine, goods: Goods, who: UUID | Fault | None) -> ledger.KeyUse:
    digest = ledger.input_hash(retailer_id, line.receipt, line.line).hex()
    # Whose the goods were is asked, or not, by what is known of their unit, which changes; the unit itself does not.
    resident_id = who if isinstance(who, UUID) and goods.serial is None else None
    serial = () if goods.serial is None else (goods.serial,)
    told = (goods.gtin, line.quantity, line.returned_at.timestamp(), line.bought, resident_id, *serial)
    return ledger.KeyUse(f"return:{digest}", ledger.input_hash(*told), new_id())
