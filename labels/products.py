"""Organizations, categories and products: who and what the registry knows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels.errors import InvalidRecordError
from labels.product_rows import COMPARED, ProductRow, compared, product_row
from labels.quantities import FunctionalUnit, net_content_micro
from labels.queries import run
from labels.registrations import (
    Batch,
    NewCategory,
    NewProduct,
    Registered,
    Rejected,
    Result,
    Role,
    Unchanged,
    number_fault,
    other_values,
    texts_fault,
    unit_fault,
)
from labels.revisions import Change, write_revisions
from labels.tables import Category, Organization, Product
from labels.writes import insert, insert_columns

_GTIN: Final = attrgetter("gtin")
CATEGORIES: Final = text("""
    SELECT id, name_zh, name_en, functional_unit, parent_id, plausible_low_mg, plausible_high_mg FROM category
    WHERE id = ANY(CAST(:ids AS varchar[]))
""")
_TOLERATED_PERCENT: Final = 1
"""How far a given content may lie from the printed one: rounding, not another pack."""
_RECKONED: Final = ("category_id", "net_content_micro")
_ORGANIZATIONS: Final = text("SELECT id FROM organization WHERE id = ANY(CAST(:ids AS uuid[]))")
_PRODUCTS: Final = text("""
    SELECT gtin, name_zh, name_en, brand, maker_id, category_id, pack, net_content_micro, model, registered_by_id,
        EXISTS (SELECT FROM footprint AS f WHERE f.gtin = product.gtin)
            OR EXISTS (SELECT FROM certificate AS c WHERE c.gtin = product.gtin)
    FROM product WHERE gtin = ANY(CAST(:gtins AS varchar[]))
""")
_LOCKED: Final = text(f"{_PRODUCTS.text} ORDER BY gtin FOR NO KEY UPDATE")
_AMEND: Final = text("""
    UPDATE product AS p SET name_zh = n.name_zh, name_en = n.name_en, brand = n.brand, maker_id = n.maker_id,
        category_id = n.category_id, pack = n.pack, net_content_micro = n.net_content_micro, model = n.model,
        updated_at = :now
    FROM unnest(CAST(:gtins AS varchar[]), CAST(:name_zh AS varchar[]), CAST(:name_en AS varchar[]),
        CAST(:brand AS varchar[]), CAST(:maker_id AS uuid[]), CAST(:category_id AS varchar[]), CAST(:pack AS varchar[]),
        CAST(:net_content_micro AS bigint[]), CAST(:model AS varchar[]))
        AS n (gtin, name_zh, name_en, brand, maker_id, category_id, pack, net_content_micro, model)
    WHERE p.gtin = n.gtin
