"""Edits of products that are registered: only what is given changes, and only who registered it or staff may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.errors import InvalidCodeError
from labels.gtin import parse_code
from labels.products import register_products
from labels.queries import run
from labels.registrations import Batch, NewProduct, Rejected, Result, text_fault

EDITABLE: Final = ("name_zh", "name_en", "brand", "model", "maker_id", "category_id", "pack", "net_content_micro")

_EDITED: Final = text("""
    SELECT gtin, name_zh, name_en, brand, model, maker_id, category_id, pack, net_content_micro FROM product
    WHERE gtin = ANY(CAST(:gtins AS varchar[])) ORDER BY gtin FOR NO KEY UPDATE
""")


@dataclass(frozen=True, slots=True)
class Edit:
    """New values for some of EDITABLE. `by_id` is the organization that asks, None when staff does."""

    gtin: str
    values: Mapping[str, Any]
    by_id: UUID | None


async def edit_products(
    session: AsyncSession, edits: Sequence[Edit], *, actor: str, reason: str = "", now: datetime
) -> list[Result]:
    """Change products, one edit each, and write down who changed what: a fixed number of statements.

    A new pack size, or a new category, is read again for the content of one unit unless the edit gives that too.
    """
    batch = Batch(len(edits))
    keys = [_key(edit.gtin) for edit in edits]
    gtins: dict[str, object] = {"gtins": sorted({key for key in keys if key is not None})}
    known = {row[0]: dict(zip(EDITABLE, row[1:], strict=True)) for row in await run(session, _EDITED, gtins)}
    places: list[int] = []
    rows: list[NewProduct] = []
    for place, (edit, key) in enumerate(zip(edits, keys, strict=True)):
        before = known.get(key or "")
        fault = _fault(edit, before, reason)
        if fault is not None or before is None:
            batch.answer(place, fault or Rejected("gtin", "is not registered."))
            continue
        places.append(place)
        rows.append(NewProduct(gtin=key or "", registered_by_id=edit.by_id, **_edited(before, edit.values)))
    made = await register_products(session, rows, now=now, amend=True, actor=actor, reason=reason)
    for place, result in zip(places, made, strict=True):
        batch.answer(place, result)
    return batch.results()


def _key(gtin: str) -> str | None:
    try:
        return parse_code(gtin).gtin
    except InvalidCodeError:
        return None


def _fault(edit: Edit, before: Mapping[str, Any] | None, reason: str) -> Rejected | None:
    if before is None:
        return Rejected("gtin", f"{edit.gtin[:40]} is not registered.")
    if unknown := sorted(set(edit.values) - set(EDITABLE)):
        return Rejected(unknown[0], f"can not be edited; {', '.join(EDITABLE)} can.")
    return text_fault("reason", reason, required=False)


def _edited(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    reread = {"pack", "category_id"} & set(values) and "net_content_micro" not in values
    return {**before, **({"net_content_micro": None} if reread else {}), **values}
