"""What goods that came back were sold as: receipts of residents, or a line of an anonymous sale."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points import ledger
from points.earning.adjustments.return_lines import Goods, ReturnLine, longest_window, unit_sold
from points.earning.adjustments.return_queries import Wanted, sold_to
from points.earning.adjustments.sought import Sought
from points.earning.evidence import anonymous_sales, unit_claims, unit_stays
from points.earning.evidence.anonymous_lines import AnonymousLine
from points.earning.evidence.anonymous_sales import standing
from points.earning.evidence.claim_codes import claim_code
from points.earning.evidence.units import NOBODY
from points.earning.evidence.whereabouts import Whereabouts
from points.earning.keys import UnitKey, sale_key
from points.earning.strangers import STRANGERS
from points.programmes.policy import Rulebook
from points.residents.recognition import Fault, Shown, TillKeys, recognise

ReportedReturn = tuple[UUID, ReturnLine]
"""A retailer and a line it reports."""


async def seek(
    session: AsyncSession,
    rulebook: Rulebook,
    reported: Mapping[int, ReportedReturn],
    goods: Mapping[int, Goods],
    keys: TillKeys,
) -> dict[int, Sought]:
    """Return what each line may be of, under the same index: what it names, or what its member bought.

    Units that come back are nobody else's until the commit.
    """
    programme_id = rulebook.programme_id
    sold, anonymous = await _named(session, programme_id, reported, keys)
    known, fresh = await _whereabouts(session, programme_id, _unit_keys(reported, goods, anonymous), keys.units)
    # What the line itself does not name is only meant where nothing else is known of it.
    where = {
        index: each
        for index, each in known.items()
        if goods[index].unit is not None or each.unit is None or each.unit.sale_id is None
    }
    whose = await _whose(session, rulebook, reported, keys)
    members = {index: who for index, who in whose.items() if isinstance(who, UUID)}
    bought = await _bought(session, rulebook, reported, goods, where, members)
    others = await _others(session, programme_id, reported, where)
    serials = await _serials(session, programme_id, where, sold, anonymous, keys.units)
    where |= {index: each.but_of(anonymous[index]) for index, each in where.items() if index in anonymous}
    return {
        index: Sought(
            retailer_id=retailer_id,
            line=line,
            gtin=goods[index].gtin,
            use=_use(retailer_id, line, goods[index], whose.get(index)),
            sales=sold.get(index) or bought.get(index, ()),
            guessed=index in members,
            anonymous=anonymous.get(index),
            where=where.get(index),
            fresh=index in where and where[index].key in fresh,
            serials=serials.get(index, frozenset()),
            others=others.get(index, ()),
            stranger=STRANGERS[fault] if isinstance(fault := whose.get(index), Fault) else None,
        )
        for index, (retailer_id, line) in reported.items()
    }


def _unit_keys(
    reported: Mapping[int, ReportedReturn], goods: Mapping[int, Goods], anonymous: Mapping[int, AnonymousLine]
) -> dict[int, UnitKey]:
    """Return which unit came back with each line: the one it names, or that of an anonymous line all of which did."""
    units = {index: each.unit for index, each in goods.items() if each.unit is not None}
    for index, sold in anonymous.items():
        if index not in units and (unit := unit_sold(reported[index][1], sold)) is not None:
            units[index] = unit
    return units


async def _whereabouts(
    session: AsyncSession, programme_id: UUID, named: Mapping[int, UnitKey], secret: bytes
) -> tuple[dict[int, Whereabouts], set[UnitKey]]:
    """Hold units that were made; return what is known of them, and those nobody had claimed.

    A serial that was never made says nothing.
    """
    made = await unit_claims.made(session, set(named.values()), secret=secret)
    units = {unit for unit in named.values() if unit in made}
    fresh = await unit_claims.claim_returned(session, programme_id, units)
    held = await unit_claims.standing(session, programme_id, units)
    stays = await unit_stays.stays(session, programme_id, units)
    lines = await anonymous_sales.naming(session, programme_id, units)
    where = {unit: Whereabouts(unit, held.get(unit), stays.get(unit, ()), tuple(lines.get(unit, ()))) for unit in units}
    return {index: where[unit] for index, unit in named.items() if unit in where}, fresh


async def _named(
    session: AsyncSession, programme_id: UUID, reported: Mapping[int, ReportedReturn], keys: TillKeys
) -> tuple[dict[int, tuple[UUID, ...]], dict[int, AnonymousLine]]:
    """Return what was credited under the sales' own keys, and what was kept for whoever has the receipt."""
    places = {
        index: (retailer_id, line.bought) for index, (retailer_id, line) in reported.items() if line.bought is not None
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


async def _serials(
    session: AsyncSession,
    programme_id: UUID,
    where: Mapping[int, Whereabouts],
    sold: Mapping[int, tuple[UUID, ...]],
    anonymous: Mapping[int, AnonymousLine],
    secret: bytes,
) -> dict[int, frozenset[str]]:
    """Return which made serials were told by the sales that lines name, where a unit is known to have come back."""
    told = await unit_claims.named_by(session, programme_id, {sale for it in where for sale in sold.get(it, ())})
    lines = {
        index: (sale.gtin, sale.serial)
        for index, sale in anonymous.items()
        if index in where and where[index].key[0] == sale.gtin and sale.serial is not None
    }
    made = await unit_claims.made(session, lines.values(), secret=secret)
    kept = {index: frozenset({serial}) for index, (gtin, serial) in lines.items() if (gtin, serial) in made}
    return {index: frozenset(told[sale] for sale in sold.get(index, ()) if sale in told) for index in where} | kept


async def _whose(
    session: AsyncSession, rulebook: Rulebook, reported: Mapping[int, ReportedReturn], keys: TillKeys
) -> dict[int, UUID | Fault]:
    """Return whose goods came back, where lines that name no sale show a member code."""
    shown = {
        index: Shown(retailer_id, line.member_code, line.returned_at)
        for index, (retailer_id, line) in reported.items()
        if line.bought is None and line.member_code is not None
    }
    recognised = await recognise(session, rulebook, set(shown.values()), keys) if shown else {}
    return {index: recognised[each] for index, each in shown.items()}


async def _bought(
    session: AsyncSession,
    rulebook: Rulebook,
    reported: Mapping[int, ReportedReturn],
    goods: Mapping[int, Goods],
    where: Mapping[int, Whereabouts],
    members: Mapping[int, UUID],
) -> dict[int, tuple[UUID, ...]]:
    """Return which sales of the product members had there; a unit that came back before can only be of one since."""
    window = longest_window(rulebook)
    wanted = [
        Wanted(
            resident_id=who,
            retailer_id=reported[index][0],
            gtin=goods[index].gtin,
            since=_since(reported[index][1].returned_at, window, where.get(index)),
            until=reported[index][1].returned_at,
        )
        for index, who in members.items()
    ]
    found = await sold_to(session, rulebook.programme_id, wanted)
    return {index: tuple(ids) for index, ids in zip(members, found, strict=True)}


async def _others(
    session: AsyncSession,
    programme_id: UUID,
    reported: Mapping[int, ReportedReturn],
    where: Mapping[int, Whereabouts],
) -> dict[int, tuple[UUID, ...]]:
    """Return which sales units may have come back of after that, of whoever brought them back without a receipt.

    They are locked with the others, in one order. Asks nothing where no return of the units had to guess.
    """
    wanted = [
        (index, Wanted(stay.resident_id, stay.retailer_id, each.key[0], reported[index][1].returned_at, stay.back_at))
        for index, each in where.items()
        for stay in each.stays
        if stay.guessed and stay.resident_id != NOBODY and reported[index][1].returned_at < stay.back_at
    ]
    found: dict[int, tuple[UUID, ...]] = {}
    sales = await sold_to(session, programme_id, [each for _, each in wanted])
    for (index, _), ids in zip(wanted, sales, strict=True):
        found[index] = (*found.get(index, ()), *ids)
    return found


def _since(moment: datetime, window: timedelta, where: Whereabouts | None) -> datetime:
    back_at = None if where is None else where.back_before(moment)
    return moment - window if back_at is None else max(moment - window, back_at)


def _use(retailer_id: UUID, line: ReturnLine, goods: Goods, who: UUID | Fault | None) -> ledger.KeyUse:
    digest = ledger.input_hash(retailer_id, line.receipt, line.line).hex()
    # Whose the goods were is asked, or not, by what is known of their unit, which changes; the unit itself does not.
    resident_id = who if isinstance(who, UUID) and goods.serial is None else None
    serial = () if goods.serial is None else (goods.serial,)
    told = (goods.gtin, line.quantity, line.returned_at.timestamp(), line.bought, resident_id, *serial)
    return ledger.KeyUse(f"return:{digest}", ledger.input_hash(*told), new_id())