""")


async def register_organization(
    session: AsyncSession, *, name_zh: str, name_en: str, roles: Iterable[str], now: datetime
) -> Organization:
    """Register an organization under a new id.

    Raises:
        InvalidRecordError: when a name or a role can not be used.
    """
    wanted = sorted(set(roles))
    fault = texts_fault(("name_zh", name_zh), ("name_en", name_en))
    if not wanted or not set(wanted) <= set(Role):
        fault = Rejected("roles", f"must be one or more of {', '.join(Role)}.")
    if fault is not None:
        raise InvalidRecordError(f"{fault.field} {fault.reason}", field=fault.field)
    made = Organization(id=new_id(), name_zh=name_zh, name_en=name_en, roles=",".join(wanted), created_at=now)
    session.add(made)
    await session.flush()
    return made


async def register_categories(session: AsyncSession, rows: Sequence[NewCategory]) -> list[Result]:
    """Register categories; a parent must be registered before, or stand earlier in the batch."""
    batch = Batch(len(rows))
    wanted = {row.id for row in rows} | {row.parent_id for row in rows if row.parent_id}
    known = {row[0]: NewCategory(*row) for row in await run(session, CATEGORIES, {"ids": sorted(wanted)})}
    fresh: list[NewCategory] = []
    for place, row in enumerate(rows):
        fault = _category_fault(row, known)
        if fault is not None:
            batch.answer(place, fault)
        elif row.id in known:
            other = Rejected("id", f"{row.id} is registered already with other values.")
            batch.answer(place, Unchanged(row.id) if known[row.id] == row else other)
        else:
            known[row.id] = row
            fresh.append(row)
            batch.answer(place, Registered(row.id))
    await insert(session, Category, [{name: getattr(row, name) for name in _CATEGORY_FIELDS} for row in fresh])
    return batch.results()


_CATEGORY_FIELDS: Final = tuple(NewCategory.__dataclass_fields__)


def _category_fault(row: NewCategory, known: dict[str, NewCategory]) -> Rejected | None:
    if row.parent_id is not None and row.parent_id not in known:
        return Rejected("parent_id", f"{row.parent_id} is not registered; register the parent first.")
    low, high = row.plausible_low_mg, row.plausible_high_mg
    if low is not None and high is not None and low > high:
        return Rejected("plausible_low_mg", f"must not be above plausible_high_mg, {high}.")
    return (
        texts_fault(("id", row.id), ("name_zh", row.name_zh), ("name_en", row.name_en))
        or unit_fault(row.functional_unit, None)
        or number_fault("plausible_low_mg", low)
        or number_fault("plausible_high_mg", high)
    )


async def register_products(
    session: AsyncSession,
    rows: Sequence[NewProduct],
    *,
    now: datetime,
    amend: bool = False,
    actor: str = "",
    reason: str = "",
) -> list[Result]:
    """Register products under their GTINs. With `amend`, one registered with other values takes the new ones.

    Only the organization that registered it may amend it, or staff, whose rows name no organization. Each change is
    written down with `actor` and `reason`.
    """
    checked = [product_row(row) for row in rows]
    return await register_rows(session, checked, now=now, amend=amend, actor=actor, reason=reason)


async def register_rows(
    session: AsyncSession,
    rows: Sequence[ProductRow | Rejected],
    *,
    now: datetime,
    amend: bool = False,
    actor: str = "",
    reason: str = "",
) -> list[Result]:
    """Register products that were checked by themselves; what was rejected then stays so.

    Of several rows of one product the first is registered; a later one with other values amends it or is rejected.
    """
    checked = await _made(session, await _categorised(session, rows))
    first = {row.gtin: row for row in reversed(checked) if isinstance(row, ProductRow)}
    new = await _insert(session, [first[gtin] for gtin in sorted(first)], now)
    if len(new) == len(checked):
        return [Registered(gtin) for gtin in map(_GTIN, checked)]
    results: list[Result] = []
    later: list[tuple[int, ProductRow]] = []
    for place, row in enumerate(checked):
        if isinstance(row, Rejected):
            results.append(row)
            continue
        if row.gtin in new:
            new.discard(row.gtin)
        else:
            later.append((place, row))
        results.append(Registered(row.gtin))
    if later:
        gtins: dict[str, object] = {"gtins": sorted({row.gtin for _, row in later})}
        found = await run(session, _LOCKED if amend else _PRODUCTS, gtins)
        standing = {each[0]: tuple(each[1:-2]) for each in found}
        owners = {each[0]: (each[-2], each[-1]) for each in found}
        amended = _changes(results, later, dict(standing), owners, amend=amend)
        if amended:
            await _amend(session, amended, now)
            changes = [_change(standing[gtin], amended[gtin]) for gtin in sorted(amended)]
            await write_revisions(session, changes, actor=actor, reason=reason, now=now)
    return results


def _change(before: tuple[object, ...], row: ProductRow) -> Change:
    both = zip(COMPARED, before, compared(row), strict=True)
    return Change(row.gtin, {name: (old, new) for name, old, new in both if old != new}, row.registered_by_id)


def _changes(
    results: list[Result],
    rows: Sequence[tuple[int, ProductRow]],
    standing: dict[str, tuple[object, ...]],
    owners: dict[str, tuple[UUID | None, bool]],
    *,
    amend: bool,
) -> dict[str, ProductRow]:
    """Answer rows of products that stand already, and return those that are to take new values."""
    amended: dict[str, ProductRow] = {}
    for place, given in rows:
        before = standing[given.gtin]
        row = given if given.model else given._replace(model=str(before[-1]))
        values = compared(row)
        if before == values:
            results[place] = Unchanged(row.gtin)
        elif amend:
            refused = _unamendable(row, before, owners[row.gtin])
            if refused is None:
                standing[row.gtin], amended[row.gtin] = values, row
            else:
                results[place] = refused
        else:
            results[place] = other_values("gtin", row.gtin, COMPARED, before, values)
    return amended


def _unamendable(row: ProductRow, before: Sequence[object], owner: tuple[UUID | None, bool]) -> Rejected | None:
    """Return why an organization may not change a product so, if it may not; staff may.

    What its footprint was examined in and what a unit's saving is reckoned from stay as they were: else a figure that
    one category keeps apart for review could be registered in another and moved.
    """
    if row.registered_by_id is None:
        return None
    by_id, figured = owner
    if row.registered_by_id != by_id:
        theirs = f"{row.gtin} was registered by another organization; only it or the programme's staff may change it."
        return Rejected("gtin", theirs, taken=True)
    values = zip(COMPARED, before, compared(row), strict=True)
    changed = [name for name, old, new in values if name in _RECKONED and old is not None and old != new]
    if figured and changed:
        reason = f"of {row.gtin} is what its footprint or certificate rests on; ask the programme's staff to change it."
        return Rejected(changed[0], reason, taken=True)
    return None


async def _categorised(session: AsyncSession, rows: Sequence[ProductRow | Rejected]) -> Sequence[ProductRow | Rejected]:
    """Return the rows, each with its content read from the pack size where its category says what that is counted in.

    One whose category is not registered is rejected.
    """
    ids = {row.category_id for row in rows if isinstance(row, ProductRow) and row.category_id is not None}
    if not ids:
        return rows
    units = {row[0]: row[3] for row in await run(session, CATEGORIES, {"ids": sorted(ids)})}
    return [_counted(row, units) for row in rows]


async def _made(session: AsyncSession, rows: Sequence[ProductRow | Rejected]) -> Sequence[ProductRow | Rejected]:
    """Return the rows; one whose maker is no registered organization is rejected."""
    ids = {row.maker_id for row in rows if isinstance(row, ProductRow) and row.maker_id is not None}
    if not ids:
        return rows
    known = {row[0] for row in await run(session, _ORGANIZATIONS, {"ids": sorted(ids)})}
    unknown = Rejected("maker_id", "must be a registered organization.")
    return [unknown if isinstance(row, ProductRow) and row.maker_id in ids - known else row for row in rows]


def _counted(row: ProductRow | Rejected, units: dict[str, str]) -> ProductRow | Rejected:
    if isinstance(row, Rejected) or row.category_id is None:
        return row
    unit = units.get(row.category_id)
    if unit is None:
        return Rejected("category_id", f"{row.category_id} is not registered; register the category first.")
    printed = net_content_micro(row.pack, FunctionalUnit(unit)) if row.pack else None
    if row.net_content_micro is None:
        return row._replace(net_content_micro=printed)
    return _contradicted(row, row.net_content_micro, printed, unit) or row


def _contradicted(row: ProductRow, given: int, printed: int | None, unit: str) -> Rejected | None:
    """Return why a given content can not be: the pack's own print says another, and savings are counted by it.

    Items are not held against their pack: that one item is sold is a rule, not what the pack says.
    """
    if printed is None or unit == FunctionalUnit.ITEM or 100 * abs(given - printed) <= _TOLERATED_PERCENT * printed:
        return None
    says = f"must agree with pack: {given} was given, but {row.pack} is {printed} millionths of a {unit}"
    return Rejected("net_content_micro", f"{says}; correct one of them, or leave net_content_micro out.")


async def _insert(session: AsyncSession, rows: Sequence[ProductRow], now: datetime) -> set[str]:
    """Insert rows, sorted by GTIN, and return the GTINs that were new."""
    if not rows:
        return set()
    columns: dict[str, Sequence[object]] = dict(zip(ProductRow._fields, zip(*rows, strict=True), strict=True))
    times = (now,) * len(rows)
    return await insert_columns(session, Product, columns | {"created_at": times, "updated_at": times})


async def _amend(session: AsyncSession, amended: dict[str, ProductRow], now: datetime) -> None:
    rows = [amended[gtin] for gtin in sorted(amended)]
    columns = {name: [getattr(row, name) for row in rows] for name in COMPARED}
    await run(session, _AMEND, {"gtins": sorted(amended), "now": now, **columns})
