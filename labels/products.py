"""Organizations, categories and products: who and what the registry knows."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels.errors import InvalidCodeError, InvalidRecordError
from labels.gtin import parse_code, require_labelled
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
    text_fault,
    texts_fault,
    unit_fault,
)
from labels.tables import Category, Organization, Product
from labels.writes import insert

CATEGORIES: Final = text("""
    SELECT id, name_zh, name_en, functional_unit, parent_id, plausible_low_mg, plausible_high_mg FROM category
    WHERE id = ANY(CAST(:ids AS varchar[]))
""")
_PRODUCTS: Final = text("""
    SELECT gtin, name_zh, name_en, brand, maker_id, category_id, pack, net_content_micro FROM product
    WHERE gtin = ANY(CAST(:gtins AS varchar[]))
""")
_AMEND: Final = text("""
    UPDATE product AS p SET name_zh = n.name_zh, name_en = n.name_en, brand = n.brand, maker_id = n.maker_id,
        category_id = n.category_id, pack = n.pack, net_content_micro = n.net_content_micro, updated_at = :now
    FROM unnest(CAST(:gtins AS varchar[]), CAST(:name_zh AS varchar[]), CAST(:name_en AS varchar[]),
        CAST(:brand AS varchar[]), CAST(:maker_id AS uuid[]), CAST(:category_id AS varchar[]), CAST(:pack AS varchar[]),
        CAST(:net_content_micro AS bigint[]))
        AS n (gtin, name_zh, name_en, brand, maker_id, category_id, pack, net_content_micro)
    WHERE p.gtin = n.gtin
""")
_COMPARED: Final = ("name_zh", "name_en", "brand", "maker_id", "category_id", "pack", "net_content_micro")


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
    session: AsyncSession, rows: Sequence[NewProduct], *, now: datetime, amend: bool = False
) -> list[Result]:
    """Register products under their GTINs. With `amend`, one registered with other values takes the new ones."""
    batch = Batch(len(rows))
    sound = await _sound_products(session, rows, batch)
    gtins = sorted({row.gtin for _, row in sound})
    known = {row[0]: tuple(row[1:]) for row in await run(session, _PRODUCTS, {"gtins": gtins})}
    fresh: dict[str, tuple[int, NewProduct]] = {}
    amended: dict[str, NewProduct] = {}
    for place, row in sound:
        values = tuple(getattr(row, name) for name in _COMPARED)
        before = known.setdefault(row.gtin, values)
        if before is values:
            fresh[row.gtin] = (place, row)
        elif before == values:
            batch.answer(place, Unchanged(row.gtin))
        elif amend and row.gtin not in fresh:
            amended[row.gtin] = row
            batch.answer(place, Registered(row.gtin))
        else:
            batch.answer(place, other_values("gtin", row.gtin, _COMPARED, before, values))
    new = await insert(session, Product, [_product_row(fresh[gtin][1], now) for gtin in sorted(fresh)])
    for gtin, (place, _) in fresh.items():
        raced = Rejected("gtin", f"{gtin} was registered by somebody else at this moment; send it again.")
        batch.answer(place, Registered(gtin) if gtin in new else raced)
    await _amend(session, amended, now)
    return batch.results()


async def _sound_products(
    session: AsyncSession, rows: Sequence[NewProduct], batch: Batch
) -> list[tuple[int, NewProduct]]:
    """Return the rows that can be kept, with their places; the others are answered."""
    ids = sorted({row.category_id for row in rows if row.category_id is not None})
    units = {row[0]: row[3] for row in await run(session, CATEGORIES, {"ids": ids})}
    sound: list[tuple[int, NewProduct]] = []
    for place, row in enumerate(rows):
        checked = _sound_product(row, units)
        if isinstance(checked, Rejected):
            batch.answer(place, checked)
        else:
            sound.append((place, checked))
    return sound


async def _amend(session: AsyncSession, amended: dict[str, NewProduct], now: datetime) -> None:
    if amended:
        rows = [amended[gtin] for gtin in sorted(amended)]
        columns = {name: [getattr(row, name) for row in rows] for name in _COMPARED}
        await run(session, _AMEND, {"gtins": sorted(amended), "now": now, **columns})


def _sound_product(row: NewProduct, units: dict[str, str]) -> NewProduct | Rejected:
    """Return the row with its 14-digit key, both names and its content filled in, or what is wrong with it."""
    try:
        gtin = require_labelled(parse_code(row.gtin))
    except InvalidCodeError as error:
        return Rejected("gtin", str(error))
    name = row.name_zh.strip() or row.name_en.strip()
    fault = (
        text_fault("name_zh", name)
        or texts_fault(("name_en", row.name_en), ("brand", row.brand), ("pack", row.pack), required=False)
        or text_fault("source", row.source, required=False)
        or number_fault("net_content_micro", row.net_content_micro, least=1)
    )
    if fault is not None:
        return fault
    if row.category_id is not None and row.category_id not in units:
        return Rejected("category_id", f"{row.category_id} is not registered; register the category first.")
    content = row.net_content_micro
    if content is None and row.category_id is not None:
        content = net_content_micro(row.pack, FunctionalUnit(units[row.category_id]))
    return replace(row, gtin=gtin, name_zh=name, name_en=row.name_en.strip() or name, net_content_micro=content)


def _product_row(row: NewProduct, now: datetime) -> dict[str, object]:
    values = {name: getattr(row, name) for name in NewProduct.__dataclass_fields__}
    return values | {"created_at": now, "updated_at": now}
