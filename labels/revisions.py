"""Who changed what in a product, and when: written with every change, whichever way it came, and never altered."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels.queries import run

_WRITE: Final = text("""
    INSERT INTO product_revision (id, gtin, changes, organization_id, actor, reason, recorded_at)
    SELECT n.id, n.gtin, CAST(n.changes AS jsonb), n.organization_id, :actor, :reason, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:gtins AS varchar[]), CAST(:changes AS text[]),
        CAST(:organizations AS uuid[])) AS n (id, gtin, changes, organization_id)
""")
_OF: Final = text("""
    SELECT r.id, r.recorded_at, r.changes, r.organization_id, o.name_zh, o.name_en, r.reason
    FROM product_revision AS r LEFT JOIN organization AS o ON o.id = r.organization_id
    WHERE r.gtin = :gtin AND (CAST(:before AS uuid) IS NULL OR r.id < :before) ORDER BY r.id DESC LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Change:
    """What is about to change in one product: field -> its value before and after."""

    gtin: str
    fields: Mapping[str, tuple[object, object]]
    organization_id: UUID | None


@dataclass(frozen=True, slots=True)
class Revision:
    """A change that was made. Without an organization, staff made it."""

    id: UUID
    recorded_at: datetime
    changes: Mapping[str, Any]
    organization_id: UUID | None
    name_zh: str | None
    name_en: str | None
    reason: str


async def write_revisions(
    session: AsyncSession, changes: Sequence[Change], *, actor: str, reason: str, now: datetime
) -> None:
    """Write down changes in one statement, in the database transaction that makes them."""
    parameters = {
        "ids": [new_id() for _ in changes],
        "gtins": [each.gtin for each in changes],
        "changes": [json.dumps(dict(each.fields), default=str, ensure_ascii=False) for each in changes],
        "organizations": [each.organization_id for each in changes],
        "actor": actor,
        "reason": reason,
        "now": now,
    }
    await run(session, _WRITE, dict(parameters))


async def revisions_of(
    session: AsyncSession, gtin: str, *, before: UUID | None = None, limit: int = 50
) -> list[Revision]:
    """Return the changes of a product, newest first, older than `before`."""
    rows = await run(session, _OF, {"gtin": gtin, "before": before, "limit": limit})
    return [Revision(*row) for row in rows]
